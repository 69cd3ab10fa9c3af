//! The gateway: one API, its stages and their order.

use std::io;
use std::sync::Arc;

use burgward_audit::Recorder;
use burgward_types::Clock;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use thiserror::Error;
use tokio::net::TcpListener;

use crate::{GatewayConfig, Invoke, ListenLimits, ServerTls, Serving, serve_aws};

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

/// One API, ready to answer.
#[derive(Debug)]
pub struct Gateway {
    parts: Parts,
}

impl Gateway {
    /// Compiles an API; refuses it if any of it cannot be enforced.
    pub fn new(config: GatewayConfig, parts: Parts) -> Result<Arc<Self>, GatewayError> {
        let _ = config;
        Ok(Arc::new(Self { parts }))
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

    /// Answers one request, which must carry its [`crate::Peer`].
    pub async fn handle(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let _ = (request, &self.parts);
        Response::new(Full::default())
    }
}
