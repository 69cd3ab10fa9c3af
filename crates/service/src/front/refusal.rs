//! Why the front turns a request away, and how each protocol says so.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>,
//! <https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html>,
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>.

use burgward_sigv4::{AuthError, PayloadError};
use burgward_wire::Protocol;
use http::StatusCode;

use super::BodyRefused;
use crate::{BoxError, ServiceError};

/// Why the front turns a request away.
#[derive(Debug)]
pub(super) enum Refusal {
    /// There is no signature.
    NoSignature,
    /// The key is unknown here: never issued, revoked, or bound to another place.
    UnknownKey,
    /// A presigned URL of a function's key that asks for more than such a URL may.
    Presigned,
    /// The session token is missing or another key's.
    Token,
    /// The key's time is over.
    KeyExpired,
    /// The scope's region is another one.
    Region(String),
    /// No service of this name is served.
    Service(String),
    /// The request itself is malformed.
    Malformed(&'static str),
    /// The signature is refused.
    Signature(AuthError),
    /// The payload is refused.
    Payload(PayloadError),
    /// The head has too many headers or is too long.
    HeadTooLong,
    /// The body is too long, too slow, or one too many.
    Body(BodyRefused),
    /// The body broke off.
    Broken(String),
}

impl From<AuthError> for Refusal {
    fn from(error: AuthError) -> Self {
        Self::Signature(error)
    }
}

impl From<PayloadError> for Refusal {
    fn from(error: PayloadError) -> Self {
        Self::Payload(error)
    }
}

/// Codes of one refusal: AWS's JSON framework, Query, S3.
struct Codes(&'static str, &'static str, &'static str);

impl Refusal {
    /// Reads why a body stopped.
    pub(super) fn of_body(error: &BoxError) -> Self {
        if let Some(refused) = error.downcast_ref::<BodyRefused>() {
            return Self::Body(*refused);
        }
        match error.downcast_ref::<PayloadError>() {
            Some(error) => Self::Payload(error.clone()),
            None => Self::Broken(error.to_string()),
        }
    }

    /// The error a client of this protocol sees.
    pub(super) fn error(&self, protocol: &Protocol) -> ServiceError {
        let (Codes(json, query, s3), message) = (self.codes(), self.message(protocol));
        let (code, status) = match protocol {
            Protocol::Json { .. } => (json, StatusCode::BAD_REQUEST),
            Protocol::Query { .. } => (query, StatusCode::FORBIDDEN),
            Protocol::RestXml => (s3, s3_status(s3)),
        };
        let status = match (self, protocol) {
            (Self::Body(BodyRefused::Busy), Protocol::RestXml) => StatusCode::SERVICE_UNAVAILABLE,
            (Self::Body(_), Protocol::RestXml) => status,
            (Self::Body(BodyRefused::TooLong), _) => StatusCode::PAYLOAD_TOO_LARGE,
            (Self::Body(BodyRefused::TooSlow), _) => StatusCode::REQUEST_TIMEOUT,
            (Self::Service(_) | Self::Body(BodyRefused::Busy), _) => StatusCode::BAD_REQUEST,
            _ => status,
        };
        let error = ServiceError::client(code, message).with_status(status);
        match self {
            Self::Signature(error_in) => error.with_internal(error_in),
            Self::Payload(error_in) => error.with_internal(error_in),
            Self::Broken(text) => error.with_internal(text),
            Self::NoSignature
            | Self::UnknownKey
            | Self::Presigned
            | Self::Token
            | Self::KeyExpired
            | Self::Region(_)
            | Self::Service(_)
            | Self::Malformed(_)
            | Self::HeadTooLong
            | Self::Body(_) => error,
        }
    }

    fn codes(&self) -> Codes {
        const INVALID: &str = "com.amazon.coral.service#InvalidSignatureException";
        const INCOMPLETE: &str = "com.amazon.coral.service#IncompleteSignatureException";
        const UNKNOWN: &str = "com.amazon.coral.service#UnrecognizedClientException";
        match self {
            Self::NoSignature => Codes(
                "com.amazon.coral.service#MissingAuthenticationTokenException",
                "MissingAuthenticationToken",
                "AccessDenied",
            ),
            Self::UnknownKey => Codes(UNKNOWN, "InvalidClientTokenId", "InvalidAccessKeyId"),
            Self::Presigned => Codes("com.amazon.coral.service#AccessDeniedException", "AccessDenied", "AccessDenied"),
            Self::Token => Codes(UNKNOWN, "InvalidClientTokenId", "InvalidToken"),
            Self::KeyExpired => Codes("com.amazon.coral.service#ExpiredTokenException", "ExpiredToken", "ExpiredToken"),
            Self::Region(_) => Codes(INVALID, "SignatureDoesNotMatch", "AuthorizationHeaderMalformed"),
            Self::Service(_) => {
                Codes("com.amazon.coral.service#UnknownOperationException", "InvalidAction", "InvalidAction")
            }
            Self::Malformed(_) | Self::Broken(_) => {
                Codes("com.amazon.coral.service#SerializationException", "MalformedInput", "InvalidRequest")
            }
            Self::HeadTooLong => Codes(
                "com.amazon.coral.service#SerializationException",
                "MalformedInput",
                "RequestHeaderSectionTooLarge",
            ),
            Self::Body(BodyRefused::TooLong) => {
                Codes("com.amazon.coral.service#RequestEntityTooLargeException", "MalformedInput", "EntityTooLarge")
            }
            Self::Body(BodyRefused::TooSlow) => {
                Codes("com.amazon.coral.service#RequestTimeoutException", "RequestTimeout", "RequestTimeout")
            }
            Self::Body(BodyRefused::Busy) => {
                Codes("com.amazon.coral.service#ThrottlingException", "Throttling", "SlowDown")
            }
            Self::Signature(error) => match error {
                AuthError::Scheme(_) => Codes(INCOMPLETE, "IncompleteSignature", "InvalidRequest"),
                AuthError::Incomplete(_) => Codes(INCOMPLETE, "IncompleteSignature", "AuthorizationHeaderMalformed"),
                AuthError::Unsigned(_) | AuthError::Expired { .. } => {
                    Codes(INVALID, "SignatureDoesNotMatch", "AccessDenied")
                }
                AuthError::Skewed { .. } => Codes(INVALID, "SignatureDoesNotMatch", "RequestTimeTooSkewed"),
                AuthError::Mismatch => Codes(INVALID, "SignatureDoesNotMatch", "SignatureDoesNotMatch"),
            },
            Self::Payload(error) => match error {
                PayloadError::Hash => Codes(INVALID, "SignatureDoesNotMatch", "XAmzContentSHA256Mismatch"),
                PayloadError::ChunkSignature(_) => Codes(INVALID, "SignatureDoesNotMatch", "SignatureDoesNotMatch"),
                PayloadError::Framing(_) | PayloadError::Trailer(_) => {
                    Codes(INVALID, "MalformedInput", "InvalidRequest")
                }
                PayloadError::Length { .. } => Codes(INVALID, "MalformedInput", "IncompleteBody"),
                PayloadError::Checksum(_) => Codes(INVALID, "MalformedInput", "BadDigest"),
            },
        }
    }

    fn message(&self, protocol: &Protocol) -> String {
        let s3 = *protocol == Protocol::RestXml;
        match self {
            Self::NoSignature if s3 => "Access Denied".to_owned(),
            Self::NoSignature => "Request is missing Authentication Token".to_owned(),
            Self::UnknownKey if s3 => "The AWS Access Key Id you provided does not exist in our records.".to_owned(),
            Self::Presigned => "Access Denied: a URL that a function presigned reads or writes (GET, HEAD, PUT) the \
                                content of a single object; its keys do nothing else outside its sandbox."
                .to_owned(),
            Self::Token if s3 => "The provided token is malformed or otherwise invalid.".to_owned(),
            Self::UnknownKey | Self::Token => "The security token included in the request is invalid.".to_owned(),
            Self::KeyExpired if s3 => "The provided token has expired.".to_owned(),
            Self::KeyExpired => "The security token included in the request is expired".to_owned(),
            Self::Region(region) => format!("Credential should be scoped to a valid region, not `{region}`."),
            Self::Service(name) => format!("`{name}` is not served by Burgward"),
            Self::Malformed(text) => (*text).to_owned(),
            Self::HeadTooLong => {
                "Your request header and query parameters used to make the request exceed the maximum \
                                  allowed size."
                    .to_owned()
            }
            Self::Body(BodyRefused::TooLong) if s3 => {
                "Your proposed upload exceeds the maximum allowed size".to_owned()
            }
            Self::Body(BodyRefused::TooLong) => "The request's body is longer than this service takes.".to_owned(),
            Self::Body(BodyRefused::TooSlow) => "Your socket connection to the server was not read from or written to \
                                                 within the timeout period. Idle connections will be closed."
                .to_owned(),
            Self::Body(BodyRefused::Busy) if s3 => "Please reduce your request rate.".to_owned(),
            Self::Body(BodyRefused::Busy) => "Rate exceeded".to_owned(),
            Self::Broken(_) => "The request's body could not be read to its end.".to_owned(),
            Self::Signature(error) => signature_message(error),
            Self::Payload(error) => first_line(error),
        }
    }
}

fn signature_message(error: &AuthError) -> String {
    match error {
        AuthError::Mismatch => "The request signature we calculated does not match the signature you provided. Check your \
                                AWS Secret Access Key and signing method. Consult the service documentation for details."
            .to_owned(),
        AuthError::Unsigned(name) => format!("There were headers present in the request which were not signed: {name}"),
        AuthError::Expired { .. } => "Request has expired".to_owned(),
        AuthError::Skewed { signed_at, now, .. } => format!(
            "The difference between the request time and the current time is too large: the request was signed at \
             {signed_at}, and it is {now}."
        ),
        AuthError::Scheme(_) => "The authorization mechanism you have provided is not supported. Please use \
                                 AWS4-HMAC-SHA256."
            .to_owned(),
        AuthError::Incomplete(_) => first_line(error),
    }
}

/// The error without its hint: that is for our log.
fn first_line(error: &impl ToString) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

fn s3_status(code: &str) -> StatusCode {
    match code {
        "AccessDenied" | "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "RequestTimeTooSkewed" => {
            StatusCode::FORBIDDEN
        }
        _ => StatusCode::BAD_REQUEST,
    }
}
