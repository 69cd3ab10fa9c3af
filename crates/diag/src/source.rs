//! Files and places in them.

use std::sync::Arc;

use serde::Serialize;

/// A file's text with its line starts, shared by every span that points into it.
#[derive(Debug)]
pub struct SourceFile {
    name: String,
    text: String,
    line_starts: Vec<u32>,
}

/// A line and a column, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl SourceFile {
    /// Takes a file's name, as the user would write it, and its text.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        let text = text.into();
        let starts = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1);
        let line_starts = std::iter::once(0).chain(starts).map(|at| u32::try_from(at).unwrap_or(u32::MAX)).collect();
        Arc::new(Self { name: name.into(), text, line_starts })
    }

    /// The name, as the user would write it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset; an offset past the end is the end.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        let line = self.line_starts.partition_point(|start| *start <= offset).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0) as usize;
        let end = (offset as usize).min(self.text.len());
        let column = self.text.get(start..end).map_or(0, |before| before.chars().count());
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column + 1).unwrap_or(u32::MAX),
        }
    }

    /// The text of a line, from 1, without its line break.
    #[must_use]
    pub fn line(&self, line: u32) -> &str {
        let at = (line as usize).saturating_sub(1);
        let start = self.line_starts.get(at).map_or(self.text.len(), |s| *s as usize);
        let end = self.line_starts.get(at + 1).map_or(self.text.len(), |s| *s as usize);
        self.text.get(start..end).unwrap_or("").trim_end_matches(['\n', '\r'])
    }
}

/// A place in a file: byte offsets, end excluded.
#[derive(Clone, Debug)]
pub struct Span {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// A span of a file.
    #[must_use]
    pub fn new(file: &Arc<SourceFile>, start: usize, end: usize) -> Self {
        let cut = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { file: Arc::clone(file), start: cut(start), end: cut(end) }
    }

    /// The text between start and end.
    #[must_use]
    pub fn text(&self) -> &str {
        self.file.text().get(self.start as usize..self.end as usize).unwrap_or("")
    }

    /// Where the span starts.
    #[must_use]
    pub fn position(&self) -> Position {
        self.file.position(self.start)
    }

    /// Where the span's last character stands.
    #[must_use]
    pub fn end_position(&self) -> Position {
        self.file.position(self.end.max(self.start + 1) - 1)
    }

    /// `file:line`, as it is printed in decisions and logs.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}", self.file.name(), self.position().line)
    }
}

impl PartialEq for Span {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file) && self.start == other.start && self.end == other.end
    }
}

impl Eq for Span {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let file = SourceFile::new("t.yaml", "a: 1\nü: ä x\n");
        let span = Span::new(&file, 12, 13);
        assert_eq!((span.text(), span.place().as_str()), ("x", "t.yaml:2"));
        assert_eq!(span.position(), Position { line: 2, column: 6 });
        assert_eq!(file.line(2), "ü: ä x");
    }
}
