//! What a sandbox's runtime may do when: at most one invocation is open, and it is answered at most once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::HeaderValue;
use tokio::sync::{Notify, oneshot, watch};

use crate::outcome::Failure;

/// An invocation on its way into a sandbox.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) request_id: String,
    pub(crate) payload: Bytes,
    pub(crate) deadline_ms: i64,
    pub(crate) arn: HeaderValue,
    pub(crate) trace_id: HeaderValue,
    pub(crate) client_context: Option<HeaderValue>,
}

/// What the runtime answered.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The handler's result.
    Response(Bytes),
    /// An error object, the function's own or ours.
    Error(Failure),
}

/// How far the init phase has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Init {
    /// The runtime asked for nothing yet.
    Running,
    /// It asked for its first invocation.
    Done,
    /// It reported an error.
    Failed(Failure),
}

/// The state of one sandbox's Runtime API.
#[derive(Debug)]
pub(crate) struct Api {
    state: Mutex<State>,
    handed_over: Notify,
    init: watch::Sender<Init>,
    parked: watch::Sender<bool>,
    #[cfg(feature = "test-without-layers")]
    disorderly: std::sync::atomic::AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    /// Handed over by the pool, not yet fetched.
    pending: Option<(Work, oneshot::Sender<Answer>)>,
    open: Option<Open>,
    /// A `next` is waiting.
    waiting: bool,
    initialized: bool,
    /// A body is being read; its size is what bounds the host's memory for this sandbox.
    reading: bool,
}

#[derive(Debug)]
struct Open {
    request_id: String,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// The runtime has fetched it.
    Fetched(oneshot::Sender<Answer>),
    /// Its answer is being read.
    Answering,
    Answered,
}

/// Why a call was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// No such invocation is open here.
    InvalidRequestId,
    /// The call does not fit the state.
    InvalidState(&'static str),
}

impl Api {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State::default()),
            handed_over: Notify::new(),
            init: watch::Sender::new(Init::Running),
            parked: watch::Sender::new(false),
            #[cfg(feature = "test-without-layers")]
            disorderly: false.into(),
        })
    }

    /// Lets a test take the order of calls away.
    #[cfg(feature = "test-without-layers")]
    pub(crate) fn lack(&self, without: burgward_types::Without) {
        let lacks = without.lacks(burgward_types::HouseLayer::RuntimeApi);
        self.disorderly.store(lacks, std::sync::atomic::Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands an invocation over; the answer comes by the receiver, which fails if the runtime never answers.
    pub(crate) fn submit(&self, work: Work) -> oneshot::Receiver<Answer> {
        let (reply, answer) = oneshot::channel();
        self.lock().pending = Some((work, reply));
        self.handed_over.notify_one();
        answer
    }

    /// Takes an invocation back that the runtime did not fetch; false if it did.
    pub(crate) fn withdraw(&self) -> bool {
        self.lock().pending.take().is_some()
    }

    /// Resolves when the init phase ended.
    pub(crate) async fn initialized(&self) -> Init {
        let mut init = self.init.subscribe();
        let ended = init.wait_for(|init| *init != Init::Running).await;
        ended.map_or(Init::Running, |init| init.clone())
    }

    /// True while a `next` waits: the runtime is idle.
    pub(crate) fn is_parked(&self) -> bool {
        *self.parked.borrow()
    }

    /// Resolves once the runtime is idle.
    pub(crate) async fn parked(&self) {
        let mut parked = self.parked.subscribe();
        // The sender lives in `self`: waiting cannot fail.
        let _ = parked.wait_for(|parked| *parked).await;
    }

    /// `GET invocation/next`: waits for an invocation. The runtime's connection may close meanwhile, which drops this.
    pub(super) async fn next(&self) -> Result<Work, Refused> {
        let parked = self.park();
        #[cfg(feature = "test-without-layers")]
        let parked = match parked {
            Err(_) if self.disorderly.load(std::sync::atomic::Ordering::Relaxed) => Ok(None),
            other => other.map(Some),
        };
        let _parked = parked?;
        loop {
            if let Some(work) = self.fetch() {
                return Ok(work);
            }
            self.handed_over.notified().await;
        }
    }

    fn park(&self) -> Result<Parked<'_>, Refused> {
        {
            let mut state = self.lock();
            if state.open.as_ref().is_some_and(|open| !matches!(open.stage, Stage::Answered)) {
                return Err(Refused::InvalidState("an invocation is open: answer it before asking for the next one"));
            }
            if state.waiting {
                return Err(Refused::InvalidState("another request is already waiting for the next invocation"));
            }
            if *self.init.borrow() != Init::Running && !state.initialized {
                return Err(Refused::InvalidState("the init phase has failed"));
            }
            state.open = None;
            state.waiting = true;
            state.initialized = true;
        }
        self.init.send_if_modified(|init| {
            let first = *init == Init::Running;
            if first {
                *init = Init::Done;
            }
            first
        });
        self.parked.send_replace(true);
        Ok(Parked(self))
    }

    fn fetch(&self) -> Option<Work> {
        let mut state = self.lock();
        let (work, reply) = state.pending.take()?;
        state.open = Some(Open { request_id: work.request_id.clone(), stage: Stage::Fetched(reply) });
        Some(work)
    }

    /// Claims the right to answer an invocation, before a byte of the answer is read.
    pub(super) fn claim(self: &Arc<Self>, request_id: &str) -> Result<Claim, Refused> {
        let mut state = self.lock();
        let open = state.open.as_mut().filter(|open| open.request_id == request_id).ok_or(Refused::InvalidRequestId)?;
        match std::mem::replace(&mut open.stage, Stage::Answering) {
            Stage::Fetched(reply) => Ok(Claim { api: Arc::clone(self), reply: Some(reply) }),
            other @ (Stage::Answering | Stage::Answered) => {
                open.stage = other;
                Err(Refused::InvalidState("the invocation is answered already"))
            }
        }
    }

    /// Claims the right to report an init error, before a byte of it is read.
    pub(super) fn claim_init(self: &Arc<Self>) -> Result<InitClaim, Refused> {
        let mut state = self.lock();
        if state.initialized || state.reading || *self.init.borrow() != Init::Running {
            return Err(Refused::InvalidState("the init phase is over"));
        }
        state.reading = true;
        Ok(InitClaim(Arc::clone(self)))
    }
}

/// A waiting `next`.
struct Parked<'a>(&'a Api);

impl Drop for Parked<'_> {
    fn drop(&mut self) {
        self.0.parked.send_replace(false);
        self.0.lock().waiting = false;
    }
}

/// The right to answer the open invocation; given back if the answer never arrives whole.
pub(super) struct Claim {
    api: Arc<Api>,
    reply: Option<oneshot::Sender<Answer>>,
}

impl Claim {
    pub(super) fn answer(mut self, answer: Answer) {
        if let Some(reply) = self.reply.take() {
            // No `next` is granted while an answer is being read, so the open invocation is still this one.
            if let Some(open) = self.api.lock().open.as_mut() {
                open.stage = Stage::Answered;
            }
            // Nobody listens any more once the invocation timed out.
            let _ = reply.send(answer);
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let Some(reply) = self.reply.take() else { return };
        if let Some(open) = self.api.lock().open.as_mut() {
            open.stage = Stage::Fetched(reply);
        }
    }
}

/// The right to report an init error.
pub(super) struct InitClaim(Arc<Api>);

impl InitClaim {
    pub(super) fn fail(self, failure: Failure) {
        self.0.init.send_replace(Init::Failed(failure));
    }
}

impl Drop for InitClaim {
    fn drop(&mut self) {
        self.0.lock().reading = false;
    }
}
