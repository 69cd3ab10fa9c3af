//! Bodies of requests and answers: streams that may fail before their end.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited, combinators::UnsyncBoxBody};

use crate::ServiceError;

/// Why a body stopped.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A streaming body.
///
/// A request's body fails before its end when what arrived is not what was signed: code that acts on a body must wait
/// for the end.
pub type Body = UnsyncBoxBody<Bytes, BoxError>;

/// A body out of bytes that are at hand.
#[must_use]
pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// A body without bytes.
#[must_use]
pub fn empty() -> Body {
    full(Bytes::new())
}

/// Reads a body to its end, or says why it must not be used.
pub async fn collect(body: Body, limit: usize) -> Result<Bytes, ServiceError> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) => Err(crate::front::body_error(error, limit)),
    }
}
