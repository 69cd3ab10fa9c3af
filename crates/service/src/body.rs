//! Bodies of requests and answers: streams that may fail before their end.

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full, combinators::UnsyncBoxBody};

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
    gather(body, limit).await.map_err(|error| crate::front::body_error(&error))
}

/// Why a body could not be gathered.
#[derive(Debug)]
pub(crate) enum Ungathered {
    /// It is longer than the limit.
    TooLong,
    /// It failed.
    Failed(BoxError),
}

/// Reads a body to its end; a body of one piece is not copied.
pub(crate) async fn gather(mut body: Body, limit: usize) -> Result<Bytes, Ungathered> {
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame.map_err(Ungathered::Failed)?.into_data() else { continue };
        if first.len() + rest.len() + piece.len() > limit {
            return Err(Ungathered::TooLong);
        }
        if first.is_empty() {
            first = piece;
        } else {
            rest.extend_from_slice(&piece);
        }
    }
    if rest.is_empty() {
        return Ok(first);
    }
    let mut whole = BytesMut::with_capacity(first.len() + rest.len());
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&rest);
    Ok(whole.freeze())
}
