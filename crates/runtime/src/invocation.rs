//! An invocation and its outcomes.

use std::time::Duration;

use burgward_types::{RequestId, SandboxId};
use bytes::Bytes;
use thiserror::Error;

/// A call of a function.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The id that joins all logs of the request.
    pub request_id: RequestId,
    /// The event, as JSON.
    pub payload: Bytes,
    /// The client's context, as JSON.
    pub client_context: Option<String>,
    /// The X-Ray trace header; a fresh one is made if there is none.
    pub trace_id: Option<String>,
}

impl Invocation {
    /// An invocation with a payload and nothing else.
    #[must_use]
    pub fn new(request_id: RequestId, payload: impl Into<Bytes>) -> Self {
        Self { request_id, payload: payload.into(), client_context: None, trace_id: None }
    }
}

/// What came of an invocation that was run; a function's own failure is one of these, too.
#[derive(Debug, Clone)]
pub struct Invoked {
    /// The function's answer, or Lambda's error object.
    pub payload: Bytes,
    /// `Some("Unhandled")` if the payload is an error object, as in the header `X-Amz-Function-Error`.
    pub function_error: Option<String>,
    /// The kind of error for logs and metrics, such as `Sandbox.Timedout`; never free text of the function.
    pub error_type: Option<String>,
    /// The sandbox that ran it.
    pub sandbox: SandboxId,
    /// True if a sandbox was started for it.
    pub cold: bool,
    /// How long the init phase took, if there was one.
    pub init_duration: Option<Duration>,
    /// How long the invocation took.
    pub duration: Duration,
    /// The duration, rounded up to the next millisecond.
    pub billed_ms: u64,
    /// The memory in use at the end.
    pub memory_bytes: u64,
    /// The last 4 KiB of the invocation's log.
    pub log_tail: String,
}

/// Why an invocation was not run.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum InvokeError {
    /// No such function.
    #[error("function `{0}` not found\n  hint: `burgward plan` lists the functions of the template")]
    NotFound(String),
    /// The concurrency limit is reached (Lambda's `TooManyRequestsException`).
    #[error("rate exceeded for function `{0}`\n  hint: raise its `ReservedConcurrentExecutions`, or retry later")]
    Throttled(String),
    /// More than 6 MB of payload (Lambda's `RequestTooLargeException`).
    #[error("the payload of {size} bytes is larger than {limit} bytes\n  hint: pass large data through a bucket")]
    TooLarge {
        /// The payload's size.
        size: usize,
        /// What is allowed.
        limit: usize,
    },
    /// A client context or trace id that cannot be sent on.
    #[error("`{0}` holds characters that a header cannot carry\n  hint: control characters have to be escaped")]
    Invalid(&'static str),
    /// Burgward itself failed.
    #[error("the platform failed: {0}\n  hint: `burgward selftest` shows what works on this machine")]
    Platform(String),
}
