//! Why a signature or a payload is refused.

use thiserror::Error;

/// Why a request's signature is refused.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum AuthError {
    /// Another scheme than SigV4, such as signature version 2.
    #[error("the authorization scheme `{0}` is not supported\n  hint: sign with AWS4-HMAC-SHA256")]
    Scheme(String),
    /// A part of the signature is missing or malformed.
    #[error("{0}\n  hint: see the SigV4 documentation")]
    Incomplete(String),
    /// A header that has to be signed is not.
    #[error("the header `{0}` is present but not signed\n  hint: sign host and every x-amz-* header")]
    Unsigned(String),
    /// The request's time is too far from ours.
    #[error(
        "the request was signed at {signed_at}, which is not within {within} seconds of {now}\n  hint: set the clock"
    )]
    Skewed {
        /// The time that was signed, as `20261122T123456Z`.
        signed_at: String,
        /// Our time.
        now: String,
        /// The allowed difference.
        within: i64,
    },
    /// A presigned URL's time is over.
    #[error(
        "the presigned URL signed at {signed_at} was good for {expires} seconds, and it is {now}\n  hint: presign anew"
    )]
    Expired {
        /// The time that was signed.
        signed_at: String,
        /// How long it was good for.
        expires: u32,
        /// Our time.
        now: String,
    },
    /// The signature is another one.
    #[error("the signature does not match the request\n  hint: check the secret key, and what changed on the way")]
    Mismatch,
}

/// Why a payload is refused.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum PayloadError {
    /// The body's hash is not the signed one.
    #[error("the body's SHA-256 is not the one that was signed\n  hint: the body changed on the way")]
    Hash,
    /// A chunk's or trailer's signature is another one.
    #[error("the signature of chunk {0} does not match\n  hint: the body changed on the way")]
    ChunkSignature(u64),
    /// The framing is broken.
    #[error(
        "the aws-chunked body is malformed: {0}\n  hint: see `Signature calculations for the authorization header` of S3"
    )]
    Framing(&'static str),
    /// The body is not as long as announced.
    #[error("the body has {found} bytes where {announced} were announced\n  hint: the body was cut or extended")]
    Length {
        /// What the header said.
        announced: u64,
        /// What came, as far as it was read.
        found: u64,
    },
    /// The checksum is another one.
    #[error("the body's {0} is not the one that was sent\n  hint: the body changed on the way")]
    Checksum(&'static str),
    /// A trailer is missing, unannounced or malformed.
    #[error(
        "the trailer `{0}` is missing, unannounced or malformed\n  hint: `x-amz-trailer` names the trailers to come"
    )]
    Trailer(String),
}
