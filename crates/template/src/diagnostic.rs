//! What the reader has to say about a template.

use std::fmt;

use burgward_diag::Span;

/// Why something is refused or listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RefusedKind {
    /// Not a template that AWS would take.
    Syntax,
    /// A property that is not enforced here, or not known.
    UnsupportedProperty,
    /// A resource that is not run here.
    UnsupportedResource,
    /// A value that cannot be known before the stack exists elsewhere.
    Unresolved,
}

/// A remark with its place and the next step.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The place; none only for what has no place, such as a missing file.
    pub span: Option<Span>,
    /// What is wrong, lowercase, input in backticks.
    pub message: String,
    /// The next step.
    pub hint: String,
    /// Why.
    pub kind: RefusedKind,
}

/// `template.yaml:7:3: message`, and the hint on a line of its own.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(span) = &self.span {
            let at = span.position();
            write!(f, "{}:{}:{}: ", span.file.name(), at.line, at.column)?;
        }
        f.write_str(&self.message)?;
        if self.hint.is_empty() { Ok(()) } else { write!(f, "\n  hint: {}", self.hint) }
    }
}
