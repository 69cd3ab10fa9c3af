//! The AWS endpoint: the same front for people outside and for each sandbox, told apart by the descriptor alone.

use std::future::Future;
use std::sync::Arc;

use burgward_edge::Peer;
use burgward_service::{Body, Front, Origin, Tls};
use burgward_types::SandboxId;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

/// Answers requests of one sandbox.
pub(crate) fn from_sandbox(
    front: Arc<Front>,
    sandbox: SandboxId,
) -> impl Fn(Request<Incoming>) -> std::pin::Pin<Box<dyn Future<Output = Response<Body>> + Send>> + Clone {
    move |request| {
        let front = Arc::clone(&front);
        Box::pin(async move { front.handle(Origin::Sandbox(sandbox), prepare(request)).await })
    }
}

/// Answers requests from outside.
pub(crate) fn from_outside(
    front: Arc<Front>,
) -> impl Fn(Request<Incoming>) -> std::pin::Pin<Box<dyn Future<Output = Response<Body>> + Send>> + Clone {
    move |request| {
        let front = Arc::clone(&front);
        // The listener puts the peer into every request; one without it cannot be attributed and counts as unknown.
        let peer = request.extensions().get::<Peer>().map(|peer| peer.remote);
        let origin = Origin::Outside(peer.unwrap_or_else(|| ([0, 0, 0, 0], 0).into()));
        Box::pin(async move { front.handle(origin, prepare(request)).await })
    }
}

fn prepare(request: Request<Incoming>) -> Request<Body> {
    let mut request = request.map(|body| body.map_err(Into::into).boxed_unsync());
    // Every listener here terminates TLS and says which version; a request without a peer counts as the oldest.
    let version = request.extensions().get::<Peer>().map_or("1.2", |peer| peer.tls_version);
    request.extensions_mut().insert(Tls { version });
    request
}
