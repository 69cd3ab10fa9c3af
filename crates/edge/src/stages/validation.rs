//! The fifth stage: the body, read whole and within its limit.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};

use super::{Admitted, Caller, Routed};
use crate::api::Target;
use crate::stages::admission::UsedKey;
use crate::stop::{Cause, Stop, StoppedBy};

/// The largest payload: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
const BODY_LIMIT: usize = 10 * 1024 * 1024;
/// How long a client may take to send a body.
const BODY_TIME: Duration = Duration::from_secs(30);

/// A request that is there in full.
#[derive(Debug)]
pub(crate) struct Validated {
    admitted: Admitted,
    body: Bytes,
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
    pub(crate) async fn new(mut admitted: Admitted) -> Result<Self, Stop> {
        let body = match admitted.take_body() {
            Some(body) if !body.is_end_stream() => read(body).await?,
            _ => Bytes::new(),
        };
        Ok(Self { admitted, body })
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

async fn read(body: Incoming) -> Result<Bytes, Stop> {
    let stop = |cause, reason: &str| Stop::new(StoppedBy::Validation, cause, reason);
    if body.size_hint().lower() > BODY_LIMIT as u64 {
        return Err(stop(Cause::BodyTooLarge, "the body is larger than 10 MB"));
    }
    match tokio::time::timeout(BODY_TIME, Limited::new(body, BODY_LIMIT).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(stop(Cause::BodyTooLarge, "the body is larger than 10 MB"))
        }
        Ok(Err(_)) => Err(stop(Cause::BodyBroken, "the body ended early or is malformed")),
        Err(_) => Err(stop(Cause::BodySlow, "the body took too long")),
    }
}
