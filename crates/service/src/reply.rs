//! Good answers of JSON operations.

use bytes::Bytes;
use serde_json::Value;

/// What an operation answers.
#[derive(Clone, Debug)]
pub struct Reply {
    pub(crate) body: Bytes,
}

impl Reply {
    /// A JSON value.
    #[must_use]
    pub fn json(value: &Value) -> Self {
        Self { body: value.to_string().into() }
    }

    /// What serializes to JSON.
    pub fn of<T: serde::Serialize>(value: &T) -> Result<Self, crate::ServiceError> {
        let body = serde_json::to_vec(value).map_err(crate::ServiceError::internal)?;
        Ok(Self { body: body.into() })
    }

    /// Bytes that are a JSON text already (or XML, in a Query service).
    #[must_use]
    pub fn raw(body: impl Into<Bytes>) -> Self {
        Self { body: body.into() }
    }

    /// `{}`.
    #[must_use]
    pub fn empty_object() -> Self {
        Self::raw("{}")
    }

    /// No bytes at all, as some operations of JSON 1.1 answer.
    #[must_use]
    pub fn nothing() -> Self {
        Self::raw(Bytes::new())
    }

    /// The bytes.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}
