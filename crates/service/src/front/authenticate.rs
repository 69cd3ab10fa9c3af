//! The second stage: whose request it is, and that it is theirs.

use std::sync::Arc;

use aws_lc_rs::constant_time;
use burgward_sigv4::{AuthError, Payload, PayloadCheck, Place, Presented, Verified};
use burgward_types::Timestamp;
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{Method, request::Parts};

use super::receive::head;
use super::refusal::Refusal;
use super::verified::Verified as VerifiedBody;
use super::{Held, Inner, Service, clean};
use crate::body::gather;
use crate::caller::Facts;
use crate::keys::Key;
use crate::{Body, Origin};

/// Bodies up to this length are read and verified before the service sees the request.
pub(super) const EAGER: usize = 64 << 10;

/// What a signature says before anything of it is believed, but for its service and region.
pub(super) fn claim(
    inner: &Inner,
    service: &dyn Service,
    presented: &Presented,
    parts: &Parts,
    facts: &mut Facts,
) -> Result<Payload, Refusal> {
    facts.presented_key = Some(presented.access_key_id.clone());
    check_region(inner, service, presented)?;
    // An unknown key is refused before its body is read.
    inner.keys.find(&presented.access_key_id).ok_or(Refusal::UnknownKey)?;
    Ok(presented.payload(&head(parts))?)
}

/// Judges the signature; `hash` is the body's own where the request does not say it. Gives the check of the body.
pub(super) fn judge(
    inner: &Inner,
    presented: &Presented,
    payload: &Payload,
    hash: Option<&str>,
    parts: &Parts,
    facts: &mut Facts,
) -> Result<Option<PayloadCheck>, Refusal> {
    let key = inner.keys.find(&presented.access_key_id).ok_or(Refusal::UnknownKey)?;
    let signing_key = key.signing_key(&presented.scope);
    let word = hash.or(payload.canonical()).unwrap_or_default();
    let (now, at_home) = (facts.at, key.bound_to.admits(facts.caller.origin) && !key.is_retired());
    #[cfg(feature = "test-without-layers")]
    let (now, at_home) = lacking::facts(inner.without, presented, now, at_home);
    let verified = presented.verify(&head(parts), &signing_key, word, now);
    #[cfg(feature = "test-without-layers")]
    let (verified, payload) = lacking::judgement(inner.without, presented, verified, payload);
    let verified = admit(facts, parts, &key, presented, at_home, verified)?;
    check_token(&key, presented.token.as_deref())?;
    check_expiry(&key, facts.at)?;
    key.keep_signing_key(&presented.scope, &signing_key);
    adopt(facts, &key, presented);
    if hash.is_some() {
        return Ok(None);
    }
    Ok(Some(PayloadCheck::new(payload, &verified, &signing_key, &parts.headers, has_own_checksums(parts))?))
}

/// A request without a signature: nobody's, and only S3 knows resources that are open to nobody in particular.
pub(super) fn unsigned(service: &dyn Service, parts: &Parts) -> Result<Option<PayloadCheck>, Refusal> {
    if service.signing_name() != "s3" {
        return Err(Refusal::NoSignature);
    }
    // Nobody's chunks are signed and nobody's trailers are announced: such a body is refused, not stored as framed.
    let claim = parts.headers.get("x-amz-content-sha256").map(http::HeaderValue::as_bytes);
    if claim.is_some_and(|claim| claim.starts_with(b"STREAMING-")) {
        return Err(Refusal::Malformed("a request without a signature cannot be aws-chunked"));
    }
    if has_own_checksums(parts) { Ok(Some(PayloadCheck::unsigned(&parts.headers)?)) } else { Ok(None) }
}

/// The region must be ours; STS's global endpoint signs for `us-east-1` wherever it is.
fn check_region(inner: &Inner, service: &dyn Service, presented: &Presented) -> Result<(), Refusal> {
    let region = &presented.scope.region;
    let global = service.signing_name() == "sts" && region == "us-east-1";
    if global || region == inner.guard.scope().region.as_str() {
        return Ok(());
    }
    Err(Refusal::Region(region.clone()))
}

/// A key is good where it was issued to and nowhere else.
///
/// Presigned reads and writes of S3 are a path of their own: whoever holds the URL may use it, with the signer's
/// permissions, as on AWS (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html>).
fn admit(
    facts: &Facts,
    parts: &Parts,
    key: &Key,
    presented: &Presented,
    at_home: bool,
    verified: Result<Verified, AuthError>,
) -> Result<Verified, Refusal> {
    let lent = presented.place == Place::Query && presented.scope.service == "s3" && is_one_object(parts);
    if lent || at_home {
        return Ok(verified?);
    }
    // Outside its place a key is as unknown as one that never was; the record tells a stolen one from a guessed id.
    let text = format!("bound to {}, used from {}", key.bound_to, facts.caller.origin);
    facts.trail.detail("keyBinding", text.into());
    facts.trail.detail("keyPrincipal", key.principal.to_string().into());
    facts.trail.detail("signatureHolds", verified.is_ok().into());
    // Whoever holds a URL that the key has signed knows that the key is there.
    let presigned = presented.place == Place::Query && presented.scope.service == "s3" && verified.is_ok();
    Err(if presigned { Refusal::Presigned } else { Refusal::UnknownKey })
}

/// What is believed in a house that lacks a layer.
#[cfg(feature = "test-without-layers")]
mod lacking {
    use burgward_sigv4::{AuthError, Payload, Presented, Verified};
    use burgward_types::{HouseLayer, Timestamp, Without};

    pub(super) fn facts(without: Without, presented: &Presented, now: Timestamp, at_home: bool) -> (Timestamp, bool) {
        let now = if without.lacks(HouseLayer::SignatureTime) { presented.signed_at } else { now };
        (now, at_home || without.lacks(HouseLayer::KeyBinding))
    }

    pub(super) fn judgement<'a>(
        without: Without,
        presented: &Presented,
        verified: Result<Verified, AuthError>,
        payload: &'a Payload,
    ) -> (Result<Verified, AuthError>, &'a Payload) {
        let believed = without.lacks(HouseLayer::Signature) && matches!(verified, Err(AuthError::Mismatch));
        let verified = if believed { Ok(presented.believed()) } else { verified };
        let unread = without.lacks(HouseLayer::SignedPayload) && matches!(payload, Payload::Hash(_));
        (verified, if unread { &Payload::Unsigned } else { payload })
    }
}

/// Parameters of a presigned URL that lets somebody read or write one object and do nothing else.
const OBJECT_PARAMETERS: [&str; 3] = ["x-id", "versionid", "partnumber"];

/// True for reading or writing the content of one object: no listing, no bucket, no copy of another object.
///
/// A part of an upload is content as well: the function itself began the upload and has to complete it. Reading with an
/// `uploadId` would list its parts.
fn is_one_object(parts: &Parts) -> bool {
    let has_key = parts.uri.path().trim_start_matches('/').split_once('/').is_some_and(|(_, key)| !key.is_empty());
    let plain = parts.uri.query().unwrap_or("").split('&').filter(|pair| !pair.is_empty()).all(|pair| {
        let name = pair.split('=').next().unwrap_or("").to_ascii_lowercase();
        let part = name == "uploadid" && parts.method == Method::PUT;
        part || name.starts_with("x-amz-")
            || name.starts_with("response-")
            || OBJECT_PARAMETERS.contains(&name.as_str())
    });
    let copies = parts.headers.contains_key("x-amz-copy-source")
        || parts.uri.query().is_some_and(|query| query.to_ascii_lowercase().contains("x-amz-copy-source"));
    [Method::GET, Method::HEAD, Method::PUT].contains(&parts.method) && has_key && plain && !copies
}

/// The token must be the key's own.
fn check_token(key: &Key, token: Option<&str>) -> Result<(), Refusal> {
    let token = token.unwrap_or("");
    constant_time::verify_slices_are_equal(token.as_bytes(), key.token.expose().as_bytes()).map_err(|_| Refusal::Token)
}

fn check_expiry(key: &Key, at: Timestamp) -> Result<(), Refusal> {
    if key.expires > at { Ok(()) } else { Err(Refusal::KeyExpired) }
}

fn adopt(facts: &mut Facts, key: &Key, presented: &Presented) {
    let origin: Origin = facts.caller.origin;
    facts.caller = crate::Caller {
        principal: key.principal.clone(),
        access_key_id: Some(key.id.clone()),
        origin,
        session_policies: Arc::clone(&key.session_policies),
        issued: Some(key.issued),
        user_id: key.user_id.clone(),
    };
    facts.region = presented.scope.region.as_str().into();
    facts.place = Some(presented.place);
    facts.signed_at = Some(presented.signed_at);
}

/// True where `x-amz-checksum-*` headers are those of this very body: uploads, and `DeleteObjects`.
fn has_own_checksums(parts: &Parts) -> bool {
    let deletes = || parts.uri.query().is_some_and(|query| query.split('&').any(|p| p == "delete" || p == "delete="));
    parts.method == Method::PUT || (parts.method == Method::POST && deletes())
}

/// Takes the signature off the request and puts the check around its body. Gives the body and whether it has to be
/// read at once.
///
/// Short bodies, and all bodies of methods that upload nothing, are judged at once: then the service never sees a
/// request whose payload is not what was signed.
pub(super) fn attach(
    parts: &mut Parts,
    payload: Option<&Payload>,
    body: Body,
    check: Option<PayloadCheck>,
) -> (Body, bool) {
    let length = clean::payload_length(parts, payload, &body);
    clean::remove_signature(parts, payload);
    let Some(check) = check else { return (body, false) };
    if let (Some(Payload::Streaming { .. }), Some(length)) = (payload, length) {
        parts.headers.insert(CONTENT_LENGTH, length.into());
    }
    let uploads = parts.method == Method::PUT || parts.method == Method::POST;
    let long = length.is_none_or(|length| length > EAGER as u64);
    (Body::new(VerifiedBody::new(body, check, length)), !(uploads && long))
}

/// Reads a body to its verified end.
pub(super) async fn read(body: Body, limit: usize, held: Held) -> Result<Bytes, Refusal> {
    gather(body, limit, held).await.map_err(|error| Refusal::of_body(&error))
}
