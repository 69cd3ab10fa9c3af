//! Where things stand in the text: what the tree leaves out (tags, anchors, colons, comments, line ends).

use burgward_diag::SourceFile;

use super::snippet::Style;
use crate::tree::{Entry, Kind, Node};

/// What stands behind an entry's colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// The byte after the colon.
    pub(super) colon: usize,
    /// The first byte of the value, its tag, anchor and block header included.
    pub(super) start: usize,
    /// The byte after the last.
    pub(super) end: usize,
    /// Whether the value stands elsewhere, and here only `*name`.
    pub(super) alias: bool,
}

/// A file's text with the questions that edits ask.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout<'a> {
    text: &'a str,
}

impl<'a> Layout<'a> {
    pub(super) fn new(file: &'a SourceFile) -> Self {
        Self { text: file.text() }
    }

    pub(super) fn slice(self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or("")
    }

    fn rest(self, from: usize) -> &'a str {
        self.text.get(from..).unwrap_or("")
    }

    fn line_start(self, at: usize) -> usize {
        self.slice(0, at).rfind('\n').map_or(0, |found| found + 1)
    }

    /// The end of the line, its line break left out.
    pub(super) fn line_end(self, at: usize) -> usize {
        let rest = self.rest(at);
        let line = rest.split('\n').next().unwrap_or("");
        at + line.strip_suffix('\r').unwrap_or(line).len()
    }

    /// The first byte of the next line, or the end of the file.
    pub(super) fn next_line(self, at: usize) -> usize {
        self.rest(at).find('\n').map_or(self.text.len(), |found| at + found + 1)
    }

    /// What stands before a byte in its line.
    pub(super) fn before(self, at: usize) -> &'a str {
        self.slice(self.line_start(at), at)
    }

    /// The spaces that put a line's first byte below `at`: the dashes of lists count as spaces.
    pub(super) fn indent(self, at: usize) -> Option<String> {
        let before = self.before(at);
        let blank = before.chars().all(|c| matches!(c, ' ' | '\t' | '-'));
        blank.then(|| before.replace('-', " "))
    }

    /// Whether a node is written with brackets or braces.
    pub(super) fn is_flow(self, node: &Node) -> bool {
        let opening = self.rest(node.span.start as usize);
        match &node.kind {
            // A block list whose dashes stand below its key starts, as the tree has it, with its first item.
            Kind::Seq(items) => {
                opening.starts_with('[') && items.first().is_none_or(|n| n.span.start != node.span.start)
            }
            Kind::Map(entries) => match entries.as_slice() {
                [only] if only.key_span == only.value.span => self.is_flow(&only.value),
                _ => opening.starts_with('{'),
            },
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(_) => false,
        }
    }

    /// Whether the entry is the mapping's own, not merged into it.
    pub(super) fn owns(map: &Node, entry: &Entry) -> bool {
        entry.key_span.start >= map.span.start
    }

    /// What stands behind an entry's colon; `None` if it is written in a form that is not edited.
    pub(super) fn written(self, entry: &Entry) -> Option<Written> {
        let key_end = entry.key_span.end as usize;
        let gap = self.rest(key_end).len() - self.rest(key_end).trim_start().len();
        let colon = key_end + gap + 1;
        if self.slice(colon - 1, colon) != ":" {
            return None;
        }
        let start = self.value_start(colon, &entry.value);
        if self.rest(start).starts_with('*') {
            let name = self.rest(start).split([' ', '\t', '\r', '\n', ',', '}', ']']).next().unwrap_or("");
            return Some(Written { colon, start, end: start + name.len(), alias: true });
        }
        let null = matches!(entry.value.kind, Kind::Null) && entry.value.span.text().is_empty();
        if null {
            return Some(Written { colon, start: colon, end: colon, alias: false });
        }
        let own = entry.value.span.start as usize >= start;
        own.then(|| Written { colon, start, end: self.end(&entry.value).max(start), alias: false })
    }

    /// The first byte behind a colon that is neither space nor comment, as far as the value.
    fn value_start(self, colon: usize, value: &Node) -> usize {
        let mut at = colon;
        loop {
            let rest = self.rest(at);
            at += rest.len() - rest.trim_start().len();
            if !self.rest(at).starts_with('#') || at == value.span.start as usize {
                return at;
            }
            at = self.next_line(at);
        }
    }

    /// The first byte of a list's item, its tag, anchor and block header included.
    pub(super) fn item_start(self, item: &Node) -> usize {
        let mut start = item.span.start as usize;
        loop {
            let before = self.slice(0, start).trim_end();
            let cut = before.rfind([' ', '\t', '\n', '[', ',', '{']).map_or(0, |found| found + 1);
            let token = self.slice(cut, before.len());
            let leads = token.len() > 1 && token.starts_with(['!', '&']) || token.starts_with(['|', '>']);
            if !leads {
                return start;
            }
            start = cut;
        }
    }

    /// The first dash of a list in block style; none of the parts of `!GetAtt A.B`, which stand at one place.
    pub(super) fn dash(self, list: &Node) -> Option<usize> {
        let first = list.items().first().filter(|n| n.span.start >= list.span.start)?;
        if list.items().get(1).is_some_and(|second| second.span.start == first.span.start) {
            return None;
        }
        let before = self.slice(0, self.item_start(first)).trim_end();
        before.ends_with('-').then(|| before.len() - 1)
    }

    /// The byte after a value; that of a block collection is the end of what its last line says, without a comment.
    ///
    /// Aliases and merged mappings are not in the tree where they stand, so lines that are indented like the collection
    /// belong to it as well.
    pub(super) fn end(self, node: &Node) -> usize {
        let end = match &node.kind {
            Kind::Map(_) | Kind::Seq(_) if self.is_flow(node) => return node.span.end as usize,
            Kind::Map(entries) => {
                let own = entries.iter().filter(|e| Self::owns(node, e) && e.key_span != e.value.span);
                own.filter_map(|e| self.written(e)).map(|w| w.end).max()
            }
            Kind::Seq(items) => items.last().filter(|n| n.span.start >= node.span.start).map(|n| self.end(n)),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(_) => None,
        };
        let end = end.unwrap_or(0).max(node.span.end as usize);
        let start = self.dash(node).unwrap_or(node.span.start as usize);
        if self.is_block(node) { self.stretched(start, end) } else { end }
    }

    /// Whether it is a collection on lines of its own; a function in its short form is what its argument is.
    fn is_block(self, node: &Node) -> bool {
        match &node.kind {
            Kind::Map(entries) => match entries.as_slice() {
                [only] if only.key_span == only.value.span => self.is_block(&only.value),
                all => !all.is_empty() && !self.is_flow(node),
            },
            Kind::Seq(_) => self.dash(node).is_some(),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(_) => false,
        }
    }

    /// The end moved on to the last line that is indented at least like the line's column of `start`.
    fn stretched(self, start: usize, end: usize) -> usize {
        let column = self.before(start).chars().count();
        let list = self.slice(start, start + 1) == "-";
        let (mut end, mut at) = (end, self.next_line(end));
        while at < self.text.len() {
            let line = self.slice(at, self.line_end(at));
            let body = line.trim_start_matches([' ', '\t']);
            let significant = !body.is_empty() && !body.starts_with('#');
            let ends = line.starts_with("---") || line.starts_with("...");
            // Behind a list whose dashes stand at the column of its key, that column is the mapping's again.
            let back = line.len() - body.len() == column && list && !body.starts_with('-');
            if significant && (line.len() - body.len() < column || back || ends) {
                break;
            }
            if significant {
                end = at + line.trim_end().len();
            }
            at = self.next_line(at);
        }
        end
    }

    /// Whether an empty line stands between two bytes.
    pub(super) fn has_empty_line(self, from: usize, to: usize) -> bool {
        let lines: Vec<_> = self.slice(from, to).split('\n').collect();
        lines.len() > 2 && lines.iter().skip(1).rev().skip(1).any(|line| line.trim().is_empty())
    }

    /// How the file is written.
    pub(super) fn style(self, root: &Node) -> Style {
        let newline =
            if self.text.split_inclusive('\n').next().is_some_and(|l| l.ends_with("\r\n")) { "\r\n" } else { "\n" };
        let json = self.rest(root.span.start as usize).starts_with('{');
        let unit = self.unit(root).unwrap_or_else(|| "  ".to_owned());
        Style { newline, unit, json, compact: self.compact(root).unwrap_or(false) }
    }

    /// A step of indentation: the first mapping in a mapping that stands on lines of its own.
    fn unit(self, node: &Node) -> Option<String> {
        node.entries().iter().find_map(|entry| {
            let first = entry.value.entries().first().filter(|e| e.key_span != e.value.span)?;
            let outer = self.indent(entry.key_span.start as usize)?;
            let inner = self.before(first.key_span.start as usize);
            let step = inner.strip_prefix(outer.as_str()).filter(|s| !s.is_empty() && s.trim().is_empty());
            step.map(str::to_owned).or_else(|| self.unit(&entry.value))
        })
    }

    /// Whether the first list in block style has its dashes below its key.
    fn compact(self, node: &Node) -> Option<bool> {
        node.entries().iter().find_map(|entry| {
            let list = &entry.value;
            if list.items().is_empty() || self.is_flow(list) || list.span.start <= entry.key_span.start {
                return self.compact(list);
            }
            let (key, dash) = (self.indent(entry.key_span.start as usize)?, self.indent(self.dash(list)?)?);
            Some(key.len() == dash.len())
        })
    }
}
