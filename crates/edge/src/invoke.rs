//! How the gateway reaches functions; the application gives the real thing.

use async_trait::async_trait;
use burgward_types::RequestId;
use bytes::Bytes;

/// One invocation.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The function's logical id.
    pub function: String,
    /// The gateway request's id: one id joins everything.
    pub request_id: RequestId,
    /// The event.
    pub payload: Bytes,
    /// `X-Amzn-Trace-Id`.
    pub trace_id: String,
    /// On whose behalf: the method's or the authorizer's `execute-api` ARN, for the function's resource policy.
    pub source_arn: String,
}

/// What a function answered.
#[derive(Clone, Debug)]
pub struct Invoked {
    /// The payload, an error's JSON included.
    pub payload: Bytes,
    /// `Handled` or `Unhandled` if the function failed.
    pub function_error: Option<String>,
}

/// Why a function was not run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvokeFailure {
    /// No such function.
    #[error("the function does not exist")]
    NotFound,
    /// Its resource policy does not let this API in.
    #[error("the function's policy does not permit this API\n  hint: add an AWS::Lambda::Permission for it")]
    Forbidden,
    /// Its concurrency is used up.
    #[error("the function's concurrency is used up")]
    Throttled,
    /// The event is larger than Lambda takes.
    #[error("the event is larger than 6 MB")]
    TooLarge,
    /// Something of ours failed.
    #[error("the platform failed: {0}")]
    Platform(String),
}

/// Runs functions.
#[async_trait]
pub trait Invoke: Send + Sync + 'static {
    /// Runs one and waits for its answer.
    async fn invoke(&self, invocation: Invocation) -> Result<Invoked, InvokeFailure>;
}
