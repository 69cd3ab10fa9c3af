//! Calls that Burgward makes itself, deploying: unsigned, but through the same guard into the same record.

use std::sync::Arc;

use burgward_types::Principal;
use http::header::HOST;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::Value;

use super::{Front, answer, receive};
use crate::{Body, CallInfo, Origin, ServiceError, collect, full};

/// Longer answers than this are not for a deployment to read.
const MAX_ANSWER: usize = 16 << 20;

impl Front {
    /// Calls a JSON operation as a principal of the house (deployment), without a signature but with the same guard
    /// and audit.
    pub async fn call_as(
        &self,
        principal: Principal,
        service: &str,
        operation: &str,
        body: Value,
    ) -> Result<Value, ServiceError> {
        let prefix = self.0.service(service).and_then(|service| service.target_prefix());
        let prefix = prefix.ok_or_else(|| ServiceError::unknown_operation(&format!("{service}:{operation}")))?;
        let request = Request::builder()
            .method(Method::POST)
            .uri("/")
            .header("x-amz-target", format!("{prefix}.{operation}"))
            .body(full(body.to_string()))
            .map_err(ServiceError::internal)?;
        let response = self.request_as(principal, service, request).await;
        let (status, body) = (response.status(), collect(response.into_body(), MAX_ANSWER).await?);
        let text: &[u8] = if body.is_empty() { b"{}" } else { &body };
        let value: Value = serde_json::from_slice(text).map_err(ServiceError::internal)?;
        if status.is_success() { Ok(value) } else { Err(of_answer(status, &value)) }
    }

    /// Sends any unsigned request to a service as a principal of the house, with the same guard and audit.
    pub async fn request_as(&self, principal: Principal, service: &str, request: Request<Body>) -> Response<Body> {
        let guard = &self.0.guard;
        let Some(service) = self.0.service(service) else { return self.handle(Origin::Internal, request).await };
        let (mut parts, body) = request.into_parts();
        parts.headers.entry(HOST).or_insert(HeaderValue::from_static("internal"));
        let mut facts = receive::facts(Origin::Internal, &parts, guard.scope().region.as_str(), guard.clock().now());
        facts.caller.user_id = crate::keys::user_id(&principal);
        facts.caller.principal = principal;
        answer::serve(guard, service, CallInfo(Arc::new(facts)), Request::from_parts(parts, body)).await
    }
}

/// Reads an error back out of a JSON answer.
fn of_answer(status: StatusCode, value: &Value) -> ServiceError {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let code = text("__type").unwrap_or("UnknownError");
    let message = text("message").or_else(|| text("Message")).unwrap_or_default();
    if code.ends_with("#AccessDeniedException") {
        return ServiceError::access_denied(message);
    }
    ServiceError::client(code.to_owned(), message).with_status(status)
}
