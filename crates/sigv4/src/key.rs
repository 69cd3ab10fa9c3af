//! Credential scopes and signing keys.

use std::fmt;

use aws_lc_rs::{digest, hmac};

use crate::AuthError;

/// `20261122/eu-west-1/s3/aws4_request`: the day, region and service a signature is good for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CredentialScope {
    /// The day, as `20261122`.
    pub date: String,
    /// The region.
    pub region: String,
    /// The service's signing name.
    pub service: String,
}

impl CredentialScope {
    /// Splits `KEYID/date/region/service/aws4_request`.
    pub(crate) fn split(credential: &str) -> Result<(&str, Self), AuthError> {
        let bad = || AuthError::Incomplete("the credential is not `key/date/region/service/aws4_request`".to_owned());
        let mut parts = credential.split('/');
        let mut next = || parts.next().filter(|part| !part.is_empty()).ok_or_else(bad);
        let (key, date, region, service, end) = (next()?, next()?, next()?, next()?, next()?);
        let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let dated = date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit());
        if end != "aws4_request" || parts.next().is_some() || !dated || ![key, region, service].into_iter().all(plain) {
            return Err(bad());
        }
        let scope = Self { date: date.to_owned(), region: region.to_owned(), service: service.to_owned() };
        Ok((key, scope))
    }
}

impl fmt::Display for CredentialScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/aws4_request", self.date, self.region, self.service)
    }
}

/// The key derived from a secret for one day, region and service.
#[derive(Clone)]
pub struct SigningKey(hmac::Key);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

impl SigningKey {
    /// Four HMACs deep; worth keeping while the day lasts.
    #[must_use]
    pub fn derive(secret: &str, scope: &CredentialScope) -> Self {
        let first = hmac::Key::new(hmac::HMAC_SHA256, format!("AWS4{secret}").as_bytes());
        let mut key = first;
        for part in [&scope.date, &scope.region, &scope.service, "aws4_request"] {
            let tag = hmac::sign(&key, part.as_bytes());
            key = hmac::Key::new(hmac::HMAC_SHA256, tag.as_ref());
        }
        Self(key)
    }

    /// The signature of a string to sign, in lower-case hex.
    #[must_use]
    pub fn sign(&self, text: &[u8]) -> String {
        hex::encode(hmac::sign(&self.0, text))
    }

    /// Compares in constant time. Only lower-case hex is a signature: there is one way to write it.
    pub(crate) fn matches(&self, text: &[u8], signature: &str) -> bool {
        let lower = signature.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let mut tag = [0_u8; 32];
        lower && hex::decode_to_slice(signature, &mut tag).is_ok() && hmac::verify(&self.0, text, &tag).is_ok()
    }
}

/// SHA-256 in lower-case hex.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}
