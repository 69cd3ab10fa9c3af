//! What goes wrong here, in DynamoDB's words.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>

use burgward_service::ServiceError;

/// The request is well formed but not acceptable.
pub(crate) fn validation(message: impl Into<String>) -> ServiceError {
    ServiceError::client("com.amazon.coral.validate#ValidationException", message)
}

/// A member has the wrong JSON type.
pub(crate) fn serialization(message: impl Into<String>) -> ServiceError {
    ServiceError::client("com.amazon.coral.service#SerializationException", message)
}

/// The table lives elsewhere, or not at all.
pub(crate) fn not_found(message: impl Into<String>) -> ServiceError {
    ServiceError::client("ResourceNotFoundException", message)
}
