//! Edits as byte ranges: every other byte of the file stays as it is, and the result is read again to verify it.
//!
//! [`Writer`] makes the edits of a template in the style that is there (block, flow or JSON, its indentation, its line
//! breaks); [`apply`] carries them out.

mod layout;
mod snippet;
#[cfg(test)]
mod tests;
mod writer;

use std::cmp::Reverse;
use std::sync::Arc;

use burgward_diag::{SourceFile, TextEdit};
use thiserror::Error;

use crate::tree::{ReadLimits, read};

pub use snippet::Snippet;
pub use writer::Writer;

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
    /// What is written there cannot be edited without changing more than was asked for.
    #[error("{0}\n  hint: change it by hand")]
    Place(String),
}

/// Makes the edits of a template, in whatever order they are given, and reads the result: what was readable must stay
/// readable.
pub fn apply(file: &SourceFile, edits: &[TextEdit]) -> Result<String, PatchError> {
    let after = splice(file.text(), edits)?;
    verify(file.text(), &after)?;
    Ok(after)
}

/// Makes the edits of any text, in whatever order they are given.
///
/// Insertions at one place: lines that are indented deeper come first, since they belong to what ends there; otherwise
/// the order given.
pub fn splice(text: &str, edits: &[TextEdit]) -> Result<String, PatchError> {
    let mut ordered: Vec<_> = edits.iter().collect();
    ordered.sort_by_key(|e| (e.span.start, e.span.end, Reverse(depth(&e.text))));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for TextEdit { span, text: new } in ordered {
        if span.start < at {
            return Err(PatchError::Overlap(span.start));
        }
        let range = || PatchError::Range(span.start, span.end);
        let kept = text.get(at as usize..span.start as usize).ok_or_else(range)?;
        text.get(span.start as usize..span.end as usize).ok_or_else(range)?;
        out.push_str(kept);
        out.push_str(new);
        at = span.end;
    }
    out.push_str(text.get(at as usize..).ok_or(PatchError::Range(at, at))?);
    Ok(out)
}

/// The indentation of inserted lines, a list's item behind an entry at the same column; 0 if it starts in a line.
fn depth(inserted: &str) -> usize {
    let Some(line) = inserted.strip_prefix('\n').or_else(|| inserted.strip_prefix("\r\n")) else { return 0 };
    let line = line.trim_start_matches(['\r', '\n']);
    let body = line.trim_start_matches([' ', '\t']);
    2 * (line.len() - body.len()) + usize::from(body.starts_with("- "))
}

/// What was readable must stay readable.
fn verify(before: &str, after: &str) -> Result<(), PatchError> {
    let first_error = |text: &str| {
        let mut refused = Vec::new();
        let file: Arc<SourceFile> = SourceFile::new("edited", text);
        read(&file, ReadLimits::default(), &mut refused, &mut Vec::new());
        refused.into_iter().next()
    };
    match first_error(after) {
        Some(error) if first_error(before).is_none() => Err(PatchError::Invalid(error.to_string())),
        _ => Ok(()),
    }
}
