//! Errors: what the client may see, and what the log keeps.

use std::borrow::Cow;
use std::fmt;

use burgward_wire::{ErrorShape, Protocol};
use http::StatusCode;
use serde_json::{Map, Value};

/// Codes that services of different protocols name differently.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Code {
    /// A service's own code.
    Own(Cow<'static, str>),
    /// `AccessDenied` or `AccessDeniedException`.
    AccessDenied,
    /// `InternalError`, `InternalServerError` or `InternalFailure`.
    Internal,
}

/// Why an operation failed: the client's words and the log's words are two.
#[derive(Clone, Debug)]
pub struct ServiceError {
    code: Code,
    status: StatusCode,
    message: String,
    members: Box<Map<String, Value>>,
    internal: Option<Box<str>>,
}

impl ServiceError {
    /// The client is at fault: status 400, a modelled code such as `ResourceNotFoundException`, a message.
    #[must_use]
    pub fn client(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::with(Code::Own(code.into()), StatusCode::BAD_REQUEST, message.into())
    }

    /// Access denied, in the words of the protocol that asks (`AccessDenied`, `AccessDeniedException`).
    #[must_use]
    pub fn access_denied(message: impl Into<String>) -> Self {
        Self::with(Code::AccessDenied, StatusCode::FORBIDDEN, message.into())
    }

    /// We are at fault: the client sees a general message, the log keeps `detail`, which must hold no secret value.
    #[must_use]
    pub fn internal(detail: impl fmt::Display) -> Self {
        let mut error = Self::with(
            Code::Internal,
            StatusCode::INTERNAL_SERVER_ERROR,
            "The request processing has failed because of an unknown error, exception or failure.".to_owned(),
        );
        error.internal = Some(detail.to_string().into());
        error
    }

    /// An operation that stands in no table; an unmapped operation is a denied operation (law 2).
    #[must_use]
    pub fn unknown_operation(name: &str) -> Self {
        Self::client("UnknownOperationException", format!("the operation `{name}` is not served here"))
    }

    fn with(code: Code, status: StatusCode, message: String) -> Self {
        Self { code, status, message, members: Box::default(), internal: None }
    }

    /// The same error with another status.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The same error with a further member (`CancellationReasons`, S3's `Key` ...).
    #[must_use]
    pub fn with_member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// The same error with a word for the log alone; it must hold no secret value.
    #[must_use]
    pub fn with_internal(mut self, detail: impl fmt::Display) -> Self {
        self.internal = Some(detail.to_string().into());
        self
    }

    /// True for a denial.
    #[must_use]
    pub fn is_access_denied(&self) -> bool {
        self.code == Code::AccessDenied
    }

    /// The code, without a namespace, as JSON services write it.
    #[must_use]
    pub fn code(&self) -> &str {
        match &self.code {
            Code::Own(code) => code.rsplit('#').next().unwrap_or(code),
            Code::AccessDenied => "AccessDeniedException",
            Code::Internal => "InternalServerError",
        }
    }

    /// The client's message.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The status, before a protocol's own rules.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The log's words.
    #[must_use]
    pub fn internal_detail(&self) -> Option<&str> {
        self.internal.as_deref()
    }

    /// What a client of this protocol sees.
    #[must_use]
    pub fn shape(&self, protocol: &Protocol) -> ErrorShape {
        let json = matches!(protocol, Protocol::Json { .. });
        let code = match &self.code {
            Code::Own(code) => code.clone(),
            // AWS's own framework sends these two, not the service's model.
            Code::AccessDenied if json => "com.amazon.coral.service#AccessDeniedException".into(),
            Code::AccessDenied => "AccessDenied".into(),
            Code::Internal if json => "InternalServerError".into(),
            Code::Internal if *protocol == Protocol::RestXml => "InternalError".into(),
            Code::Internal => "InternalFailure".into(),
        };
        let status = if self.is_access_denied() && json { StatusCode::BAD_REQUEST } else { self.status };
        ErrorShape { status, code, message: self.message.clone(), members: (*self.members).clone() }
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.message)
    }
}

impl std::error::Error for ServiceError {}
