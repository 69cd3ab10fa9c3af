//! What is known of a rule besides its code.

use burgward_diag::Severity;

use crate::report::Report;
use crate::view::View;

/// Who reads the findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Persona {
    /// Somebody who wants to know what to fix now.
    Regular,
    /// Somebody who wants defence in depth everywhere.
    Pedantic,
    /// Somebody who looks at everything, also what is right more often than wrong.
    Auditor,
}

impl Persona {
    /// The name as it is written on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Regular => "regular",
            Self::Pedantic => "pedantic",
            Self::Auditor => "auditor",
        }
    }

    /// Reads a name as it is written on the command line.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Regular, Self::Pedantic, Self::Auditor].into_iter().find(|p| p.name() == name)
    }
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A guess from names and shapes.
    Low,
    /// Right unless the app has a reason that a template cannot show.
    Medium,
    /// It follows from the template alone.
    High,
}

/// A check: its id, what is known of it, its page and its code.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The stable id, such as `api-route-no-auth`.
    pub id: &'static str,
    /// What is known of it.
    pub meta: Meta,
    /// The text of its source file, whose leading comment is its page.
    pub(crate) source: &'static str,
    /// The check itself.
    pub(crate) check: Check,
}

/// The code of a check.
pub(crate) type Check = fn(&View<'_>, &mut Report);

/// What is known of a rule; a single finding may differ where its file says so.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    /// How much its findings matter.
    pub severity: Severity,
    /// How sure they are.
    pub confidence: Confidence,
    /// Who wants to see them.
    pub persona: Persona,
    /// Entries of the lists of risks: `SAS-nn`, `OWASP-Sn`, `CWE-n`.
    pub tags: &'static [&'static str],
    /// Why it matters, in a sentence or two.
    pub why: &'static str,
    /// The next step.
    pub help: &'static str,
}

impl Rule {
    /// The rule's page, in Markdown.
    #[must_use]
    pub fn page(&self) -> String {
        let lines = self.source.lines().map_while(|line| line.strip_prefix("//!"));
        lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
    }

    /// The first line of the page: what the rule is about.
    #[must_use]
    pub fn summary(&self) -> String {
        self.page().lines().next().unwrap_or_default().to_owned()
    }
}
