//! Takes the signature off a request once it is judged, so that no library below judges it again.

use burgward_sigv4::Payload;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Uri, request::Parts};
use http_body::Body as _;

use crate::Body;

const HEADERS: [&str; 5] =
    ["x-amz-security-token", "x-amz-content-sha256", "x-amz-date", "x-amz-decoded-content-length", "x-amz-trailer"];

const PARAMETERS: [&str; 8] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
    "X-Amz-Security-Token",
    "X-Amz-Content-Sha256",
];

/// How long the payload is, where that is known before it is read.
pub(super) fn payload_length(parts: &Parts, payload: Option<&Payload>, body: &Body) -> Option<u64> {
    let number = |name: &str| parts.headers.get(name)?.to_str().ok()?.parse::<u64>().ok();
    match payload {
        Some(Payload::Streaming { .. }) => number("x-amz-decoded-content-length"),
        _ => body.size_hint().exact().or_else(|| number(CONTENT_LENGTH.as_str())),
    }
}

/// Removes what belongs to the signature.
pub(super) fn remove_signature(parts: &mut Parts, payload: Option<&Payload>) {
    parts.headers.remove(AUTHORIZATION);
    for name in HEADERS {
        parts.headers.remove(name);
    }
    if matches!(payload, Some(Payload::Streaming { .. })) {
        parts.headers.remove(TRANSFER_ENCODING);
        parts.headers.remove(CONTENT_LENGTH);
        remove_chunked(&mut parts.headers);
    }
    if parts.uri.query().is_some_and(|query| query.contains("X-Amz-")) {
        remove_parameters(parts);
    }
}

/// `aws-chunked` is the transfer's encoding, not the object's.
fn remove_chunked(headers: &mut HeaderMap) {
    let Some(value) = headers.remove(CONTENT_ENCODING) else { return };
    let text = value.to_str().unwrap_or_default();
    let kept: Vec<_> = text.split(',').map(str::trim).filter(|c| !c.eq_ignore_ascii_case("aws-chunked")).collect();
    if let (false, Ok(value)) = (kept.is_empty(), HeaderValue::from_str(&kept.join(","))) {
        headers.insert(CONTENT_ENCODING, value);
    }
}

fn remove_parameters(parts: &mut Parts) {
    let query = parts.uri.query().unwrap_or("");
    let is_others = |pair: &&str| {
        let name = burgward_sigv4::decode(pair.split('=').next().unwrap_or(""));
        !PARAMETERS.contains(&name.as_str())
    };
    let kept: Vec<&str> = query.split('&').filter(is_others).collect();
    let path = parts.uri.path();
    let target = if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) };
    let mut uri = std::mem::take(&mut parts.uri).into_parts();
    uri.path_and_query = target.parse().ok();
    parts.uri = Uri::from_parts(uri).unwrap_or_default();
}
