//! Typed access to evaluated properties, each failure reported with its place.

use burgward_diag::Span;

use crate::eval::text::text;
use crate::model::{Spanned, Text};
use crate::report::Report;
use crate::template::Declared;
use crate::tree::{Kind, Node, Tree};

/// The properties of a resource, or an object in them.
#[derive(Clone, Copy)]
pub(crate) struct Props<'a> {
    pub(crate) node: &'a Node,
    pub(crate) resource: &'a Declared,
    pub(crate) report: &'a Report,
}

impl<'a> Props<'a> {
    /// The same for an object inside.
    pub(crate) fn inside(&self, node: &'a Node) -> Self {
        Self { node, ..*self }
    }

    pub(crate) fn id(&self) -> String {
        self.resource.id.clone()
    }

    pub(crate) fn span(&self) -> Span {
        self.resource.id_span.clone()
    }

    /// A value that is there and known.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Tree> {
        let node = self.node.get(key)?;
        match node.unknown() {
            Some((why, span)) => {
                self.report.unresolved(span, &format!("`{key}` of `{}`", self.resource.id), why);
                None
            }
            None => Some(node),
        }
    }

    /// An object.
    pub(crate) fn object(&self, key: &str) -> Option<Self> {
        self.get(key).map(|n| self.inside(n))
    }

    /// Where a property stands, or else the resource.
    pub(crate) fn span_of(&self, key: &str) -> Span {
        self.node.get(key).map_or_else(|| self.span(), |n| n.span.clone())
    }

    fn wrong(&self, key: &str, node: &Node, expected: &str) {
        let message = format!("`{key}` of `{}` is not {expected}", self.resource.id);
        self.report.syntax(&node.span, message, format!("give {expected}"));
    }

    /// Plain text; a dynamic reference is refused, because nothing here may depend on a lookup.
    pub(crate) fn string(&self, key: &str) -> Option<String> {
        let node = self.get(key)?;
        match node.scalar() {
            Some(text) if text.contains("{{resolve:") => {
                self.report.unresolved(&node.span, &format!("`{key}`"), "it is looked up at deployment");
                None
            }
            Some(text) => Some(text),
            None => {
                self.wrong(key, node, "text");
                None
            }
        }
    }

    /// Plain text with its place; the default stands where the resource does.
    pub(crate) fn spanned(&self, key: &str, default: &str) -> Spanned<String> {
        Spanned::new(self.string(key).unwrap_or_else(|| default.to_owned()), self.span_of(key))
    }

    /// Text with dynamic references.
    pub(crate) fn text(&self, key: &str) -> Option<Text> {
        let node = self.get(key)?;
        text(node).map_err(|why| self.report.syntax(&node.span, format!("`{key}`: {why}"), "")).ok()
    }

    /// A whole number.
    pub(crate) fn number(&self, key: &str) -> Option<u32> {
        let node = self.get(key)?;
        let value = node.scalar().and_then(|t| t.parse().ok());
        if value.is_none() {
            self.wrong(key, node, "a whole number");
        }
        value
    }

    /// A whole number within bounds, with its place.
    pub(crate) fn bounded(&self, key: &str, default: u32, least: u32, most: u32) -> Spanned<u32> {
        let value = self.number(key).unwrap_or(default);
        if value < least || value > most {
            let message = format!("`{key}` of `{}` is {value}, outside {least} to {most}", self.resource.id);
            self.report.syntax(&self.span_of(key), message, "Lambda refuses it as well");
        }
        Spanned::new(value, self.span_of(key))
    }

    /// A number.
    pub(crate) fn float(&self, key: &str) -> Option<f64> {
        let node = self.get(key)?;
        let value = node.scalar().and_then(|t| t.parse().ok()).filter(|v: &f64| v.is_finite() && *v >= 0.0);
        if value.is_none() {
            self.wrong(key, node, "a number");
        }
        value
    }

    /// A switch.
    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        let node = self.get(key)?;
        if node.as_bool().is_none() {
            self.wrong(key, node, "true or false");
        }
        node.as_bool()
    }

    /// A list of texts; a single text counts as a list of one.
    pub(crate) fn strings(&self, key: &str) -> Vec<String> {
        let Some(node) = self.get(key) else { return Vec::new() };
        match node.scalar() {
            Some(text) => vec![text],
            None => node.items().iter().filter_map(|n| n.scalar()).collect(),
        }
    }

    /// `Tags`: a mapping, as SAM and Systems Manager have it, or a list of keys and values.
    pub(crate) fn tags(&self) -> Vec<(String, String)> {
        let Some(node) = self.get("Tags") else { return Vec::new() };
        let listed = |n: &Tree| Some((n.get("Key")?.scalar()?, n.get("Value")?.scalar()?));
        let tags: Option<Vec<_>> = match &node.kind {
            Kind::Map(entries) => entries.iter().map(|e| Some((e.key.clone(), e.value.scalar()?))).collect(),
            Kind::Seq(items) => items.iter().map(listed).collect(),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(_) => None,
        };
        if tags.is_none() {
            self.wrong("Tags", node, "a mapping of names to texts or a list of `Key` and `Value`");
        }
        tags.unwrap_or_default()
    }

    /// The nodes of a list.
    pub(crate) fn list(&self, key: &str) -> &'a [Tree] {
        self.get(key).map_or(&[], |n| n.items())
    }

    /// Something required is missing.
    pub(crate) fn missing(&self, key: &str) {
        let message = format!("`{}` has no `{key}`", self.resource.id);
        self.report.syntax(&self.resource.id_span, message, format!("{} needs it", self.resource.kind));
    }
}
