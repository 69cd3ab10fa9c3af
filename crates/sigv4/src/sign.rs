//! A client's side: signs requests, presigns URLs.

use burgward_types::{Secret, Timestamp};
use http::{HeaderMap, HeaderValue, header::HeaderName, request::Parts};

use crate::canonical::{canonical_request, string_to_sign};
use crate::{Algorithm, AuthError, ChunkSigner, CredentialScope, Head, SigningKey, Verified, encode, sha256_hex};

/// What to say of the payload.
#[derive(Clone, Debug)]
pub enum SignPayload<'a> {
    /// These bytes, hashed.
    Bytes(&'a [u8]),
    /// A hash computed elsewhere.
    Hash(&'a str),
    /// `UNSIGNED-PAYLOAD`.
    Unsigned,
    /// `aws-chunked` with signed chunks, of so many bytes, perhaps with a checksum at the end.
    Streaming(u64, Option<Algorithm>),
    /// `aws-chunked` with a checksum at the end alone, of so many bytes.
    StreamingUnsigned(u64, Algorithm),
}

/// Signs as a client does.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The key's id.
    pub access_key_id: String,
    /// The key's secret.
    pub secret: Secret<String>,
    /// The session token of temporary keys.
    pub token: Option<Secret<String>>,
    /// The region.
    pub region: String,
    /// The service's signing name.
    pub service: String,
}

impl Signer {
    fn scope(&self, at: Timestamp) -> CredentialScope {
        let date = at.amz_date().get(..8).unwrap_or_default().to_owned();
        CredentialScope { date, region: self.region.clone(), service: self.service.clone() }
    }

    /// The key derived for the day of `at`.
    #[must_use]
    pub fn signing_key(&self, at: Timestamp) -> SigningKey {
        SigningKey::derive(self.secret.expose(), &self.scope(at))
    }

    /// Signs a request in its header. The `host` header is set from the URI where it is missing.
    pub fn sign(&self, parts: &mut Parts, payload: &SignPayload<'_>, at: Timestamp) -> Result<Verified, AuthError> {
        let hash = self.prepare(parts, payload, at)?;
        let mut names: Vec<&str> =
            parts.headers.keys().map(HeaderName::as_str).filter(|name| is_signed(name)).collect();
        names.sort_unstable();
        names.dedup();
        let names = names.join(";");
        let (amz_date, scope) = (at.amz_date(), self.scope(at));
        let head = Head {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or(""),
            headers: &parts.headers,
        };
        let canonical = canonical_request(&head, &self.service, &names, &hash)?;
        let signature = self.signing_key(at).sign(string_to_sign(&amz_date, &scope, &canonical).as_bytes());
        let value = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
            self.access_key_id
        );
        set(&mut parts.headers, "authorization", &value)?;
        Ok(Verified { seed: signature, amz_date, scope })
    }

    /// Sets the headers that belong to a signature and gives the payload's word in the canonical request.
    fn prepare(&self, parts: &mut Parts, payload: &SignPayload<'_>, at: Timestamp) -> Result<String, AuthError> {
        let host = parts.uri.authority().map(ToString::to_string);
        let headers = &mut parts.headers;
        if let (Some(host), false) = (host, headers.contains_key("host")) {
            set(headers, "host", &host)?;
        }
        set(headers, "x-amz-date", &at.amz_date())?;
        if let Some(token) = &self.token {
            set(headers, "x-amz-security-token", token.expose())?;
        }
        let mut chunked = |length: u64, trailer: Option<Algorithm>| {
            set(headers, "x-amz-decoded-content-length", &length.to_string())?;
            set(headers, "content-encoding", "aws-chunked")?;
            trailer.map_or(Ok(()), |algorithm| set(headers, "x-amz-trailer", algorithm.header()))
        };
        let hash = match payload {
            SignPayload::Bytes(bytes) => sha256_hex(bytes),
            SignPayload::Hash(hash) => (*hash).to_owned(),
            SignPayload::Unsigned => "UNSIGNED-PAYLOAD".to_owned(),
            SignPayload::Streaming(length, trailer) => {
                chunked(*length, *trailer)?;
                let tail = if trailer.is_some() { "-TRAILER" } else { "" };
                format!("STREAMING-AWS4-HMAC-SHA256-PAYLOAD{tail}")
            }
            SignPayload::StreamingUnsigned(length, algorithm) => {
                chunked(*length, Some(*algorithm))?;
                "STREAMING-UNSIGNED-PAYLOAD-TRAILER".to_owned()
            }
        };
        if self.service == "s3" {
            set(headers, "x-amz-content-sha256", &hash)?;
        }
        Ok(hash)
    }

    /// The writer of the `aws-chunked` body that [`sign`](Self::sign) announced.
    #[must_use]
    pub fn chunks(&self, signed: &Verified, payload: &SignPayload<'_>, at: Timestamp) -> ChunkSigner {
        match payload {
            SignPayload::Streaming(_, trailer) => {
                ChunkSigner::new(Some((signed.clone(), self.signing_key(at))), *trailer)
            }
            SignPayload::StreamingUnsigned(_, algorithm) => ChunkSigner::new(None, Some(*algorithm)),
            SignPayload::Bytes(_) | SignPayload::Hash(_) | SignPayload::Unsigned => ChunkSigner::new(None, None),
        }
    }

    /// Presigns: gives the query with which `path` on `host` is good for `expires` seconds.
    ///
    /// `query` is what the request's own query holds, encoded; only `host` is signed as a header.
    pub fn presign(
        &self,
        method: &str,
        host: &str,
        path: &str,
        query: &str,
        expires: u32,
        at: Timestamp,
    ) -> Result<String, AuthError> {
        let (amz_date, scope) = (at.amz_date(), self.scope(at));
        let credential = encode(&format!("{}/{scope}", self.access_key_id), true);
        let own = if query.is_empty() { String::new() } else { format!("{query}&") };
        let token = self.token.as_ref().map(|token| encode(token.expose(), true));
        let token = token.map_or(String::new(), |token| format!("&X-Amz-Security-Token={token}"));
        let full = format!(
            "{own}X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}&X-Amz-Date={amz_date}\
             &X-Amz-Expires={expires}&X-Amz-SignedHeaders=host{token}"
        );
        let mut headers = HeaderMap::new();
        set(&mut headers, "host", host)?;
        let head = Head { method, path, query: &full, headers: &headers };
        let hash = if self.service == "s3" { "UNSIGNED-PAYLOAD".to_owned() } else { sha256_hex(b"") };
        let canonical = canonical_request(&head, &self.service, "host", &hash)?;
        let signature = self.signing_key(at).sign(string_to_sign(&amz_date, &scope, &canonical).as_bytes());
        Ok(format!("{full}&X-Amz-Signature={signature}"))
    }
}

/// Headers that connections and proxies change are left out, as the SDKs do.
fn is_signed(name: &str) -> bool {
    const LEFT_OUT: [&str; 6] =
        ["authorization", "connection", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id"];
    !LEFT_OUT.contains(&name)
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) -> Result<(), AuthError> {
    let value = HeaderValue::from_str(value)
        .map_err(|_| AuthError::Incomplete(format!("`{name}` cannot be sent as a header")))?;
    headers.insert(HeaderName::from_static(name), value);
    Ok(())
}
