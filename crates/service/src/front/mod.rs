//! The way in: received, authenticated, handed to the service it was signed for, recorded.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use burgward_types::Principal;
use burgward_wire::{Encoded, Protocol};
use http::{Request, Response, StatusCode};

use crate::{
    Authenticated, Body, BoxError, Call, CallInfo, Guard, KeyRing, OperationInfo, Origin, Scope, ServiceError, empty, full,
};

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

    /// How long a request's body may be; streaming services (S3) judge for themselves.
    fn body_limit(&self) -> usize {
        1 << 20
    }

    /// Every operation it has.
    fn operations(&self) -> &'static [&'static OperationInfo];

    /// The smallest valid request of an operation, unsigned; [`crate::walk`] uses it.
    fn example(&self, operation: &OperationInfo, scope: &Scope) -> Request<Body>;

    /// Serves a call. An answer of success without a permit minted on the way is not let out.
    async fn call(&self, guard: &Guard, call: Authenticated) -> Response<Body>;
}

/// The front of all services.
pub struct Front {
    guard: Arc<Guard>,
    keys: Arc<KeyRing>,
    services: Vec<Arc<dyn Service>>,
}

impl fmt::Debug for Front {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.services.iter().map(|service| service.signing_name()).collect();
        f.debug_struct("Front").field("services", &names).finish_non_exhaustive()
    }
}

impl Front {
    /// A front for these services.
    #[must_use]
    pub fn new(guard: Arc<Guard>, keys: Arc<KeyRing>, services: Vec<Arc<dyn Service>>) -> Self {
        Self { guard, keys, services }
    }

    /// Every operation of every service.
    #[must_use]
    pub fn operations(&self) -> Vec<&'static OperationInfo> {
        self.services.iter().flat_map(|service| service.operations().iter().copied()).collect()
    }

    /// The guard.
    #[must_use]
    pub fn guard(&self) -> &Arc<Guard> {
        &self.guard
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &Arc<KeyRing> {
        &self.keys
    }

    /// Takes a request and answers it; whatever happens ends in one audit record.
    pub async fn handle(&self, _origin: Origin, _request: Request<Body>) -> Response<Body> {
        let mut response = Response::new(empty());
        *response.status_mut() = StatusCode::FORBIDDEN;
        response
    }

    /// Calls a JSON operation as a principal of the house (deployment), without a signature but with the same guard
    /// and audit.
    pub async fn call_as(
        &self,
        _principal: Principal,
        _service: &str,
        _operation: &str,
        _body: serde_json::Value,
    ) -> Result<serde_json::Value, ServiceError> {
        Err(ServiceError::access_denied("not served"))
    }

    /// Sends any unsigned request to a service as a principal of the house, with the same guard and audit.
    pub async fn request_as(&self, _principal: Principal, _service: &str, _request: Request<Body>) -> Response<Body> {
        self.handle(Origin::Internal, Request::new(empty())).await
    }
}

pub(crate) fn encoded(encoded: Encoded) -> Response<Body> {
    let mut response = Response::new(full(encoded.body));
    *response.status_mut() = encoded.status;
    for (name, value) in encoded.headers {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

pub(crate) fn refuse(info: &CallInfo, protocol: &Protocol, error: &ServiceError) -> Response<Body> {
    info.failed(error.code(), error.message());
    encoded(protocol.error(&error.shape(protocol), info.request_id.as_str()))
}

pub(crate) fn body_error(error: BoxError, limit: usize) -> ServiceError {
    ServiceError::client("InvalidRequest", format!("the body was refused: {error} (limit {limit})"))
}

pub(crate) async fn read_call(call: Authenticated, service: &dyn Service) -> Result<Call, Response<Body>> {
    let error = ServiceError::unknown_operation(call.request.uri().path());
    Err(refuse(&call.info, &service.protocol(), &error))
}
