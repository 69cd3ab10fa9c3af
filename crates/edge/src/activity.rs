//! What a connection is doing, so that one that does nothing can be told from one at work.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::ListenLimits;

/// Answers go out in pieces of this size: each that is taken up shows that the client still reads.
const PIECE: usize = 64 * 1024;

/// One connection's activity.
#[derive(Debug)]
pub(crate) struct Activity {
    state: Mutex<State>,
    evicted: Notify,
}

#[derive(Debug)]
struct State {
    /// Requests whose answer has not begun.
    running: u32,
    /// Answers on their way.
    sending: u32,
    /// Whether any request has come yet.
    used: bool,
    evicted: bool,
    /// When anything of this changed last.
    at: Instant,
}

impl Activity {
    pub(crate) fn new() -> Arc<Self> {
        let state = State { running: 0, sending: 0, used: false, evicted: false, at: Instant::now() };
        Arc::new(Self { state: Mutex::new(state), evicted: Notify::new() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The handshake is done: the first request's time begins.
    pub(crate) fn opened(&self) {
        self.state().at = Instant::now();
    }

    /// A request begins; none does on a connection that has been given up.
    pub(crate) fn begin(self: &Arc<Self>) -> Option<Running> {
        let mut state = self.state();
        if state.evicted {
            return None;
        }
        state.running += 1;
        state.used = true;
        Some(Running(Arc::clone(self)))
    }

    /// Since when nothing has happened; nothing if a request or an answer is under way.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        let state = self.state();
        (state.running == 0 && state.sending == 0 && !state.evicted).then_some(state.at)
    }

    /// Gives the connection up for another, unless a request came in the meantime.
    pub(crate) fn evict(&self) -> bool {
        let mut state = self.state();
        let idle = state.running == 0 && state.sending == 0 && !state.evicted;
        if idle {
            state.evicted = true;
            self.evicted.notify_one();
        }
        idle
    }

    /// Returns once the connection has been given up.
    pub(crate) async fn evicted(&self) {
        self.evicted.notified().await;
    }

    /// Returns once the connection has been of no use for longer than the limits let it.
    pub(crate) async fn unused(&self, limits: &ListenLimits) {
        // Which limit holds changes while this sleeps, so it never sleeps longer than the shortest.
        let shortest = limits.first_request.min(limits.idle).min(limits.stall).max(Duration::from_millis(1));
        loop {
            let left = self.left(limits);
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(shortest)).await;
        }
    }

    /// How long the connection may stay if nothing happens; for ever while a function works.
    pub(crate) fn left(&self, limits: &ListenLimits) -> Duration {
        let state = self.state();
        let limit = match (state.running, state.sending, state.used) {
            (0, 0, false) => limits.first_request,
            (0, 0, true) => limits.idle,
            (0, ..) => limits.stall,
            _ => return Duration::MAX,
        };
        limit.saturating_sub(state.at.elapsed())
    }
}

/// A request at work.
#[derive(Debug)]
pub(crate) struct Running(Arc<Activity>);

impl Running {
    /// The answer is there and goes out as `body`; without one it is empty.
    pub(crate) fn answering<B>(self, body: Option<B>) -> Answering<B> {
        self.0.state().sending += 1;
        Answering { body, rest: Bytes::new(), sending: Sending(Arc::clone(&self.0)) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.running -= 1;
        state.at = Instant::now();
    }
}

/// An answer on its way.
#[derive(Debug)]
struct Sending(Arc<Activity>);

impl Drop for Sending {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.sending -= 1;
        state.at = Instant::now();
    }
}

/// A body that counts as activity for as long as it is taken up.
#[derive(Debug)]
pub(crate) struct Answering<B> {
    body: Option<B>,
    rest: Bytes,
    sending: Sending,
}

impl<B: Body<Data = Bytes> + Unpin> Body for Answering<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = &mut *self;
        if this.rest.is_empty() {
            let Some(body) = &mut this.body else { return Poll::Ready(None) };
            let frame = match std::task::ready!(Pin::new(body).poll_frame(cx)) {
                Some(Ok(frame)) => frame,
                end => return Poll::Ready(end),
            };
            match frame.into_data() {
                Ok(data) => this.rest = data,
                Err(frame) => return Poll::Ready(Some(Ok(frame))),
            }
        }
        this.sending.0.state().at = Instant::now();
        let piece = this.rest.split_to(this.rest.len().min(PIECE));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint);
        let rest = self.rest.len() as u64;
        let upper = hint.upper().map(|upper| upper.saturating_add(rest));
        hint.set_lower(hint.lower().saturating_add(rest));
        if let Some(upper) = upper {
            hint.set_upper(upper);
        }
        hint
    }
}
