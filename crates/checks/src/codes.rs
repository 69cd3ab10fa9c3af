//! The analysed code of an app's functions, and where it stands.

use std::collections::BTreeMap;
use std::sync::Arc;

use burgward_code::{Code, Place, PlacedEdit};
use burgward_diag::{SourceFile, Span, TextEdit};

/// What is known of the code of functions, by their logical ids; functions may be missing.
#[derive(Clone, Debug, Default)]
pub struct Codes {
    of: BTreeMap<String, FunctionCode>,
}

/// What is known of the code of one function.
#[derive(Clone, Debug)]
pub struct FunctionCode {
    /// What its code does.
    pub code: Code,
    /// The files that its places point into, in the order of [`FunctionSource::files`](burgward_code::FunctionSource);
    /// named as the user would write them. Functions that share a file share its name.
    pub files: Vec<Arc<SourceFile>>,
}

impl Codes {
    /// Adds the code of the function with this logical id.
    pub fn insert(&mut self, function: impl Into<String>, code: Code, files: Vec<Arc<SourceFile>>) {
        self.of.insert(function.into(), FunctionCode { code, files });
    }

    /// The code of the function with this logical id.
    #[must_use]
    pub fn get(&self, function: &str) -> Option<&FunctionCode> {
        self.of.get(function)
    }

    /// All of it, by logical ids.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FunctionCode)> {
        self.of.iter().map(|(function, code)| (function.as_str(), code))
    }
}

impl FunctionCode {
    /// A place in its files.
    #[must_use]
    pub fn span(&self, place: Place) -> Option<Span> {
        let file = self.files.get(place.file as usize)?;
        Some(Span::new(file, place.start as usize, place.end as usize))
    }

    /// Edits of its files, with the line breaks of each; `None` if one points nowhere.
    #[must_use]
    pub fn edits(&self, placed: &[PlacedEdit]) -> Option<Vec<TextEdit>> {
        let edit = |placed: &PlacedEdit| {
            let span = self.span(placed.place)?;
            let text = placed.text.replace("\r\n", "\n").replace('\n', newline(&span.file));
            Some(TextEdit { span, text })
        };
        placed.iter().map(edit).collect()
    }
}

/// The line break that a file uses.
pub(crate) fn newline(file: &SourceFile) -> &'static str {
    if file.text().split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" }
}
