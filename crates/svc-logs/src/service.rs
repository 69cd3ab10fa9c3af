//! The service as the front sees it.

use async_trait::async_trait;
use burgward_service::{Authenticated, Body, Call, Guard, OperationInfo, Protocol, Scope, Service, full};
use http::{Request, Response};

use crate::{Logs, ops};

const TARGET: &str = "Logs_20140328";

#[async_trait]
impl Service for Logs {
    fn signing_name(&self) -> &'static str {
        "logs"
    }

    fn protocol(&self) -> Protocol {
        Protocol::Json { version: "1.1", error_prefix: "", crc32: false }
    }

    fn target_prefix(&self) -> Option<&'static str> {
        Some(TARGET)
    }

    /// A batch of log events has at most a mebibyte, and JSON around it.
    fn body_limit(&self) -> usize {
        4 << 20
    }

    fn operations(&self) -> &'static [&'static OperationInfo] {
        ops::OPERATIONS
    }

    fn example(&self, operation: &OperationInfo, scope: &Scope) -> Request<Body> {
        let body = ops::example(operation.name, scope).to_string();
        let mut request = Request::new(full(body));
        *request.method_mut() = http::Method::POST;
        if let Ok(target) = format!("{TARGET}.{}", operation.name).parse() {
            request.headers_mut().insert("x-amz-target", target);
        }
        request
    }

    async fn call(&self, guard: &Guard, call: Authenticated) -> Response<Body> {
        match Call::read(call, self).await {
            Ok(call) => {
                let outcome = ops::dispatch(self, guard, &call).await;
                call.respond(outcome)
            }
            Err(answer) => answer,
        }
    }
}
