//! From YAML or JSON text to the tree.
//!
//! JSON is read as the YAML it is. `CloudFormation`'s short tags become the long form, so that the rest of the crate
//! knows one form only. Aliases share their anchor's node; [`ReadLimits::nodes`] bounds what a document *expands* to,
//! so that a billion laughs end in an error.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use burgward_diag::{SourceFile, Span};
use granit_parser::{Event, Parser, ScalarStyle, Span as Marks, Tag};

use super::{Entry, Kind, Node, Tree, scalar};
use crate::diagnostic::{Diagnostic, RefusedKind};

/// Bounds of a document.
#[derive(Clone, Copy, Debug)]
pub struct ReadLimits {
    /// Nodes, aliases counted each time they are used.
    pub nodes: u64,
    /// Nesting.
    pub depth: usize,
    /// Bytes.
    pub bytes: usize,
}

/// Bytes are CloudFormation's own limit; see
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>.
impl Default for ReadLimits {
    fn default() -> Self {
        Self { nodes: 200_000, depth: 100, bytes: 1 << 20 }
    }
}

/// Reads a document. What was read before an error is returned with it; a repeated key is listed, and the last one wins.
pub fn read(
    file: &Arc<SourceFile>,
    limits: ReadLimits,
    refused: &mut Vec<Diagnostic>,
    listed: &mut Vec<Diagnostic>,
) -> Option<Tree> {
    if file.text().len() > limits.bytes {
        let message =
            format!("the document has {} bytes, more than the {} that are read", file.text().len(), limits.bytes);
        refused.push(syntax(Span::new(file, 0, 0), message, "split the template into nested stacks"));
        return None;
    }
    let mut reader = Reader {
        file,
        limits,
        stack: Vec::new(),
        anchors: HashMap::new(),
        expanded: 0,
        repeated: 0,
        root: None,
        refused,
        listed,
    };
    let options = granit_parser::options! { emit_comments: false, emit_unresolved_aliases: true };
    for next in Parser::new_from_str_with_options(file.text(), options) {
        let proceed = match next {
            Ok((event, marks)) => reader.event(event, &marks),
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(0);
                let message = format!("not valid YAML: {}", error.info());
                reader.refused.push(syntax(Span::new(file, at, at + 1), message, "mend the syntax at this place"));
                false
            }
        };
        if !proceed {
            break;
        }
    }
    reader.finish()
}

fn syntax(span: Span, message: String, hint: &str) -> Diagnostic {
    Diagnostic { span: Some(span), message, hint: hint.to_owned(), kind: RefusedKind::Syntax }
}

/// A collection whose end has not been read yet.
struct Open {
    tag: Option<String>,
    anchor: usize,
    start: Span,
    content: Content,
    /// What it has expanded to so far.
    before: u64,
}

enum Content {
    Seq(Vec<Tree>),
    /// The entries so far, the key that waits for its value, and the keys seen.
    Map(Vec<Entry>, Option<(String, Span)>, HashSet<String>),
}

struct Reader<'a> {
    file: &'a Arc<SourceFile>,
    limits: ReadLimits,
    stack: Vec<Open>,
    /// Anchored nodes and what each expands to.
    anchors: HashMap<usize, (Tree, u64)>,
    expanded: u64,
    repeated: u32,
    root: Option<Tree>,
    refused: &'a mut Vec<Diagnostic>,
    listed: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn span(&self, marks: &Marks) -> Span {
        let (start, end) = (marks.start.byte_offset().unwrap_or(0), marks.end.byte_offset().unwrap_or(0));
        // A block scalar's or collection's marks reach into the blank lines behind it.
        let text = self.file.text().get(start..end.max(start)).unwrap_or("");
        Span::new(self.file, start, start + text.trim_end().len())
    }

    /// Whether reading goes on.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the parser's events are non-exhaustive")]
    fn event(&mut self, event: Event<'_>, marks: &Marks) -> bool {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.expanded += 1;
                let kind = match (style, tag_name(tag.as_deref())) {
                    (ScalarStyle::Plain, None) => scalar::plain(&text),
                    (_, Some(tag)) if tag.starts_with('!') => return self.tagged_scalar(&tag, &text, anchor, marks),
                    _ => Kind::String(text.into_owned()),
                };
                let node = Node::new(kind, self.span(marks));
                self.add(node, anchor, 1)
            }
            Event::SequenceStart(_, anchor, tag) => self.open(Content::Seq(Vec::new()), anchor, tag.as_deref(), marks),
            Event::MappingStart(_, anchor, tag) => {
                self.open(Content::Map(Vec::new(), None, HashSet::new()), anchor, tag.as_deref(), marks)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(marks),
            Event::Alias(id) => self.alias(id, marks),
            Event::UnresolvedAlias(name) => {
                let span = self.span(marks);
                let message = format!("`*{name}` has no anchor before it");
                self.refused.push(syntax(span.clone(), message, "define `&name` before it is used"));
                self.add(Node::new(Kind::Null, span), 0, 1)
            }
            Event::DocumentStart(..) if self.root.is_some() => {
                let message = "a second document in the same file".to_owned();
                self.refused.push(syntax(self.span(marks), message, "a template is one document"));
                false
            }
            _ => true,
        }
    }

    fn tagged_scalar(&mut self, tag: &str, text: &str, anchor: usize, marks: &Marks) -> bool {
        let value = Node::new(Kind::String(text.to_owned()), self.span(marks));
        let node = long_form(tag, value);
        self.add(node, anchor, 2)
    }

    fn alias(&mut self, id: usize, marks: &Marks) -> bool {
        let Some((node, weight)) = self.anchors.get(&id).cloned() else {
            let message = "an alias inside its own anchor".to_owned();
            self.refused.push(syntax(self.span(marks), message, "a value cannot contain itself"));
            return self.add(Node::new(Kind::Null, self.span(marks)), 0, 1);
        };
        self.expanded = self.expanded.saturating_add(weight);
        self.add(node, 0, 0)
    }

    fn open(&mut self, content: Content, anchor: usize, tag: Option<&Tag>, marks: &Marks) -> bool {
        if self.stack.len() >= self.limits.depth {
            let message = format!("nested deeper than {} levels", self.limits.depth);
            self.refused.push(syntax(self.span(marks), message, "flatten the document"));
            return false;
        }
        self.expanded += 1;
        let (tag, start) = (tag_name(tag), self.span(marks));
        self.stack.push(Open { tag, anchor, start, content, before: self.expanded - 1 });
        true
    }

    fn close(&mut self, marks: &Marks) -> bool {
        let Some(open) = self.stack.pop() else { return true };
        let kind = match open.content {
            Content::Seq(items) => Kind::Seq(items),
            Content::Map(entries, ..) => Kind::Map(Self::merged(entries)),
        };
        let end = self.end_of(&kind, marks, open.start.start);
        let value = Node::new(kind, Span { end, ..open.start });
        let node = match &open.tag {
            Some(tag) if tag.starts_with('!') => long_form(tag, value),
            _ => value,
        };
        self.add(node, open.anchor, self.expanded - open.before)
    }

    /// Block collections end where their last child ends; flow collections at their bracket.
    fn end_of(&self, kind: &Kind, marks: &Marks, start: u32) -> u32 {
        let own = self.span(marks).end;
        let opening = self.file.text().as_bytes().get(start as usize);
        let flow = match kind {
            // A block list whose dashes stand below its key starts, as the parser says it, with its first item.
            Kind::Seq(items) => opening == Some(&b'[') && items.first().is_none_or(|n| n.span.start != start),
            Kind::Map(_) => opening == Some(&b'{'),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(_) => false,
        };
        let last = match kind {
            Kind::Seq(items) => items.last().map(|n| n.span.end),
            Kind::Map(entries) => entries.iter().map(|e| e.value.span.end.max(e.key_span.end)).max(),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(_) => None,
        };
        if flow { own.max(start) } else { last.unwrap_or(own).max(start) }
    }

    /// Adds a finished node to the open collection, and its anchor.
    fn add(&mut self, node: Tree, anchor: usize, weight: u64) -> bool {
        if self.expanded > self.limits.nodes {
            let message = format!("the document expands to more than {} values", self.limits.nodes);
            self.refused.push(syntax(node.span.clone(), message, "aliases are counted each time they are used"));
            return false;
        }
        if anchor > 0 {
            self.anchors.insert(anchor, (Arc::clone(&node), weight));
        }
        let Some(open) = self.stack.last_mut() else {
            self.root = Some(node);
            return true;
        };
        match &mut open.content {
            Content::Seq(items) => items.push(node),
            Content::Map(entries, key, seen) => match key.take() {
                None => *key = Some((key_text(&node), node.span.clone())),
                Some((key, key_span)) => {
                    if key != "<<" && !seen.insert(key.clone()) {
                        self.repeated += 1;
                        forget_earlier(entries, &key, &key_span, self.listed);
                    }
                    entries.push(Entry { key, key_span, value: node });
                }
            },
        }
        if self.repeated > MOST_REPEATED {
            let message = format!("more than {MOST_REPEATED} keys are repeated");
            self.refused.push(syntax(Span::new(self.file, 0, 0), message, "set each key once"));
            return false;
        }
        true
    }

    /// Puts merged mappings (`<<`) in: own keys win, then the first merged one.
    fn merged(entries: Vec<Entry>) -> Vec<Entry> {
        if !entries.iter().any(|e| e.key == "<<") {
            return entries;
        }
        let (merges, mut own): (Vec<_>, Vec<_>) = entries.into_iter().partition(|e| e.key == "<<");
        let mut seen: HashSet<String> = own.iter().map(|e| e.key.clone()).collect();
        for merge in merges {
            let single = [Arc::clone(&merge.value)];
            let sources = if merge.value.items().is_empty() { &single[..] } else { merge.value.items() };
            for entry in sources.iter().flat_map(|s| s.entries()) {
                if seen.insert(entry.key.clone()) {
                    own.push(entry.clone());
                }
            }
        }
        own
    }

    /// The root; collections that an error left open are closed as they are.
    fn finish(mut self) -> Option<Tree> {
        while let Some(open) = self.stack.pop() {
            let kind = match open.content {
                Content::Seq(items) => Kind::Seq(items),
                Content::Map(entries, ..) => Kind::Map(entries),
            };
            let node = Node::new(kind, open.start);
            match self.stack.last_mut().map(|o| &mut o.content) {
                Some(Content::Seq(items)) => items.push(node),
                Some(Content::Map(entries, key, _)) => {
                    if let Some((key, key_span)) = key.take() {
                        entries.push(Entry { key, key_span, value: node });
                    }
                }
                None => self.root = Some(node),
            }
        }
        self.root
    }
}

/// Repeated keys that are listed before a document is given up.
const MOST_REPEATED: u32 = 200;

/// Removes the earlier entry of a repeated key: the last one wins.
fn forget_earlier(entries: &mut Vec<Entry>, key: &str, key_span: &Span, listed: &mut Vec<Diagnostic>) {
    let Some(at) = entries.iter().position(|e| e.key == key) else { return };
    let first = entries.remove(at);
    let message = format!("`{key}` is set twice; the last one holds, `{}` has no effect", first.key_span.place());
    let hint = "remove one of them".to_owned();
    listed.push(Diagnostic { span: Some(key_span.clone()), message, hint, kind: RefusedKind::Syntax });
}

/// A key is text, whatever it looks like.
fn key_text(node: &Node) -> String {
    match &node.kind {
        Kind::String(_) | Kind::Number(_) | Kind::Bool(_) | Kind::Null => {
            let written = node.span.text();
            node.as_str().map_or_else(|| written.to_owned(), str::to_owned)
        }
        Kind::Seq(_) | Kind::Map(_) | Kind::Unknown(_) => node.span.text().to_owned(),
    }
}

/// The tag as it counts here: local tags with their `!`, core tags without.
fn tag_name(tag: Option<&Tag>) -> Option<String> {
    tag.map(|t| t.core_suffix().map_or_else(|| format!("!{}", t.suffix()), str::to_owned))
}

/// `!Sub x` as `{"Fn::Sub": x}`.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html>
fn long_form(tag: &str, value: Tree) -> Tree {
    let name = tag.trim_start_matches('!');
    let key = match name {
        "Ref" | "Condition" => name.to_owned(),
        _ => format!("Fn::{name}"),
    };
    let span = value.span.clone();
    let value = match (name, value.as_str()) {
        ("GetAtt", Some(text)) => {
            let (resource, attribute) = text.split_once('.').unwrap_or((text, ""));
            let parts = vec![Node::text(resource, &span), Node::text(attribute, &span)];
            Node::new(Kind::Seq(parts), span.clone())
        }
        _ => value,
    };
    let entry = Entry { key, key_span: span.clone(), value };
    Node::new(Kind::Map(vec![entry]), span)
}
