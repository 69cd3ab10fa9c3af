//! What comes from the IAM engine and the audit log; replaced by their crates as they land.

use burgward_types::AuditRecord;

/// Stands for `burgward_iam::Context`.
#[derive(Clone, Debug, Default)]
pub struct Context(Vec<(String, Vec<String>)>);

impl Context {
    /// An empty context.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a key.
    pub fn set(&mut self, key: &str, value: impl Into<ContextValue>) {
        let values = match value.into() {
            ContextValue::One(v) => vec![v],
            ContextValue::Many(v) => v,
        };
        self.0.push((key.to_owned(), values));
    }
}

/// Stands for `burgward_iam::ContextValue`.
#[derive(Clone, Debug)]
pub enum ContextValue {
    /// One value.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl From<&str> for ContextValue {
    fn from(value: &str) -> Self {
        Self::One(value.to_owned())
    }
}
impl From<String> for ContextValue {
    fn from(value: String) -> Self {
        Self::One(value)
    }
}
impl From<Vec<String>> for ContextValue {
    fn from(value: Vec<String>) -> Self {
        Self::Many(value)
    }
}
impl From<bool> for ContextValue {
    fn from(value: bool) -> Self {
        Self::One(value.to_string())
    }
}
impl From<i64> for ContextValue {
    fn from(value: i64) -> Self {
        Self::One(value.to_string())
    }
}

/// Stands for `burgward_iam::Policy`.
#[derive(Debug)]
pub struct Policy(());

/// Stands for `burgward_audit::Recorder`.
#[async_trait::async_trait]
pub trait Recorder: Send + Sync {
    /// Records.
    async fn record(&self, record: AuditRecord) -> Result<(), String>;
}
