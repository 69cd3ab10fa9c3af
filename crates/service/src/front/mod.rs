//! The way in: received, authenticated, handed to the service it was signed for, recorded.

mod answer;
mod authenticate;
mod budget;
mod clean;
mod internal;
mod paced;
mod read;
mod receive;
mod record;
mod refusal;
mod unserved;
mod verified;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use burgward_wire::Protocol;
use http::{Request, Response, request::Parts};

use crate::{Authenticated, Body, Guard, KeyRing, OperationInfo, Origin, Scope};

use budget::Budget;

pub(crate) use answer::{encoded, refuse};
pub(crate) use budget::{Exhausted, Held};
pub use paced::BodyRefused;
pub(crate) use read::{body_error, read_call};

/// An AWS service.
#[async_trait]
pub trait Service: Send + Sync {
    /// The service's name in a credential scope, such as `dynamodb`.
    fn signing_name(&self) -> &'static str;

    /// How its answers and errors look.
    fn protocol(&self) -> Protocol;

    /// What stands before the operation's name in `X-Amz-Target`, without the dot; `None` if it is not used.
    fn target_prefix(&self) -> Option<&'static str> {
        None
    }

    /// How long the body of a request may be that is read whole before the service sees it.
    fn body_limit(&self) -> usize {
        1 << 20
    }

    /// How long the body may be that the service takes piece by piece; `None` for a request whose body is read whole.
    fn streams(&self, _request: &Parts) -> Option<u64> {
        None
    }

    /// Every operation it has.
    fn operations(&self) -> &'static [&'static OperationInfo];

    /// The smallest valid request of an operation, unsigned; [`crate::walk`] uses it.
    fn example(&self, operation: &OperationInfo, scope: &Scope) -> Request<Body>;

    /// Serves a call. An answer of success without a permit minted on the way is not let out.
    async fn call(&self, guard: &Guard, call: Authenticated) -> Response<Body>;
}

/// What a client may send, and how slowly.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimits {
    /// How long a client may send nothing in the middle of a body.
    pub idle: Duration,
    /// How long a client may be waited for in all, beside what `bytes_per_second` gives it.
    pub grace: Duration,
    /// For each so many bytes that came, the client may be waited for a second longer.
    pub bytes_per_second: u64,
    /// How many bytes of bodies one sandbox, or one address outside, may have in memory at once.
    pub buffered_per_caller: usize,
    /// How many bytes of bodies may be in memory at once.
    pub buffered: usize,
    /// How many headers a request may have.
    pub headers: usize,
    /// How many bytes a request's target and headers may have.
    pub head_bytes: usize,
}

impl Default for BodyLimits {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(20),
            grace: Duration::from_secs(30),
            bytes_per_second: 16 << 10,
            buffered_per_caller: 64 << 20,
            buffered: 256 << 20,
            headers: 100,
            head_bytes: 24 << 10,
        }
    }
}

/// The front of all services.
#[derive(Clone)]
pub struct Front(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    limits: BodyLimits,
    budget: Arc<Budget>,
    guard: Arc<Guard>,
    keys: Arc<KeyRing>,
    services: Vec<Arc<dyn Service>>,
    #[cfg(feature = "test-without-layers")]
    without: burgward_types::Without,
}

impl Inner {
    fn service(&self, name: &str) -> Option<&Arc<dyn Service>> {
        self.services.iter().find(|service| service.signing_name() == name)
    }
}

impl fmt::Debug for Front {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.services.iter().map(|service| service.signing_name()).collect();
        f.debug_struct("Front").field("services", &names).finish_non_exhaustive()
    }
}

impl Front {
    /// A front for these services.
    #[must_use]
    pub fn new(guard: Arc<Guard>, keys: Arc<KeyRing>, services: Vec<Arc<dyn Service>>) -> Self {
        let limits = BodyLimits::default();
        Self(Arc::new(Inner {
            limits,
            budget: Budget::new(limits.buffered, limits.buffered_per_caller),
            guard,
            keys,
            services,
            #[cfg(feature = "test-without-layers")]
            without: burgward_types::Without::default(),
        }))
    }

    /// The front of a house that lacks a layer.
    #[cfg(feature = "test-without-layers")]
    #[must_use]
    pub fn lacking(
        guard: Arc<Guard>,
        keys: Arc<KeyRing>,
        services: Vec<Arc<dyn Service>>,
        without: burgward_types::Without,
    ) -> Self {
        let front = Self::new(guard, keys, services);
        Self(Arc::new(Inner { without, ..(*front.0).clone() }))
    }

    /// The same front with other limits on what clients send.
    #[must_use]
    pub fn with_body_limits(self, limits: BodyLimits) -> Self {
        let budget = Budget::new(limits.buffered, limits.buffered_per_caller);
        Self(Arc::new(Inner { limits, budget, ..(*self.0).clone() }))
    }

    /// Every operation of every service.
    #[must_use]
    pub fn operations(&self) -> Vec<&'static OperationInfo> {
        self.0.services.iter().flat_map(|service| service.operations().iter().copied()).collect()
    }

    /// The services.
    #[must_use]
    pub fn services(&self) -> &[Arc<dyn Service>] {
        &self.0.services
    }

    /// The guard.
    #[must_use]
    pub fn guard(&self) -> &Arc<Guard> {
        &self.0.guard
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &Arc<KeyRing> {
        &self.0.keys
    }

    /// Takes a request and answers it; whatever happens ends in one audit record.
    ///
    /// The work runs in a task of its own: a client that hangs up in the middle does not escape its record.
    pub async fn handle(&self, origin: Origin, request: Request<Body>) -> Response<Body> {
        let task = tokio::spawn(answer::answer(Arc::clone(&self.0), origin, request));
        task.await.unwrap_or_else(|_| answer::broken())
    }
}
