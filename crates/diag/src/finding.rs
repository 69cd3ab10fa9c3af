//! A finding: what is wrong, where, why it matters and what to do.

use serde::Serialize;

use crate::{Fix, Span};

/// How much a finding matters. The order is the order of `--fail-on`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A small weakness.
    Low,
    /// A weakness an attacker needs a second one for.
    Medium,
    /// An attacker can use it as it is.
    High,
    /// An attacker can use it as it is, and gets everything.
    Critical,
}

impl Severity {
    /// The name as it is written on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// Reads a name as it is written on the command line.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical].into_iter().find(|s| s.name() == name)
    }
}

/// A place of a finding, with a word on what is there.
#[derive(Clone, Debug)]
pub struct FindingSite {
    /// The place.
    pub span: Span,
    /// What is there; empty if the finding's title says it.
    pub label: String,
}

/// Something found in a template, in code or in a policy.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's stable id, such as `api-route-no-auth`.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// One line: what is wrong.
    pub title: String,
    /// Where; `None` only for what has no place, such as a missing file.
    pub primary: Option<FindingSite>,
    /// Further places that make the finding understandable.
    pub related: Vec<FindingSite>,
    /// Why it matters, in a sentence or two.
    pub why: String,
    /// The next step.
    pub help: String,
    /// How it can be mended by a program; empty if only a person can.
    pub fixes: Vec<Fix>,
}

impl Finding {
    /// What `explain` takes: the rule and the line, such as `api-route-no-auth@template.yaml:41`.
    #[must_use]
    pub fn id(&self) -> String {
        self.primary
            .as_ref()
            .map_or_else(|| self.rule.to_owned(), |site| format!("{}@{}", self.rule, site.span.place()))
    }
}
