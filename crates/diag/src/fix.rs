//! Changes that mend a finding: byte ranges, so that every other byte of a file stays as it is.

use burgward_types::Secret;

use crate::Span;

/// A replacement of some bytes of a file; an empty span is an insertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextEdit {
    /// What is replaced.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

/// What a fix may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disposition {
    /// The template alone, and requests that were meant to pass still pass.
    Safe,
    /// Code as well.
    All,
}

/// One fix of one finding.
#[derive(Clone, Debug)]
pub struct Fix {
    /// What it does, in a line.
    pub title: String,
    /// What it may touch.
    pub disposition: Disposition,
    /// The changes; they do not overlap.
    pub edits: Vec<TextEdit>,
    /// Template parameters that it adds and that have no default, with the values that stood in the template.
    pub values: Vec<(String, Secret<String>)>,
}
