//! Edits of a template by what they mean: add an entry, replace a value, remove an item.

use std::sync::Arc;

use burgward_diag::{SourceFile, Span, TextEdit};

use super::PatchError;
use super::layout::{Layout, Written};
use super::snippet::{Snippet, Style, key};
use crate::tree::{Entry, Kind, Node};

/// Makes edits of one template, in the style that is there.
///
/// Every method gives one edit of the text that the tree was read from; several edits of one text go together through
/// [`apply`](super::apply). Two insertions into one *empty* flow mapping or into one missing mapping do not: make them
/// in one call. What stands behind an alias, was merged with `<<`, or is a function's argument is not edited, because
/// that would change more than what was asked for: [`PatchError::Place`].
#[derive(Debug)]
pub struct Writer<'a> {
    file: &'a Arc<SourceFile>,
    root: &'a Node,
    layout: Layout<'a>,
    style: Style,
}

type Edited = Result<TextEdit, PatchError>;

impl<'a> Writer<'a> {
    /// A writer of a file and the tree that was read from it.
    #[must_use]
    pub fn new(file: &'a Arc<SourceFile>, root: &'a Node) -> Self {
        let layout = Layout::new(file);
        Self { file, root, layout, style: layout.style(root) }
    }

    /// Sets what is at the end of a path of keys from the root: replaces the value that is there, or adds the entry and
    /// the mappings that are missing on the way.
    pub fn set(&self, path: &[&str], value: &Snippet) -> Edited {
        self.set_below(self.root, path, value)
    }

    /// Like [`set`](Self::set), from a mapping of the tree.
    pub fn set_below(&self, map: &Node, path: &[&str], value: &Snippet) -> Edited {
        let [name, rest @ ..] = path else { return Err(no_place("an empty path")) };
        let nested = || rest.iter().rev().fold(value.clone(), |inner, name| Snippet::map([(*name, inner)]));
        let Some(entry) = map.entry(name) else { return self.insert_entries(map, &[(name, nested())]) };
        if rest.is_empty() || matches!(entry.value.kind, Kind::Null) {
            return self.replace_value(map, name, &nested());
        }
        let written = self.own(map, entry)?;
        if written.alias {
            return Err(shared(name));
        }
        self.set_below(&entry.value, rest, value)
    }

    /// Adds entries at the end of a mapping.
    pub fn insert_entries(&self, map: &Node, entries: &[(&str, Snippet)]) -> Edited {
        self.is_mapping(map)?;
        if self.layout.is_flow(map) {
            let lines = |pretty: Option<&str>| entries.iter().map(|(k, v)| self.flow_entry(k, v, pretty)).collect();
            return self.insert_flow(map, map.entries().iter().map(|e| e.key_span.start).collect(), &lines);
        }
        match map.entries().iter().filter(|e| Layout::owns(map, e)).max_by_key(|e| e.key_span.start) {
            Some(last) => self.after_block_entry(map, last, entries),
            None => self.before_block_entries(map, entries),
        }
    }

    /// Adds an entry at the end of a mapping.
    pub fn insert_entry(&self, map: &Node, name: &str, value: &Snippet) -> Edited {
        self.insert_entries(map, &[(name, value.clone())])
    }

    /// Adds an entry behind another one; at the end of a mapping in flow style.
    pub fn insert_after(&self, map: &Node, sibling: &str, name: &str, value: &Snippet) -> Edited {
        match map.entry(sibling).filter(|e| !self.layout.is_flow(map) && Layout::owns(map, e)) {
            Some(entry) => self.after_block_entry(map, entry, &[(name, value.clone())]),
            None => self.insert_entry(map, name, value),
        }
    }

    /// Adds an entry before another one.
    pub fn insert_before(&self, map: &Node, sibling: &str, name: &str, value: &Snippet) -> Edited {
        self.is_mapping(map)?;
        let entry = map.entry(sibling).filter(|e| Layout::owns(map, e));
        let Some(entry) = entry else { return Err(no_place(&format!("there is no `{sibling}`"))) };
        let at = entry.key_span.start as usize;
        if self.layout.is_flow(map) {
            let indent = Some(self.layout.before(at)).filter(|before| before.trim().is_empty());
            let gap = indent.map_or_else(|| " ".to_owned(), |indent| format!("{}{indent}", self.style.newline));
            return Ok(self.edit(at, at, format!("{},{gap}", self.flow_entry(name, value, indent))));
        }
        let indent = self.indent_of(map, entry)?;
        let gap = if self.spaced(map) { self.style.newline } else { "" };
        let body = value.block(&self.style, &indent);
        Ok(self.edit(at, at, format!("{}:{body}{gap}{}{indent}", key(name, false), self.style.newline)))
    }

    /// Gives an entry another key.
    pub fn rename_entry(&self, map: &Node, name: &str, new: &str) -> Edited {
        let entry = map.entry(name).ok_or_else(|| no_place(&format!("there is no `{name}`")))?;
        self.own(map, entry)?;
        Ok(TextEdit { span: entry.key_span.clone(), text: key(new, self.style.json) })
    }

    /// Adds an item at the end of a list.
    pub fn insert_item(&self, list: &Node, value: &Snippet) -> Edited {
        self.is_list(list)?;
        if self.layout.is_flow(list) {
            let starts = list.items().iter().map(|n| n.span.start).collect();
            let lines = |pretty: Option<&str>| {
                vec![pretty.map_or_else(|| value.inline(self.style.json), |indent| value.flow(&self.style, indent))]
            };
            return self.insert_flow(list, starts, &lines);
        }
        let dash = self.layout.dash(list).and_then(|dash| self.layout.indent(dash));
        let indent = dash.ok_or_else(|| no_place("a list within a line"))?;
        let at = self.layout.line_end(self.layout.end(list));
        let text = format!("{}{indent}-{}", self.style.newline, value.item(&self.style, &indent));
        Ok(self.edit(at, at, text))
    }

    /// Replaces the value of an entry.
    pub fn replace_value(&self, map: &Node, name: &str, value: &Snippet) -> Edited {
        self.kept_anchors(self.replaced_value(map, name, value)?)
    }

    fn replaced_value(&self, map: &Node, name: &str, value: &Snippet) -> Edited {
        let entry = map.entry(name).ok_or_else(|| no_place(&format!("there is no `{name}`")))?;
        let written = self.own(map, entry)?;
        if self.layout.is_flow(map) || self.style.json {
            let text = self.flow_value(entry, value);
            let space = if written.start == written.colon { " " } else { "" };
            return Ok(self.edit(written.start, written.end, format!("{space}{text}")));
        }
        let indent = self.layout.indent(entry.key_span.start as usize);
        let indent = indent.ok_or_else(|| no_place("an entry within a line"))?;
        let text = value.block(&self.style, &indent);
        let between = self.layout.slice(written.colon, written.start);
        if !between.trim().is_empty() {
            // A comment stands between: it stays, and the value where it was.
            let body = text.trim_start_matches(['\r', '\n', ' ']);
            return Ok(self.edit(written.start, written.end, body.to_owned()));
        }
        Ok(self.edit(written.colon, written.end, text))
    }

    /// Replaces an item of a list.
    pub fn replace_item(&self, list: &Node, index: usize, value: &Snippet) -> Edited {
        self.is_list(list)?;
        let item = list.items().get(index).filter(|n| n.span.start >= list.span.start);
        let item = item.ok_or_else(|| no_place("there is no such item"))?;
        let (start, end) = (self.layout.item_start(item), self.layout.end(item));
        if self.layout.is_flow(list) {
            let indent = self.layout.before(start);
            let text =
                if indent.trim().is_empty() { value.flow(&self.style, indent) } else { value.inline(self.style.json) };
            return self.kept_anchors(self.edit(start, end, text));
        }
        let dash = self.layout.dash(list).and_then(|dash| self.layout.indent(dash));
        let indent = dash.ok_or_else(|| no_place("a list within a line"))?;
        let text = value.item(&self.style, &indent);
        self.kept_anchors(self.edit(start, end, text.trim_start().to_owned()))
    }

    /// Removes an entry; a mapping without entries stays as `{}`.
    pub fn remove_entry(&self, map: &Node, name: &str) -> Edited {
        let entry = map.entry(name).ok_or_else(|| no_place(&format!("there is no `{name}`")))?;
        let written = self.own(map, entry)?;
        let spans: Vec<_> = map.entries().iter().filter(|e| Layout::owns(map, e)).collect();
        let ends = |e: &Entry| self.layout.written(e).map_or(e.key_span.end as usize, |w| w.end);
        let places: Vec<_> = spans.iter().map(|e| (e.key_span.start as usize, ends(e))).collect();
        self.kept_anchors(self.remove(map, &places, (entry.key_span.start as usize, written.end), "{}")?)
    }

    /// Removes an item; a list without items stays as `[]`.
    pub fn remove_item(&self, list: &Node, index: usize) -> Edited {
        self.is_list(list)?;
        let place = |n: &Node| (self.layout.item_start(n), self.layout.end(n));
        let places: Vec<_> = list.items().iter().map(|n| place(n)).collect();
        let item = *places.get(index).ok_or_else(|| no_place("there is no such item"))?;
        self.kept_anchors(self.remove(list, &places, item, "[]")?)
    }

    fn remove(&self, whole: &Node, places: &[(usize, usize)], (start, end): (usize, usize), empty: &str) -> Edited {
        let at = places.iter().position(|p| p.0 == start).unwrap_or(0);
        let (previous, next) = (at.checked_sub(1).and_then(|at| places.get(at)), places.get(at + 1));
        if places.len() == 1 {
            let first = self.layout.dash(whole).unwrap_or(whole.span.start as usize);
            let before = self.layout.slice(0, first).trim_end();
            let (first, empty) =
                if before.ends_with(':') { (before.len(), format!(" {empty}")) } else { (first, empty.to_owned()) };
            return Ok(self.edit(first, self.layout.end(whole), empty));
        }
        if self.layout.is_flow(whole) {
            return Ok(match (previous, next) {
                (_, Some(next)) => self.edit(start, next.0, String::new()),
                (Some(previous), None) => self.edit(previous.1, end, String::new()),
                (None, None) => self.edit(start, end, String::new()),
            });
        }
        let before = self.layout.before(start);
        let own_line = before.trim_start().is_empty() || (empty == "[]" && before.trim() == "-");
        match (own_line, next) {
            (true, _) => {
                let first = start - before.len();
                Ok(self.edit(first, self.layout.next_line(end), String::new()))
            }
            // The first entry of an item: the next one moves up behind the dash.
            (false, Some(next)) => Ok(self.edit(start, next.0, String::new())),
            (false, None) => Err(no_place("an entry within a line")),
        }
    }

    fn after_block_entry(&self, map: &Node, last: &Entry, entries: &[(&str, Snippet)]) -> Edited {
        let written = self.own(map, last)?;
        let is_last = map.entries().iter().all(|e| e.key_span.start <= last.key_span.start);
        let end = if is_last { self.layout.end(map).max(written.end) } else { written.end };
        let kept = self.layout.slice(written.start, self.layout.line_end(written.start));
        if kept.starts_with(['|', '>']) && kept.split('#').next().is_some_and(|header| header.contains('+')) {
            return Err(no_place("the text before it keeps its empty lines"));
        }
        let at = self.layout.line_end(end);
        let indent = self.indent_of(map, last)?;
        let gap = if self.spaced(map) { self.style.newline } else { "" };
        let line = |(name, value): &(&str, Snippet)| {
            let body = value.block(&self.style, &indent);
            format!("{gap}{}{indent}{}:{body}", self.style.newline, key(name, false))
        };
        Ok(self.edit(at, at, entries.iter().map(line).collect()))
    }

    /// A mapping of merged entries alone: the new ones come first.
    fn before_block_entries(&self, map: &Node, entries: &[(&str, Snippet)]) -> Edited {
        let at = map.span.start as usize;
        let indent = self.layout.indent(at).filter(|_| !map.span.text().is_empty() || !map.entries().is_empty());
        let indent = indent.ok_or_else(|| no_place("a mapping within a line"))?;
        let line = |(name, value): &(&str, Snippet)| {
            format!("{}:{}{}{indent}", key(name, false), value.block(&self.style, &indent), self.style.newline)
        };
        Ok(self.edit(at, at, entries.iter().map(line).collect()))
    }

    fn insert_flow(&self, whole: &Node, starts: Vec<u32>, lines: &dyn Fn(Option<&str>) -> Vec<String>) -> Edited {
        let (open, close) = (whole.span.start as usize + 1, (whole.span.end as usize).saturating_sub(1));
        let Some(last) = starts.into_iter().filter(|s| *s >= whole.span.start).max() else {
            return Ok(self.edit(open, close, lines(None).join(", ")));
        };
        let indent = self.layout.before(last as usize);
        let pretty = indent.trim().is_empty().then_some(indent);
        let separator = pretty.map_or_else(|| ", ".to_owned(), |indent| format!(",{}{indent}", self.style.newline));
        let new = lines(pretty).join(&separator);
        let inner = self.layout.slice(open, close);
        let commented = !self.style.json && inner.contains('#');
        if commented {
            let first = open + inner.len() - inner.trim_start().len();
            let first_is_value = !self.layout.slice(first, close).starts_with('#');
            return if first_is_value {
                Ok(self.edit(first, first, format!("{new}{separator}")))
            } else {
                Err(no_place("comments stand between the braces"))
            };
        }
        let body = inner.trim_end();
        let at = open + body.strip_suffix(',').unwrap_or(body).trim_end().len();
        Ok(self.edit(at, at, format!("{separator}{new}")))
    }

    fn flow_entry(&self, name: &str, value: &Snippet, pretty: Option<&str>) -> String {
        let json = self.style.json;
        let body = pretty.map_or_else(|| value.inline(json), |indent| value.flow(&self.style, indent));
        format!("{}: {body}", key(name, json))
    }

    fn flow_value(&self, entry: &Entry, value: &Snippet) -> String {
        let indent = self.layout.before(entry.key_span.start as usize);
        if indent.trim().is_empty() { value.flow(&self.style, indent) } else { value.inline(self.style.json) }
    }

    /// The indentation of a block mapping's entries.
    fn indent_of(&self, map: &Node, entry: &Entry) -> Result<String, PatchError> {
        let first = map.entries().iter().filter(|e| Layout::owns(map, e)).map(|e| e.key_span.start).min();
        let at = first.unwrap_or(entry.key_span.start);
        self.layout.indent(at as usize).ok_or_else(|| no_place("a mapping within a line"))
    }

    /// Whether the last two entries of a block mapping are kept apart by an empty line.
    fn spaced(&self, map: &Node) -> bool {
        let mut own: Vec<_> = map.entries().iter().filter(|e| Layout::owns(map, e)).collect();
        own.sort_by_key(|e| e.key_span.start);
        let [.., before, last] = own.as_slice() else { return false };
        let end = self.layout.written(before).map_or(before.key_span.end as usize, |w| w.end);
        self.layout.has_empty_line(end, last.key_span.start as usize)
    }

    /// Whether it is a list as written: the parts of `!GetAtt A.B` are not.
    fn is_list(&self, list: &Node) -> Result<(), PatchError> {
        let written =
            matches!(list.kind, Kind::Seq(_)) && (self.layout.is_flow(list) || self.layout.dash(list).is_some());
        if written { Ok(()) } else { Err(no_place("it is no list")) }
    }

    /// Whether it is a mapping as written: neither a function nor a single pair in a flow list.
    fn is_mapping(&self, map: &Node) -> Result<(), PatchError> {
        let function = matches!(map.entries(), [only] if only.key == "Ref" || only.key.starts_with("Fn::"));
        let pair = !self.layout.is_flow(map)
            && map.entries().len() == 1
            && self.layout.slice(0, map.span.start as usize).trim_end().ends_with(['[', ',']);
        let plain = matches!(map.kind, Kind::Map(_)) && !function && !pair;
        if plain { Ok(()) } else { Err(no_place("it is no plain mapping")) }
    }

    /// The entry's value as written, if it is the mapping's own and not behind an alias.
    fn own(&self, map: &Node, entry: &Entry) -> Result<Written, PatchError> {
        self.is_mapping(map)?;
        if !Layout::owns(map, entry) {
            return Err(shared(&entry.key));
        }
        self.layout.written(entry).ok_or_else(|| no_place(&format!("`{}` is not written plainly", entry.key)))
    }

    /// The edit, unless it takes away an anchor that the rest of the file refers to.
    fn kept_anchors(&self, edit: TextEdit) -> Edited {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        if self.style.json || !self.layout.slice(start, end).contains('&') {
            return Ok(edit);
        }
        let marks = marks(self.file.text());
        let inside = |mark: &Mark<'_>| (start..end).contains(&mark.at);
        let taken = marks.iter().filter(|mark| mark.anchor && inside(mark));
        let used = taken.filter_map(|anchor| {
            let aliases = marks.iter().filter(|m| !m.anchor && m.name == anchor.name && !inside(m));
            let lines: Vec<_> = aliases.map(|m| Span::new(self.file, m.at, m.at).position().line.to_string()).collect();
            (!lines.is_empty()).then_some((anchor.name, lines))
        });
        match used.min_by_key(|(name, _)| *name) {
            None => Ok(edit),
            Some((name, lines)) => {
                let word = if lines.len() == 1 { "line" } else { "lines" };
                Err(no_place(&format!("`&{name}` is what `*{name}` in {word} {} stands for", lines.join(", "))))
            }
        }
    }

    fn edit(&self, start: usize, end: usize, text: String) -> TextEdit {
        TextEdit { span: Span::new(self.file, start, end), text }
    }
}

/// An anchor, `&name`, or an alias, `*name`.
struct Mark<'a> {
    anchor: bool,
    name: &'a str,
    at: usize,
}

/// What looks like anchors and aliases outside of comments and quoted text (YAML 1.2.2, 6.9.2 and 7.1); in block text
/// too, where they are none: there one too many is better than one missed.
fn marks(text: &str) -> Vec<Mark<'_>> {
    let (mut found, mut quote, mut before, mut comment) = (Vec::new(), None, '\n', false);
    for (at, c) in text.char_indices() {
        let begins = before.is_whitespace() || matches!(before, '[' | '{' | ',');
        match c {
            '\n' => comment = false,
            _ if comment => {}
            _ if quote.is_some() => {
                let escaped = c == '"' && before == '\\';
                if quote == Some(c) && !escaped {
                    quote = None;
                }
            }
            '\'' | '"' if begins && begins_value(text.get(..at).unwrap_or_default()) => quote = Some(c),
            '#' if begins => comment = true,
            '&' | '*' if begins => {
                let rest = text.get(at + 1..).unwrap_or_default();
                let name = rest.split([' ', '\t', '\r', '\n', ',', '}', ']', '{', '[']).next().unwrap_or_default();
                if !name.is_empty() {
                    found.push(Mark { anchor: c == '&', name, at });
                }
            }
            _ => {}
        }
        before = c;
    }
    found
}

/// Whether a value begins behind this text; an apostrophe may also stand within one.
fn begins_value(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default().trim_end();
    let last = line.rsplit([' ', '\t']).next().unwrap_or_default();
    last.is_empty() || last.ends_with([':', '-', ',', '[', '{', '?']) || last.starts_with(['!', '&'])
}

fn no_place(why: &str) -> PatchError {
    PatchError::Place(format!("it cannot be written there: {why}"))
}

fn shared(name: &str) -> PatchError {
    no_place(&format!("`{name}` is shared through an alias"))
}
