//! A call of a JSON (or Query) service, its body read to the end and thereby verified.

use bytes::Bytes;
use http::{HeaderMap, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    Authenticated, Body, CallInfo, Guard, JsonOperation, OperationInfo, Protocol, Reply, Service, ServiceError,
};

/// A call whose body was read and verified.
#[derive(Debug)]
pub struct Call {
    info: CallInfo,
    operation: &'static OperationInfo,
    protocol: Protocol,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    /// Reads the body, which verifies it, and finds the operation. The error is the answer to send.
    pub async fn read(call: Authenticated, service: &dyn Service) -> Result<Self, Response<Body>> {
        crate::front::read_call(call, service).await
    }

    pub(crate) fn new(
        info: CallInfo,
        operation: &'static OperationInfo,
        protocol: Protocol,
        headers: HeaderMap,
        body: Bytes,
    ) -> Self {
        Self { info, operation, protocol, headers, body }
    }

    /// The operation asked for; it is one of the service's.
    #[must_use]
    pub fn operation(&self) -> &'static OperationInfo {
        self.operation
    }

    /// What is known of the call beside its content.
    #[must_use]
    pub fn info(&self) -> &CallInfo {
        &self.info
    }

    /// The request's headers, without those of the signature.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body as it came.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body as a JSON value; an empty body is an empty object.
    pub fn value(&self) -> Result<Value, ServiceError> {
        self.json()
    }

    /// The body as a JSON text of this shape; an empty body is an empty object.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ServiceError> {
        let body: &[u8] = if self.body.is_empty() { b"{}" } else { &self.body };
        serde_json::from_slice(body).map_err(|error| {
            ServiceError::client(
                "SerializationException",
                format!("the body is not what this operation takes: {error}"),
            )
        })
    }

    /// The answer, in the service's protocol; an error is noted for the audit record.
    #[must_use]
    pub fn respond(&self, outcome: Result<Reply, ServiceError>) -> Response<Body> {
        match outcome {
            Ok(reply) => crate::front::encoded(self.protocol.answer(reply.body, self.info.request_id().as_str())),
            Err(error) => crate::front::refuse(&self.info, &self.protocol, &error),
        }
    }

    /// Parses, authorizes and runs one operation: what [`crate::operations!`] dispatches to.
    pub async fn run<O: JsonOperation>(&self, state: &O::State, guard: &Guard) -> Result<Reply, ServiceError> {
        let input = O::parse(self)?;
        let needs = O::needs(state, &input, guard.scope())?;
        let permit = guard.authorize::<O>(&self.info, needs).await?;
        O::run(state, permit, input).await
    }
}
