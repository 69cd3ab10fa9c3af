//! The spanned tree of a document: every key and every value knows its place.

mod read;
mod scalar;

pub(crate) use scalar::plain as plain_kind;

use std::sync::Arc;

use burgward_diag::Span;
use serde_json::{Map, Number, Value};

pub use read::{ReadLimits, read};

/// A shared node: YAML aliases share, they do not copy.
pub type Tree = Arc<Node>;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub span: Span,
    /// Whether a `NoEcho` parameter went into it.
    pub no_echo: bool,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(String),
    /// Text.
    String(String),
    /// A list.
    Seq(Vec<Tree>),
    /// A mapping, in the order of the file, each key once.
    Map(Vec<Entry>),
    /// A value that only a deployment knows, and why.
    Unknown(String),
}

/// An entry of a mapping.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Tree,
}

impl Node {
    /// A node of this kind.
    #[must_use]
    pub fn new(kind: Kind, span: Span) -> Tree {
        Arc::new(Self { kind, span, no_echo: false })
    }

    /// Text.
    #[must_use]
    pub fn text(text: impl Into<String>, span: &Span) -> Tree {
        Self::new(Kind::String(text.into()), span.clone())
    }

    /// A mapping without entries.
    #[must_use]
    pub fn empty_map(span: &Span) -> Tree {
        Self::new(Kind::Map(Vec::new()), span.clone())
    }

    /// The entries of a mapping; none of anything else.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        if let Kind::Map(entries) = &self.kind { entries } else { &[] }
    }

    /// The items of a list; none of anything else.
    #[must_use]
    pub fn items(&self) -> &[Tree] {
        if let Kind::Seq(items) = &self.kind { items } else { &[] }
    }

    /// The entry with this key.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|e| e.key == key)
    }

    /// The value of this key, unless it is null.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Tree> {
        self.entry(key).map(|e| &e.value).filter(|v| !matches!(v.kind, Kind::Null))
    }

    /// Follows keys downwards.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key).map(AsRef::as_ref))
    }

    /// The text of a scalar, as CloudFormation turns numbers and booleans into text.
    #[must_use]
    pub fn scalar(&self) -> Option<String> {
        match &self.kind {
            Kind::String(text) | Kind::Number(text) => Some(text.clone()),
            Kind::Bool(value) => Some(value.to_string()),
            Kind::Null | Kind::Seq(_) | Kind::Map(_) | Kind::Unknown(_) => None,
        }
    }

    /// The text, if it is text.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Kind::String(text) = &self.kind { Some(text) } else { None }
    }

    /// A boolean, also one written as text, as CloudFormation takes it.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match &self.kind {
            Kind::Bool(value) => Some(*value),
            Kind::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Kind::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            Kind::Null | Kind::Number(_) | Kind::String(_) | Kind::Seq(_) | Kind::Map(_) | Kind::Unknown(_) => None,
        }
    }

    /// Why the first unknown value in it is unknown, and where.
    #[must_use]
    pub fn unknown(&self) -> Option<(&str, &Span)> {
        match &self.kind {
            Kind::Unknown(why) => Some((why, &self.span)),
            Kind::Seq(items) => items.iter().find_map(|n| n.unknown()),
            Kind::Map(entries) => entries.iter().find_map(|e| e.value.unknown()),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => None,
        }
    }

    /// The same without places; what is unknown becomes text that says so.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(text) => number(text),
            Kind::String(text) => Value::String(text.clone()),
            Kind::Seq(items) => Value::Array(items.iter().map(|n| n.to_json()).collect()),
            Kind::Map(entries) => {
                Value::Object(entries.iter().map(|e| (e.key.clone(), e.value.to_json())).collect::<Map<_, _>>())
            }
            Kind::Unknown(why) => Value::String(format!("(unknown: {why})")),
        }
    }
}

fn number(text: &str) -> Value {
    if let Ok(value) = text.parse::<i64>() {
        return Value::Number(value.into());
    }
    text.parse::<f64>().ok().and_then(Number::from_f64).map_or_else(|| Value::String(text.to_owned()), Value::Number)
}
