//! Why a policy is refused.

use thiserror::Error;

/// A policy that AWS would not accept, or that this engine cannot decide by.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("policy `{policy}`, {place}: {problem}\n  hint: {hint}")]
pub struct PolicyError {
    /// The policy's name as the caller gave it.
    pub policy: String,
    /// Where: line and column in the text or `file:line` of the statement, and the path inside the document.
    pub place: String,
    /// What is wrong.
    pub problem: String,
    /// The next step.
    pub hint: String,
}
