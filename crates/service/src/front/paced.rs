//! A body that must keep coming.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

use super::BodyLimits;
use crate::{Body, BoxError};

/// Why a body was given up by the front itself. Services that read bodies themselves find it among an error's sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyRefused {
    /// It stopped coming, or came too slowly.
    #[error("the body did not come in time")]
    TooSlow,
    /// It is longer than the service takes.
    #[error("the body is longer than this service takes")]
    TooLong,
    /// Too much is held in memory at the moment.
    #[error("too many bodies are on their way")]
    Busy,
}

/// Ends with [`BodyRefused::TooSlow`] when a client stops sending, or sends slower than the limits ask for.
///
/// Only the time spent waiting for the client counts, not the time that a service takes for what came.
pub(super) struct Paced {
    inner: Body,
    limits: BodyLimits,
    /// Time spent waiting, but for the wait under way.
    waited: Duration,
    received: u64,
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl Paced {
    pub(super) fn new(inner: Body, limits: BodyLimits) -> Self {
        Self { inner, limits, waited: Duration::ZERO, received: 0, waiting: None }
    }

    /// How long the next piece may take.
    fn patience(&self) -> Duration {
        let earned = Duration::from_secs(self.received / self.limits.bytes_per_second.max(1));
        self.limits.idle.min((self.limits.grace + earned).saturating_sub(self.waited))
    }
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.inner).poll_frame(cx) {
            if let Some((since, _)) = this.waiting.take() {
                this.waited += since.elapsed();
            }
            if let Some(Ok(frame)) = &frame {
                this.received += frame.data_ref().map_or(0, |data| data.len() as u64);
            }
            return Poll::Ready(frame);
        }
        let patience = this.patience();
        let (_, alarm) = this.waiting.get_or_insert_with(|| (Instant::now(), Box::pin(sleep(patience))));
        alarm.as_mut().poll(cx).map(|()| Some(Err(BodyRefused::TooSlow.into())))
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }
}
