//! A parameter as it is kept, and as clients see it.

use burgward_service::{Scope, ServiceError};
use burgward_types::{Secret, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use crate::name;

/// A parameter's type.
///
/// Source: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// Text.
    String,
    /// Texts, separated by commas.
    StringList,
    /// Text that is sealed.
    SecureString,
}

impl Kind {
    pub(crate) fn parse(text: &str) -> Result<Self, ServiceError> {
        match text {
            "String" => Ok(Self::String),
            "StringList" => Ok(Self::StringList),
            "SecureString" => Ok(Self::SecureString),
            _ => {
                let shown: String = text.chars().take(64).collect();
                Err(ServiceError::client(
                    "ValidationException",
                    format!(
                        "1 validation error detected: Value '{shown}' at 'type' failed to satisfy constraint: Member must \
                         satisfy enum value set: [SecureString, StringList, String]"
                    ),
                ))
            }
        }
    }
}

/// One version of a parameter, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// The value; for a `SecureString`, Base64 of the sealed value.
    pub(crate) value: String,
    pub(crate) version: u64,
    pub(crate) modified: Timestamp,
    pub(crate) description: Option<String>,
    pub(crate) tier: String,
    /// Who wrote it.
    pub(crate) user: String,
    pub(crate) tags: Vec<(String, String)>,
}

impl Record {
    /// As `GetParameter` answers it, with this value.
    pub(crate) fn shown(&self, scope: &Scope, value: &str, selector: Option<&str>) -> Value {
        let mut shown = json!({
            "Name": self.name,
            "Type": self.kind,
            "Value": value,
            "Version": self.version,
            "LastModifiedDate": seconds(self.modified),
            "ARN": name::arn(scope, &self.name),
            "DataType": "text",
        });
        if let (Some(selector), Some(members)) = (selector, shown.as_object_mut()) {
            members.insert("Selector".to_owned(), Value::from(selector));
        }
        shown
    }

    /// As `DescribeParameters` answers it: without the value.
    pub(crate) fn described(&self, scope: &Scope) -> Value {
        let mut shown = json!({
            "Name": self.name,
            "ARN": name::arn(scope, &self.name),
            "Type": self.kind,
            "LastModifiedDate": seconds(self.modified),
            "LastModifiedUser": self.user,
            "Version": self.version,
            "Tier": self.tier,
            "Policies": [],
            "DataType": "text",
        });
        let Some(members) = shown.as_object_mut() else { return shown };
        if self.kind == Kind::SecureString {
            members.insert("KeyId".to_owned(), Value::from("alias/aws/ssm"));
        }
        if let Some(description) = &self.description {
            members.insert("Description".to_owned(), Value::from(description.as_str()));
        }
        shown
    }
}

/// Seconds since the epoch with milliseconds, as JSON 1.1 writes times.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of this age fit a double exactly")]
pub(crate) fn seconds(at: Timestamp) -> f64 {
    at.0 as f64 / 1000.0
}

/// Reads a secret text, so that it is never shown by `Debug`.
pub(crate) fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Secret<String>, D::Error> {
    String::deserialize(from).map(Secret::new)
}
