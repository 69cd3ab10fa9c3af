//! The fifth stage: the body, read whole and within its limit.

use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::Body as _;

use super::{Admitted, Caller, Routed};
use crate::api::Target;
use crate::memory::{Exhausted, Held, Memory};
use crate::stages::admission::UsedKey;
use crate::stop::{Cause, Stop, StoppedBy};
use crate::unread::Upload;

/// The largest payload: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
const BODY_LIMIT: usize = 10 * 1024 * 1024;
/// How long a client may take to send a body.
const BODY_TIME: Duration = Duration::from_secs(30);

/// A request that is there in full.
#[derive(Debug)]
pub(crate) struct Validated {
    admitted: Admitted,
    body: Vec<u8>,
    /// The memory that the body takes.
    held: Held,
}

/// All that an event is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Content<'a> {
    pub(crate) routed: &'a Routed,
    pub(crate) caller: Option<&'a Caller>,
    pub(crate) key: Option<&'a UsedKey>,
    pub(crate) body: &'a [u8],
}

impl Validated {
    pub(crate) async fn new(mut admitted: Admitted, memory: &Memory) -> Result<Self, Stop> {
        let wanted = matches!(admitted.routed().route().target, Target::Function(_));
        let mut held = memory.hold();
        let body = match admitted.take_body() {
            Some(body) if wanted && !body.is_end_stream() => read(body, &mut held).await?,
            _ => Vec::new(),
        };
        Ok(Self { admitted, body, held })
    }

    /// Frees the body once the event is made of it.
    pub(super) fn forget_body(&mut self, memory: &Memory) {
        self.body = Vec::new();
        self.held = memory.hold();
    }

    pub(crate) fn routed(&self) -> &Routed {
        self.admitted.routed()
    }

    pub(crate) fn target(&self) -> &Target {
        &self.routed().route().target
    }

    pub(crate) fn content(&self) -> Content<'_> {
        Content {
            routed: self.admitted.routed(),
            caller: self.admitted.caller(),
            key: self.admitted.key(),
            body: &self.body,
        }
    }
}

async fn read(body: Upload, held: &mut Held) -> Result<Vec<u8>, Stop> {
    if body.size_hint().lower() > BODY_LIMIT as u64 {
        return Err(stop(Cause::BodyTooLarge, "the body is larger than 10 MB"));
    }
    let slow = |_| stop(Cause::BodySlow, "the body took too long");
    tokio::time::timeout(BODY_TIME, collect(body, held)).await.map_err(slow)?
}

/// Memory is taken as bytes arrive: a length that is only announced takes none.
async fn collect(mut body: Upload, held: &mut Held) -> Result<Vec<u8>, Stop> {
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| stop(Cause::BodyBroken, "the body ended early or is malformed"))?;
        let Ok(data) = frame.into_data() else { continue };
        let needed = whole.len() + data.len();
        if needed > BODY_LIMIT {
            return Err(stop(Cause::BodyTooLarge, "the body is larger than 10 MB"));
        }
        if needed > whole.capacity() {
            let announced = body.size_hint().upper().and_then(|rest| usize::try_from(rest).ok());
            let most = announced.map_or(BODY_LIMIT, |rest| needed.saturating_add(rest)).min(BODY_LIMIT);
            let capacity = whole.capacity().saturating_mul(2).clamp(needed, most.max(needed));
            held.grow(capacity).map_err(exhausted)?;
            whole.reserve_exact(capacity - whole.len());
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole)
}

fn stop(cause: Cause, reason: &str) -> Stop {
    Stop::new(StoppedBy::Validation, cause, reason)
}

/// What a client hears if there is no memory for its request or its answer.
pub(crate) fn exhausted(_: Exhausted) -> Stop {
    Stop::new(StoppedBy::Limits, Cause::Overloaded, "the memory for bodies is used up")
}
