//! The judgement over a presented signature.

use burgward_types::Timestamp;

use crate::canonical::{canonical_request, string_to_sign};
use crate::{AuthError, CredentialScope, Head, Place, Presented, SigningKey};

/// How far a request's time may be from ours, in seconds.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html> (15 minutes).
pub const MAX_SKEW_SECS: i64 = 15 * 60;

/// How long a presigned URL may be good, in seconds.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html> (seven days).
pub const MAX_PRESIGN_SECS: u32 = 7 * 24 * 3600;

/// What a verified signature leaves behind for the chunks that follow it.
#[derive(Clone, Debug)]
pub struct Verified {
    /// The signature that the first chunk's signature builds on.
    pub seed: String,
    /// The time that was signed, as `20261122T123456Z`.
    pub amz_date: String,
    /// The scope that was signed.
    pub scope: CredentialScope,
}

impl Presented {
    /// Judges scope, time, signed headers and signature. `payload_hash` is what stands in the canonical request.
    pub fn verify(
        &self,
        head: &Head<'_>,
        key: &SigningKey,
        payload_hash: &str,
        now: Timestamp,
    ) -> Result<Verified, AuthError> {
        self.check_signed_headers(head)?;
        self.check_time(now)?;
        let canonical = canonical_request(head, &self.scope.service, &self.signed_headers, payload_hash)?;
        let text = string_to_sign(&self.amz_date, &self.scope, &canonical);
        if !key.matches(text.as_bytes(), &self.signature) {
            return Err(AuthError::Mismatch);
        }
        Ok(Verified { seed: self.signature.clone(), amz_date: self.amz_date.clone(), scope: self.scope.clone() })
    }

    /// What a signature would leave behind if it held.
    #[cfg(feature = "test-without-layers")]
    #[must_use]
    pub fn believed(&self) -> Verified {
        Verified { seed: self.signature.clone(), amz_date: self.amz_date.clone(), scope: self.scope.clone() }
    }

    /// Host and every `x-amz-*` header that is present must be signed; the list is sorted and names nothing twice.
    fn check_signed_headers(&self, head: &Head<'_>) -> Result<(), AuthError> {
        let names: Vec<&str> = self.signed_headers.split(';').collect();
        let lower = |name: &&str| !name.is_empty() && !name.bytes().any(|b| b.is_ascii_uppercase() || b <= b' ');
        if !names.iter().all(lower) || !names.is_sorted_by(|a, b| a < b) {
            return Err(AuthError::Incomplete("`SignedHeaders` is not a sorted list of lower-case names".to_owned()));
        }
        let signed = |name: &str| names.binary_search(&name).is_ok();
        if !signed("host") {
            return Err(AuthError::Unsigned("host".to_owned()));
        }
        let unsigned =
            head.headers.keys().map(http::HeaderName::as_str).find(|n| n.starts_with("x-amz-") && !signed(n));
        unsigned.map_or(Ok(()), |name| Err(AuthError::Unsigned(name.to_owned())))
    }

    fn check_time(&self, now: Timestamp) -> Result<(), AuthError> {
        if self.amz_date.get(..8) != Some(self.scope.date.as_str()) {
            return Err(AuthError::Incomplete(format!(
                "the credential's date `{}` is not that of the request, `{}`",
                self.scope.date, self.amz_date
            )));
        }
        let age = now.secs().saturating_sub(self.signed_at.secs());
        let skewed =
            || AuthError::Skewed { signed_at: self.amz_date.clone(), now: now.amz_date(), within: MAX_SKEW_SECS };
        match (self.place, self.expires) {
            (Place::Header, _) if age.abs() > MAX_SKEW_SECS => Err(skewed()),
            (Place::Header, _) => Ok(()),
            (Place::Query, Some(expires @ 1..=MAX_PRESIGN_SECS)) => {
                if age < -MAX_SKEW_SECS {
                    return Err(skewed());
                }
                if age > i64::from(expires) {
                    return Err(AuthError::Expired { signed_at: self.amz_date.clone(), expires, now: now.amz_date() });
                }
                Ok(())
            }
            (Place::Query, _) => {
                Err(AuthError::Incomplete(format!("`X-Amz-Expires` must be between 1 and {MAX_PRESIGN_SECS} seconds")))
            }
        }
    }
}
