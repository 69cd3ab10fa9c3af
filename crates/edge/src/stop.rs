//! Why a request ended early, and how API Gateway says so.

use burgward_template::model::ApiKind;
use http::StatusCode;

/// The stage that stopped a request, as it stands in the record's `stopped_by`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoppedBy {
    Limits,
    Route,
    ResourcePolicy,
    Authorizer,
    ApiKey,
    Throttle,
    Quota,
    Validation,
    Invoke,
    Audit,
}

impl StoppedBy {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Limits => "limits",
            Self::Route => "route",
            Self::ResourcePolicy => "resource-policy",
            Self::Authorizer => "authorizer",
            Self::ApiKey => "api-key",
            Self::Throttle => "throttle",
            Self::Quota => "quota",
            Self::Validation => "validation",
            Self::Invoke => "invoke",
            Self::Audit => "audit",
        }
    }
}

/// What went wrong, in the gateway's own terms.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    HeadTooLarge,
    UnknownHost,
    UnknownStage,
    NoRoute,
    Unauthorized,
    Denied {
        explicit: bool,
    },
    PolicyDenied {
        arn: String,
        explicit: bool,
    },
    AuthorizerBroken,
    KeyRefused,
    Throttled,
    QuotaExceeded,
    BodyTooLarge,
    BodyBroken,
    /// Two readers could read it in two ways.
    Ambiguous,
    BodySlow,
    TimedOut,
    /// The function failed or answered in a form that is no answer.
    BadAnswer,
    /// Lambda did not run the function.
    InvokeRefused,
    FunctionThrottled,
    Overloaded,
    Internal,
}

/// A request's early end.
#[derive(Clone, Debug)]
pub(crate) struct Stop {
    pub(crate) by: StoppedBy,
    pub(crate) cause: Cause,
    /// For the record; the client does not see it, and it holds no secret.
    pub(crate) reason: String,
}

impl Stop {
    pub(crate) fn new(by: StoppedBy, cause: Cause, reason: impl Into<String>) -> Self {
        Self { by, cause, reason: reason.into() }
    }

    /// Status, error type and body, as the kind of API words them.
    pub(crate) fn wording(&self, kind: ApiKind) -> Wording {
        match kind {
            ApiKind::Rest => rest(&self.cause),
            ApiKind::Http => http_api(&self.cause),
        }
    }
}

/// How an early end looks to the client.
#[derive(Debug)]
pub(crate) struct Wording {
    pub(crate) status: StatusCode,
    /// `x-amzn-ErrorType`; HTTP APIs do not send it.
    pub(crate) error_type: &'static str,
    pub(crate) body: String,
}

fn wording(status: u16, error_type: &'static str, body: impl Into<String>) -> Wording {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Wording { status, error_type, body: body.into() }
}

/// REST APIs. The space after some colons is API Gateway's.
fn rest(cause: &Cause) -> Wording {
    match cause {
        Cause::HeadTooLarge => {
            wording(431, "RequestHeaderFieldsTooLarge", r#"{"message":"Request Header Fields Too Large"}"#)
        }
        Cause::UnknownHost | Cause::UnknownStage | Cause::KeyRefused => {
            wording(403, "ForbiddenException", r#"{"message":"Forbidden"}"#)
        }
        Cause::NoRoute => {
            wording(403, "MissingAuthenticationTokenException", r#"{"message":"Missing Authentication Token"}"#)
        }
        Cause::Unauthorized => wording(401, "UnauthorizedException", r#"{"message":"Unauthorized"}"#),
        Cause::Denied { explicit } => {
            let more = if *explicit { " with an explicit deny" } else { "" };
            let body = format!(r#"{{"Message":"User is not authorized to access this resource{more}"}}"#);
            wording(403, "AccessDeniedException", body)
        }
        Cause::PolicyDenied { arn, explicit } => {
            let more = if *explicit { " with an explicit deny" } else { "" };
            let text = format!(
                "User: anonymous is not authorized to perform: execute-api:Invoke on resource: {}{more}",
                masked(arn)
            );
            wording(403, "AccessDeniedException", serde_json::json!({ "Message": text }).to_string())
        }
        Cause::AuthorizerBroken => wording(500, "AuthorizerConfigurationException", r#"{"message":null}"#),
        Cause::Throttled => wording(429, "TooManyRequestsException", r#"{"message":"Too Many Requests"}"#),
        Cause::QuotaExceeded => wording(429, "LimitExceededException", r#"{"message":"Limit Exceeded"}"#),
        Cause::BodyTooLarge => wording(413, "RequestTooLargeException", r#"{"message":"Request Too Long"}"#),
        Cause::BodyBroken | Cause::Ambiguous => wording(400, "BadRequestException", r#"{"message":"Bad Request"}"#),
        Cause::BodySlow => wording(408, "RequestTimeoutException", r#"{"message":"Request Timeout"}"#),
        Cause::TimedOut => wording(504, "InternalServerErrorException", r#"{"message": "Endpoint request timed out"}"#),
        Cause::BadAnswer => wording(502, "InternalServerErrorException", r#"{"message": "Internal server error"}"#),
        Cause::InvokeRefused | Cause::FunctionThrottled | Cause::Internal => {
            wording(500, "InternalServerErrorException", r#"{"message": "Internal server error"}"#)
        }
        Cause::Overloaded => wording(503, "ServiceUnavailableException", r#"{"message":"Service Unavailable"}"#),
    }
}

fn http_api(cause: &Cause) -> Wording {
    match cause {
        Cause::HeadTooLarge => wording(431, "", r#"{"message":"Request Header Fields Too Large"}"#),
        Cause::UnknownHost | Cause::Denied { .. } | Cause::PolicyDenied { .. } | Cause::KeyRefused => {
            wording(403, "", r#"{"message":"Forbidden"}"#)
        }
        Cause::UnknownStage | Cause::NoRoute => wording(404, "", r#"{"message":"Not Found"}"#),
        Cause::Unauthorized => wording(401, "", r#"{"message":"Unauthorized"}"#),
        Cause::Throttled | Cause::QuotaExceeded => wording(429, "", r#"{"message":"Too Many Requests"}"#),
        Cause::BodyTooLarge => wording(413, "", r#"{"message":"Request Entity Too Large"}"#),
        Cause::BodyBroken | Cause::Ambiguous => wording(400, "", r#"{"message":"Bad Request"}"#),
        Cause::BodySlow => wording(408, "", r#"{"message":"Request Timeout"}"#),
        Cause::TimedOut | Cause::FunctionThrottled | Cause::Overloaded => {
            wording(503, "", r#"{"message":"Service Unavailable"}"#)
        }
        Cause::AuthorizerBroken | Cause::BadAnswer | Cause::InvokeRefused | Cause::Internal => {
            wording(500, "", r#"{"message":"Internal Server Error"}"#)
        }
    }
}

/// API Gateway shows only the last four digits of the account to strangers.
fn masked(arn: &str) -> String {
    let mut parts: Vec<&str> = arn.splitn(6, ':').collect();
    let account = parts.get(4).map_or(String::new(), |account| format!("********{}", account.get(8..).unwrap_or("")));
    if let Some(slot) = parts.get_mut(4) {
        *slot = &account;
    }
    parts.join(":")
}
