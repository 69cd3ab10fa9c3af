//! The gateway: one API, its stages and their order.

use std::io;
use std::sync::Arc;

use burgward_audit::Recorder;
use burgward_types::Clock;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::answer::Answer;
use crate::api::CompiledApi;
use crate::head::{Head, SharedHead};
use crate::record::record;
use crate::respond;
use crate::stages::{Admitted, Answered, Authorized, Found, Received, Routed, Trail, Validated, exhausted};
use crate::stop::{Cause, Stop, StoppedBy};
use crate::unread::Upload;
use crate::{AccountLimits, GatewayConfig, Invoke, ListenLimits, Peer, ServerTls, Serving, serve_aws};

/// What a gateway works with.
#[derive(Clone)]
pub struct Parts {
    /// Runs functions.
    pub invoke: Arc<dyn Invoke>,
    /// Takes a record of every request.
    pub recorder: Arc<dyn Recorder>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}

/// Why a gateway cannot serve an API as it is written. Nothing is served then.
#[derive(Debug, Error)]
pub enum GatewayError {
    /// A route names an authorizer that the API does not have.
    #[error("the route `{route}` names the authorizer `{authorizer}`, which `{api}` does not define")]
    UnknownAuthorizer {
        /// The route.
        route: String,
        /// The authorizer's name.
        authorizer: String,
        /// The API's logical id.
        api: String,
    },
    /// A path, method, pattern, rate or policy that cannot be read.
    #[error("`{what}` of `{api}` cannot be enforced: {why}")]
    Unusable {
        /// What it is.
        what: String,
        /// The API's logical id.
        api: String,
        /// What is wrong.
        why: String,
    },
}

/// Requests under way at once; more are turned away with 503.
const UNDER_WAY: usize = 4096;

/// One API, ready to answer.
#[derive(Debug)]
pub struct Gateway {
    api: CompiledApi,
    parts: Parts,
    account: Arc<AccountLimits>,
    under_way: Semaphore,
}

impl Gateway {
    /// Compiles an API; refuses it if any of it cannot be enforced. It shares the account's limits with no other.
    pub fn new(config: GatewayConfig, parts: Parts) -> Result<Arc<Self>, GatewayError> {
        Self::sharing(config, parts, Arc::default())
    }

    /// Compiles an API that shares the account's limits with others.
    pub fn sharing(
        config: GatewayConfig,
        parts: Parts,
        account: Arc<AccountLimits>,
    ) -> Result<Arc<Self>, GatewayError> {
        let api = CompiledApi::new(config)?;
        Ok(Arc::new(Self { api, parts, account, under_way: Semaphore::new(UNDER_WAY) }))
    }

    /// The same for a house that lacks a layer.
    #[cfg(feature = "test-without-layers")]
    pub fn lacking(
        config: GatewayConfig,
        parts: Parts,
        account: Arc<AccountLimits>,
        without: burgward_types::Without,
    ) -> Result<Arc<Self>, GatewayError> {
        let mut api = CompiledApi::new(config)?;
        api.without = without;
        if without.lacks(burgward_types::HouseLayer::ApiPolicy) {
            api.resource_policy = None;
        }
        Ok(Arc::new(Self { api, parts, account, under_way: Semaphore::new(UNDER_WAY) }))
    }

    /// Serves the API on a listener until the result is stopped or dropped.
    pub fn serve(
        self: &Arc<Self>,
        listener: TcpListener,
        tls: &ServerTls,
        limits: ListenLimits,
    ) -> io::Result<Serving> {
        let gateway = Arc::clone(self);
        serve_aws(listener, tls, limits, move |request| {
            let gateway = Arc::clone(&gateway);
            async move { gateway.handle(request).await }
        })
    }

    /// Every key's id and quota count, to be kept over a restart.
    #[must_use]
    pub fn quota_snapshot(&self) -> Vec<(String, u64)> {
        self.api.keys.quota_snapshot()
    }

    /// Answers one request. It runs to its end and is recorded even if the client goes away, as on AWS.
    pub async fn handle(self: &Arc<Self>, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let gateway = Arc::clone(self);
        // A task that panicked has recorded nothing, so it must not look like an answer of the app's.
        tokio::spawn(async move { gateway.process(request).await }).await.unwrap_or_else(|_| {
            let mut answer = Response::new(Full::default());
            *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            answer
        })
    }

    async fn process(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (mut head, body) = request.into_parts();
        let Some(peer) = head.extensions.remove::<Peer>() else {
            let mut answer = Response::new(Full::default());
            *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            return answer;
        };
        let body = Upload::new(body);
        let head = Arc::new(Head::new(head, &peer, &*self.parts.clock));
        let mut trail = Trail::default();
        let outcome = self.pass(Arc::clone(&head), body, &mut trail).await;
        let (answer, stop) = match outcome {
            Ok(answer) => (answer, None),
            Err(stop) => (respond::stopped(&self.api, &stop), Some(stop)),
        };
        let record = record(&self.api, &head, trail, stop.as_ref(), answer.status().as_u16());
        if let Err(error) = self.parts.recorder.record(record).await {
            let stop = Stop::new(StoppedBy::Audit, Cause::Internal, error.to_string());
            return respond::finish(&self.api, &head, respond::stopped(&self.api, &stop), false);
        }
        respond::finish(&self.api, &head, answer, stop.is_none())
    }

    /// The stages in their order.
    async fn pass(&self, head: SharedHead, body: Upload, trail: &mut Trail) -> Result<Answer, Stop> {
        let overloaded = |_| Stop::new(StoppedBy::Limits, Cause::Overloaded, "too many requests are under way");
        let _slot = self.under_way.try_acquire().map_err(overloaded)?;
        let (api, parts) = (&self.api, &self.parts);
        let received = Received::new(api, &self.account, head, body)?;
        let routed = match Routed::find(api, received, trail)? {
            Found::Route(routed) => *routed,
            Found::Preflight(headers) => return Ok(respond::preflight(headers)),
        };
        let authorized = Authorized::new(api, parts, routed, trail).await?;
        let admitted = Admitted::new(api, authorized, trail)?;
        let memory = &self.account.memory;
        let validated = Validated::new(admitted, memory).await?;
        let answered = Answered::new(api, parts, memory, validated, trail).await?;
        // An answer counts until the client has taken it.
        let (head, body) = answered.into_answer().into_parts();
        Ok(Answer::from_parts(head, memory.count(body).map_err(exhausted)?))
    }
}
