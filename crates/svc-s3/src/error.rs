//! Errors as S3 words them.

use burgward_service::{BodyRefused, ServiceError};
use burgward_sigv4::PayloadError;
use s3s::{S3Error, S3ErrorCode, StdError, s3_error};
use thiserror::Error;

/// Why S3 could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The directory of the contents.
    #[error(
        "cannot open the objects' directory `{path}`: {source}\n  hint: check that it is writable and has free space"
    )]
    Directory {
        /// The directory.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The metadata.
    #[error(transparent)]
    Store(#[from] burgward_store::StoreError),
    /// An object's metadata.
    #[error("an object's metadata cannot be read: {0}\n  hint: restore the data directory from a backup")]
    Metadata(#[from] serde_json::Error),
    /// The keys.
    #[error(transparent)]
    Vault(#[from] burgward_vault::VaultError),
}

/// We are at fault. The client sees a general message; the reason stays with the error for the log.
#[expect(clippy::needless_pass_by_value, reason = "used as a function in `map_err`")]
pub(crate) fn internal(reason: impl ToString) -> S3Error {
    let mut error =
        S3Error::with_message(S3ErrorCode::InternalError, "We encountered an internal error. Please try again.");
    error.set_source(reason.to_string().into());
    error
}

/// What the guard or the front said, in S3's form.
pub(crate) fn from_service(error: &ServiceError) -> S3Error {
    let code = match error.code() {
        "AccessDeniedException" => S3ErrorCode::AccessDenied,
        "InternalServerError" => S3ErrorCode::InternalError,
        code => S3ErrorCode::from_bytes(code.as_bytes()).unwrap_or(S3ErrorCode::InvalidRequest),
    };
    let mut answer = S3Error::with_message(code, error.message().to_owned());
    answer.set_status_code(error.status());
    answer
}

/// A body that stopped before its end: what arrived is not what was signed, or the connection broke.
pub(crate) fn body_refused(error: &StdError) -> S3Error {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error.as_ref());
    while let Some(at) = cause {
        if let Some(error) = at.downcast_ref::<PayloadError>() {
            return payload_refused(error);
        }
        if let Some(refused) = at.downcast_ref::<BodyRefused>() {
            return given_up(*refused);
        }
        cause = at.source();
    }
    S3Error::with_message(S3ErrorCode::IncompleteBody, format!("The body was refused: {error}"))
}

/// The front gave the body up.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
fn given_up(refused: BodyRefused) -> S3Error {
    match refused {
        BodyRefused::TooSlow => s3_error!(
            RequestTimeout,
            "Your socket connection to the server was not read from or written to within the timeout period. Idle \
             connections will be closed."
        ),
        BodyRefused::TooLong => s3_error!(EntityTooLarge, "Your proposed upload exceeds the maximum allowed size"),
        BodyRefused::Busy => s3_error!(SlowDown, "Please reduce your request rate."),
    }
}

/// What arrived is not what was signed, in S3's codes.
fn payload_refused(error: &PayloadError) -> S3Error {
    let code = match error {
        PayloadError::Hash => {
            let code = S3ErrorCode::Custom("XAmzContentSHA256Mismatch".into());
            let mut answer = S3Error::with_message(
                code,
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            );
            answer.set_status_code(http::StatusCode::BAD_REQUEST);
            return answer;
        }
        PayloadError::ChunkSignature(_) => S3ErrorCode::SignatureDoesNotMatch,
        PayloadError::Framing(_) | PayloadError::Trailer(_) => S3ErrorCode::InvalidRequest,
        PayloadError::Length { .. } => S3ErrorCode::IncompleteBody,
        PayloadError::Checksum(_) => S3ErrorCode::BadDigest,
    };
    let message = error.to_string();
    S3Error::with_message(code, message.lines().next().unwrap_or_default().to_owned())
}

/// What is known to S3 and not served here. It is refused, never ignored (law 1).
pub(crate) fn not_served(what: &str) -> S3Error {
    S3Error::with_message(S3ErrorCode::NotImplemented, format!("`{what}` is not served here"))
}
