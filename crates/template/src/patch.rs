//! Edits as byte ranges: every other byte of the file stays as it is, and the result is read again to verify it.

use burgward_diag::{SourceFile, Span};
use thiserror::Error;

use crate::tree::{ReadLimits, read};

/// A replacement of some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The first byte.
    pub start: u32,
    /// The byte after the last; equal to `start` for an insertion.
    pub end: u32,
    /// What stands there afterwards.
    pub text: String,
}

impl Edit {
    /// Replaces what a span covers.
    #[must_use]
    pub fn replace(span: &Span, text: impl Into<String>) -> Self {
        Self { start: span.start, end: span.end, text: text.into() }
    }

    /// Inserts before a byte.
    #[must_use]
    pub fn insert(at: u32, text: impl Into<String>) -> Self {
        Self { start: at, end: at, text: text.into() }
    }
}

/// Why edits were not made; the file is unchanged then.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum PatchError {
    /// Two edits touch the same bytes.
    #[error("two edits overlap at byte {0}\n  hint: make them one after the other")]
    Overlap(u32),
    /// A range that is none, or cuts a character.
    #[error("bytes {0} to {1} are no range of the file\n  hint: take ranges from spans of the same text")]
    Range(u32, u32),
    /// The result would not be read.
    #[error("the edited file would not be valid: {0}\n  hint: nothing was changed")]
    Invalid(String),
}

/// Makes the edits, in whatever order they are given.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, PatchError> {
    let mut ordered: Vec<_> = edits.iter().collect();
    ordered.sort_by_key(|e| (e.start, e.end));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in ordered {
        if edit.start < at {
            return Err(PatchError::Overlap(edit.start));
        }
        let range = || PatchError::Range(edit.start, edit.end);
        let kept = text.get(at as usize..edit.start as usize).ok_or_else(range)?;
        text.get(edit.start as usize..edit.end as usize).ok_or_else(range)?;
        out.push_str(kept);
        out.push_str(&edit.text);
        at = edit.end;
    }
    out.push_str(text.get(at as usize..).ok_or(PatchError::Range(at, at))?);
    verify(text, &out)?;
    Ok(out)
}

/// What was readable must stay readable.
fn verify(before: &str, after: &str) -> Result<(), PatchError> {
    let first_error = |text: &str| {
        let mut refused = Vec::new();
        read(&SourceFile::new("edited", text), ReadLimits::default(), &mut refused, &mut Vec::new());
        refused.into_iter().next()
    };
    match first_error(after) {
        Some(error) if first_error(before).is_none() => Err(PatchError::Invalid(error.to_string())),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_edited_bytes_change() {
        let text = "a:   1 # one\r\nb: [x,  y]\n\n";
        assert_eq!(apply(text, &[]).unwrap(), text);
        let edits = [Edit::insert(18, "w, "), Edit { start: 5, end: 6, text: "22".into() }];
        assert_eq!(apply(text, &edits).unwrap(), "a:   22 # one\r\nb: [w, x,  y]\n\n");
    }

    #[test]
    fn bad_edits_change_nothing() {
        let at = |start, end, text: &str| Edit { start, end, text: text.into() };
        assert_eq!(apply("a: 1\n", &[at(0, 3, ""), at(2, 4, "")]), Err(PatchError::Overlap(2)));
        assert_eq!(apply("a: ä\n", &[at(4, 5, "")]), Err(PatchError::Range(4, 5)));
        assert!(matches!(apply("a: 1\n", &[at(3, 4, "[")]), Err(PatchError::Invalid(_))));
    }
}
