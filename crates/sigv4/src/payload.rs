//! What a request says of its payload, and the check of it as it streams.

use aws_lc_rs::{constant_time, digest};
use bytes::Bytes;
use http::HeaderMap;

use crate::{Algorithm, AuthError, Checksum, ChunkDecoder, PayloadError, Place, SigningKey, Verified};

/// The claim of `x-amz-content-sha256`.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// The body's SHA-256 in lower-case hex.
    Hash(String),
    /// Nothing is said: the body's own hash stands in the canonical request, so it has to be read first.
    OfBody,
    /// `UNSIGNED-PAYLOAD`; S3 only.
    Unsigned,
    /// `aws-chunked`; S3 only.
    Streaming {
        /// Every chunk is signed.
        signed: bool,
        /// Trailers follow the last chunk.
        trailer: bool,
    },
}

const STREAMING: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
const STREAMING_TRAILER: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
const STREAMING_UNSIGNED: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

impl Payload {
    pub(crate) fn read(claim: Option<&str>, place: Place, service: &str) -> Result<Self, AuthError> {
        let s3 = service == "s3";
        Ok(match claim {
            None if !s3 => Self::OfBody,
            None if place == Place::Query => Self::Unsigned,
            None => return Err(AuthError::Incomplete("`x-amz-content-sha256` is required".to_owned())),
            Some("UNSIGNED-PAYLOAD") if s3 => Self::Unsigned,
            Some(STREAMING) if s3 => Self::Streaming { signed: true, trailer: false },
            Some(STREAMING_TRAILER) if s3 => Self::Streaming { signed: true, trailer: true },
            Some(STREAMING_UNSIGNED) if s3 => Self::Streaming { signed: false, trailer: true },
            Some(hash) if hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) => {
                Self::Hash(hash.to_owned())
            }
            Some(other) => {
                let text: String = other.chars().take(64).collect();
                return Err(AuthError::Incomplete(format!(
                    "`x-amz-content-sha256` is `{text}`, which is not supported"
                )));
            }
        })
    }

    /// What stands in the canonical request; `None` if it is the hash of a body that has to be read first.
    #[must_use]
    pub fn canonical(&self) -> Option<&str> {
        Some(match self {
            Self::Hash(hash) => hash,
            Self::OfBody => return None,
            Self::Unsigned => "UNSIGNED-PAYLOAD",
            Self::Streaming { signed: true, trailer: false } => STREAMING,
            Self::Streaming { signed: true, trailer: true } => STREAMING_TRAILER,
            Self::Streaming { signed: false, .. } => STREAMING_UNSIGNED,
        })
    }
}

enum Kind {
    Plain,
    Hashed { context: digest::Context, expected: Vec<u8> },
    Chunked(Box<ChunkDecoder>),
}

/// Checks a body as it streams: bytes in, verified framing out, judgement at the end.
///
/// Bytes come out before the last word is spoken. Whoever uses them must let nothing take effect before
/// [`finish`](Self::finish) said yes.
pub struct PayloadCheck {
    kind: Kind,
    checksums: Vec<(Checksum, String)>,
}

impl std::fmt::Debug for PayloadCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PayloadCheck").finish_non_exhaustive()
    }
}

impl PayloadCheck {
    /// The check that a verified request's payload has to pass.
    ///
    /// With `checksums`, `x-amz-checksum-*` headers are those of this body and are verified (uploads and `DeleteObjects`).
    pub fn new(
        payload: &Payload,
        verified: &Verified,
        key: &SigningKey,
        headers: &HeaderMap,
        checksums: bool,
    ) -> Result<Self, PayloadError> {
        let kind = match payload {
            Payload::Hash(hash) => Kind::Hashed {
                context: digest::Context::new(&digest::SHA256),
                expected: hex::decode(hash).map_err(|_| PayloadError::Hash)?,
            },
            // The whole body was hashed for the canonical request already.
            Payload::OfBody | Payload::Unsigned => Kind::Plain,
            Payload::Streaming { signed, trailer } => {
                let chain = signed.then(|| (verified.clone(), key.clone()));
                Kind::Chunked(Box::new(ChunkDecoder::new(chain, *trailer, headers)?))
            }
        };
        let checksums = if checksums { announced(headers)? } else { Vec::new() };
        Ok(Self { kind, checksums })
    }

    /// A check of `x-amz-checksum-*` headers alone: for requests without a signature.
    pub fn unsigned(headers: &HeaderMap) -> Result<Self, PayloadError> {
        Ok(Self { kind: Kind::Plain, checksums: announced(headers)? })
    }

    /// Takes bytes of the body in and hands the payload's bytes out.
    pub fn feed(&mut self, bytes: Bytes, out: &mut Vec<Bytes>) -> Result<(), PayloadError> {
        let from = out.len();
        match &mut self.kind {
            Kind::Plain => out.push(bytes),
            Kind::Hashed { context, .. } => {
                context.update(&bytes);
                out.push(bytes);
            }
            Kind::Chunked(decoder) => decoder.feed(bytes, out)?,
        }
        for (checksum, _) in &mut self.checksums {
            out.iter().skip(from).for_each(|piece| checksum.update(piece));
        }
        Ok(())
    }

    /// The body has ended. Gives the trailers, verified.
    pub fn finish(self) -> Result<Vec<(String, String)>, PayloadError> {
        for (checksum, expected) in self.checksums {
            let name = checksum.algorithm().header();
            if checksum.finish() != expected {
                return Err(PayloadError::Checksum(name));
            }
        }
        match self.kind {
            Kind::Plain => Ok(Vec::new()),
            Kind::Hashed { context, expected } => {
                constant_time::verify_slices_are_equal(context.finish().as_ref(), &expected)
                    .map_err(|_| PayloadError::Hash)?;
                Ok(Vec::new())
            }
            Kind::Chunked(decoder) => Ok(decoder.finish()?.trailers),
        }
    }
}

/// The checksums that the headers announce for the body.
fn announced(headers: &HeaderMap) -> Result<Vec<(Checksum, String)>, PayloadError> {
    let named = |algorithm: &Algorithm| headers.get(algorithm.header()).map(|value| (*algorithm, value));
    let all = Algorithm::ALL.iter().filter_map(named).map(|(algorithm, value)| {
        let value = value.to_str().map_err(|_| PayloadError::Checksum(algorithm.header()))?;
        Ok((Checksum::new(algorithm), value.to_owned()))
    });
    all.collect()
}
