//! The canonical request and the string to sign.

use http::HeaderMap;

use crate::{AuthError, encode, key::CredentialScope, sha256_hex};

/// What is signed of a request beside its body.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// `GET`, `PUT` ...
    pub method: &'a str,
    /// The path as it stands in the request line, still encoded.
    pub path: &'a str,
    /// The query as it stands in the request line, still encoded, without `?`; empty if there is none.
    pub query: &'a str,
    /// The headers; `host` must be among them, also for HTTP/2.
    pub headers: &'a HeaderMap,
}

/// The canonical request: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request>.
pub(crate) fn canonical_request(
    head: &Head<'_>,
    service: &str,
    signed_headers: &str,
    payload_hash: &str,
) -> Result<Vec<u8>, AuthError> {
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(head.method.as_bytes());
    out.push(b'\n');
    if service == "s3" {
        encode::single_path(head.path, &mut out);
    } else {
        encode::double_path(head.path, &mut out);
    }
    out.push(b'\n');
    encode::query(head.query, Some("X-Amz-Signature"), &mut out);
    out.push(b'\n');
    for name in signed_headers.split(';') {
        push_header(&mut out, head.headers, name)?;
    }
    out.push(b'\n');
    out.extend_from_slice(signed_headers.as_bytes());
    out.push(b'\n');
    out.extend_from_slice(payload_hash.as_bytes());
    Ok(out)
}

fn push_header(out: &mut Vec<u8>, headers: &HeaderMap, name: &str) -> Result<(), AuthError> {
    out.extend_from_slice(name.as_bytes());
    out.push(b':');
    let mut values = headers.get_all(name).iter().peekable();
    if values.peek().is_none() {
        return Err(AuthError::Incomplete(format!("the header `{name}` is signed but missing")));
    }
    while let Some(value) = values.next() {
        push_trimmed(out, value.as_bytes());
        if values.peek().is_some() {
            out.push(b',');
        }
    }
    out.push(b'\n');
    Ok(())
}

/// Leading and trailing spaces go, runs of spaces become one.
fn push_trimmed(out: &mut Vec<u8>, value: &[u8]) {
    let mut spaces = false;
    for byte in value.trim_ascii() {
        if *byte == b' ' {
            if !spaces {
                out.push(b' ');
            }
            spaces = true;
        } else {
            spaces = false;
            out.push(*byte);
        }
    }
}

/// The string to sign of a whole request.
pub(crate) fn string_to_sign(amz_date: &str, scope: &CredentialScope, canonical: &[u8]) -> String {
    format!("AWS4-HMAC-SHA256\n{amz_date}\n{scope}\n{}", sha256_hex(canonical))
}
