//! The model together with the text it came from: the model says what holds, the text where it is written.

use std::sync::Arc;

use burgward_diag::{SourceFile, Span};
use burgward_template::model::App;
use burgward_template::patch::Writer;
use burgward_template::tree::{Entry, Kind, Node, ReadLimits, Tree, read};
use serde_json::Value;

use crate::codes::Codes;
use crate::grants::{Grant, grants};

/// What checks look at.
#[derive(Debug)]
pub(crate) struct View<'a> {
    /// The model.
    pub(crate) app: &'a App,
    /// The code of its functions, as far as it was read.
    pub(crate) codes: &'a Codes,
    /// What policies allow, statement by statement.
    pub(crate) grants: Vec<Grant>,
    source: Source,
}

/// The template as written, before any function is evaluated.
#[derive(Debug)]
pub(crate) struct Source(Option<Tree>);

impl<'a> View<'a> {
    pub(crate) fn new(app: &'a App, codes: &'a Codes) -> Self {
        // The loader has already reported what is wrong with the text.
        let (mut refused, mut listed) = (Vec::new(), Vec::new());
        let tree = app.sources.first().and_then(|f| read(f, ReadLimits::default(), &mut refused, &mut listed));
        let source = Source(tree);
        Self { app, codes, grants: grants(app, &source), source }
    }

    /// The template's file and the whole of it as written.
    pub(crate) fn document(&self) -> Option<(&Arc<SourceFile>, &Node)> {
        Some((self.app.sources.first()?, self.source.0.as_ref()?))
    }

    /// What makes edits of the template.
    pub(crate) fn writer(&self) -> Option<Writer<'_>> {
        self.document().map(|(file, root)| Writer::new(file, root))
    }

    /// The mapping that holds the value at exactly this place, and its entry.
    pub(crate) fn holder_of(&self, value: &Span) -> Option<(&Node, &Entry)> {
        find_holder(self.source.0.as_deref()?, value)
    }

    /// The entries of a section of the template.
    pub(crate) fn section(&self, name: &str) -> &[Entry] {
        self.source.0.as_ref().and_then(|t| t.get(name)).map_or(&[], |n| n.entries())
    }

    /// A setting of `Globals` as written.
    pub(crate) fn global(&self, path: &[&str]) -> Option<&Node> {
        self.source.0.as_ref()?.get("Globals")?.at(path)
    }

    /// The properties of a resource as written.
    pub(crate) fn properties(&self, logical_id: &str) -> Option<&Node> {
        self.section("Resources").iter().find(|e| e.key == logical_id)?.value.at(&["Properties"])
    }

    /// All resources of a type: the logical id's entry, and the properties as written. A resource without `Properties`
    /// stands for them itself: none of its own keys is a property's.
    pub(crate) fn resources<'v>(&'v self, kind: &'v str) -> impl Iterator<Item = (&'v Entry, &'v Node)> {
        self.source.resources(kind)
    }

    /// The node as written at exactly this place.
    pub(crate) fn node_at(&self, span: &Span) -> Option<&Node> {
        self.source.node_at(span)
    }

    /// The entry of a mapping whose key stands at exactly this place.
    pub(crate) fn entry_at(&self, key_span: &Span) -> Option<&Entry> {
        find_entry(self.source.0.as_deref()?, key_span)
    }

    /// The place of the `at`-th value of `key` in the mapping at `span`; the mapping's own place if the text does not
    /// show it, as for policies that are named, not written.
    pub(crate) fn point(&self, span: &Span, key: &str, at: usize) -> Span {
        let Some(value) = self.node_at(span).and_then(|n| n.get(key)) else { return span.clone() };
        value.items().get(at).unwrap_or(value).span.clone()
    }
}

impl Source {
    /// All resources of a type: the logical id's entry, and the properties as written. A resource without `Properties`
    /// stands for them itself: none of its own keys is a property's.
    pub(crate) fn resources<'v>(&'v self, kind: &'v str) -> impl Iterator<Item = (&'v Entry, &'v Node)> {
        let typed = move |e: &&Entry| e.value.get("Type").and_then(|n| n.as_str()) == Some(kind);
        let all = self.0.as_ref().and_then(|t| t.get("Resources")).map_or(&[][..], |n| n.entries());
        all.iter().filter(typed).map(|e| (e, e.value.at(&["Properties"]).unwrap_or(&e.value)))
    }

    /// The node as written at exactly this place.
    pub(crate) fn node_at(&self, span: &Span) -> Option<&Node> {
        find(self.0.as_deref()?, span)
    }
}

fn contains(outer: &Span, inner: &Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn find<'n>(node: &'n Node, span: &Span) -> Option<&'n Node> {
    if !contains(&node.span, span) {
        return None;
    }
    if node.span == *span {
        return Some(node);
    }
    let in_entries = node.entries().iter().find_map(|e| find(&e.value, span));
    in_entries.or_else(|| node.items().iter().find_map(|n| find(n, span)))
}

fn find_entry<'n>(node: &'n Node, key_span: &Span) -> Option<&'n Entry> {
    if !contains(&node.span, key_span) {
        return None;
    }
    let here = node.entries().iter().find(|e| e.key_span == *key_span);
    here.or_else(|| node.entries().iter().find_map(|e| find_entry(&e.value, key_span)))
        .or_else(|| node.items().iter().find_map(|n| find_entry(n, key_span)))
}

fn find_holder<'n>(node: &'n Node, value: &Span) -> Option<(&'n Node, &'n Entry)> {
    if !contains(&node.span, value) {
        return None;
    }
    let own = |e: &&Entry| e.value.span == *value && e.key_span != *value;
    let here = node.entries().iter().find(own).map(|e| (node, e));
    here.or_else(|| node.entries().iter().find_map(|e| find_holder(&e.value, value)))
        .or_else(|| node.items().iter().find_map(|n| find_holder(n, value)))
}

/// What stands for a value that only the evaluation of a template knows: an ARN of some account, never `*`.
const SOME_ARN: &str = "arn:aws:iam::111122223333:root";

/// A document that the model does not carry, as plain JSON: `!Sub` and `!Join` keep the text around what they insert,
/// so that they hide no wildcard; every other function becomes an ARN of some account.
pub(crate) fn settled(node: &Node) -> Value {
    match &node.kind {
        Kind::Map(entries) => match entries.first() {
            Some(call) if call.key == "Ref" || call.key.starts_with("Fn::") => called(&call.key, &call.value),
            _ => entries.iter().map(|e| (e.key.clone(), settled(&e.value))).collect(),
        },
        Kind::Seq(items) => items.iter().map(|n| settled(n)).collect(),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(_) => node.to_json(),
    }
}

fn called(function: &str, argument: &Node) -> Value {
    match function {
        "Fn::Sub" => {
            let pattern = argument.as_str().or_else(|| argument.items().first()?.as_str()).unwrap_or(SOME_ARN);
            let mut parts = pattern.split("${");
            let first = parts.next().unwrap_or_default().to_owned();
            let inserted = parts.map(|part| part.split_once('}').map_or("", |(_, rest)| rest));
            inserted.fold(first, |text, rest| text + "x" + rest).into()
        }
        "Fn::Join" => {
            let (by, parts) = (argument.items().first().and_then(|n| n.as_str()), argument.items().get(1));
            let parts: Vec<_> = parts.map_or(&[][..], |n| n.items()).iter().map(|n| settled(n)).collect();
            parts.iter().map(|p| p.as_str().unwrap_or("x")).collect::<Vec<_>>().join(by.unwrap_or_default()).into()
        }
        _ => SOME_ARN.into(),
    }
}
