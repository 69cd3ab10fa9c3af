//! Bodies of requests and answers: streams that may fail before their end.

use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::{BodyExt as _, Full, combinators::UnsyncBoxBody};

use crate::ServiceError;
use crate::front::{BodyRefused, Exhausted, Held};

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
    gather(body, limit, Held::uncounted()).await.map_err(|error| crate::front::body_error(&error))
}

/// Reads a body to its end; a body of one piece is not copied. What it holds is given back with its last reference.
pub(crate) async fn gather(mut body: Body, limit: usize, mut held: Held) -> Result<Bytes, BoxError> {
    if body.size_hint().lower() > limit as u64 {
        return Err(BodyRefused::TooLong.into());
    }
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame?.into_data() else { continue };
        if first.len() + whole.len() + piece.len() > limit {
            return Err(BodyRefused::TooLong.into());
        }
        held.grow(piece.len()).map_err(|Exhausted| BodyRefused::Busy)?;
        if first.is_empty() && whole.is_empty() {
            first = piece;
        } else {
            whole.extend_from_slice(&std::mem::take(&mut first));
            whole.extend_from_slice(&piece);
        }
    }
    Ok(held.keep(if whole.is_empty() { first } else { whole.freeze() }))
}
