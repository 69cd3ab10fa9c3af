//! What happened to one call, collected for its audit record.

use std::sync::{Mutex, MutexGuard, PoisonError};

use burgward_types::DecisionRecord;
use serde_json::{Map, Value};

use crate::OperationInfo;

/// The state of a [`Trail`].
#[derive(Debug, Default)]
pub(crate) struct Steps {
    pub(crate) service: Option<&'static str>,
    pub(crate) event_name: Option<String>,
    pub(crate) read_only: bool,
    pub(crate) decisions: Vec<DecisionRecord>,
    pub(crate) permits: u32,
    pub(crate) error: Option<(String, String)>,
    pub(crate) detail: Map<String, Value>,
}

/// Collects what happens to a call.
#[derive(Debug, Default)]
pub(crate) struct Trail(Mutex<Steps>);

impl Trail {
    /// The steps so far. A panic elsewhere leaves them as they are: they are only ever appended to.
    pub(crate) fn steps(&self) -> MutexGuard<'_, Steps> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn name(&self, operation: &OperationInfo) {
        let mut steps = self.steps();
        if steps.event_name.is_none() {
            steps.event_name = Some(operation.name.to_owned());
            steps.service = Some(operation.service);
            steps.read_only = operation.access.reads_only();
        }
    }

    pub(crate) fn detail(&self, name: &str, value: Value) {
        self.steps().detail.insert(name.to_owned(), value);
    }

    pub(crate) fn failed(&self, code: &str, message: &str) {
        self.steps().error = Some((code.to_owned(), message.to_owned()));
    }
}
