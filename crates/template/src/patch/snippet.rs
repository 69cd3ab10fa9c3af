//! New values, and how they are written.

use crate::tree::{Kind, Node, plain_kind};

/// A value to be written, without a style: [`Writer`](super::Writer) writes it in the style of its surroundings.
#[derive(Clone, Debug, PartialEq)]
pub enum Snippet {
    /// Text; quoted where it would otherwise be read as something else.
    Text(String),
    /// A whole number.
    Number(i64),
    /// `true` or `false`.
    Bool(bool),
    /// A function by its short name, such as `Ref`, `GetAtt`, `Sub`: `!Ref X` in YAML, `{"Ref": "X"}` in JSON.
    Call(&'static str, Box<Snippet>),
    /// A list.
    Seq(Vec<Snippet>),
    /// A mapping.
    Map(Vec<(String, Snippet)>),
}

impl From<&str> for Snippet {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Snippet {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Snippet {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Snippet {
    fn from(value: i64) -> Self {
        Self::Number(value)
    }
}

impl From<Vec<Snippet>> for Snippet {
    fn from(items: Vec<Snippet>) -> Self {
        Self::Seq(items)
    }
}

/// The functions that have a short form.
const FUNCTIONS: [&str; 12] = [
    "Ref",
    "GetAtt",
    "Sub",
    "Join",
    "If",
    "Select",
    "Split",
    "FindInMap",
    "ImportValue",
    "Base64",
    "GetAZs",
    "Condition",
];

impl Snippet {
    /// A mapping.
    pub fn map<K: Into<String>, V: Into<Self>>(entries: impl IntoIterator<Item = (K, V)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }

    /// A list.
    pub fn seq<V: Into<Self>>(items: impl IntoIterator<Item = V>) -> Self {
        Self::Seq(items.into_iter().map(Into::into).collect())
    }

    /// `!Ref name`.
    #[must_use]
    pub fn reference(name: &str) -> Self {
        Self::Call("Ref", Box::new(name.into()))
    }

    /// `!GetAtt resource.attribute`.
    #[must_use]
    pub fn get_att(resource: &str, attribute: &str) -> Self {
        Self::Call("GetAtt", Box::new(format!("{resource}.{attribute}").into()))
    }

    /// `!Sub pattern`.
    #[must_use]
    pub fn sub(pattern: &str) -> Self {
        Self::Call("Sub", Box::new(pattern.into()))
    }

    /// What a node of a template says, functions in their short form.
    #[must_use]
    pub fn of(node: &Node) -> Self {
        match &node.kind {
            Kind::Map(entries) => match entries.as_slice() {
                [call] => Self::call(&call.key, &call.value)
                    .unwrap_or_else(|| Self::Map(vec![(call.key.clone(), Self::of(&call.value))])),
                all => Self::Map(all.iter().map(|e| (e.key.clone(), Self::of(&e.value))).collect()),
            },
            Kind::Seq(items) => Self::Seq(items.iter().map(|n| Self::of(n)).collect()),
            Kind::Bool(value) => Self::Bool(*value),
            Kind::Number(text) => text.parse().map_or_else(|_| Self::Text(text.clone()), Self::Number),
            Kind::String(text) | Kind::Unknown(text) => Self::Text(text.clone()),
            Kind::Null => Self::Text(String::new()),
        }
    }

    fn call(key: &str, argument: &Node) -> Option<Self> {
        let name = key.strip_prefix("Fn::").unwrap_or(if key == "Ref" { "Ref" } else { "" });
        let name = *FUNCTIONS.iter().find(|f| **f == name)?;
        let argument = match (name, argument.items()) {
            ("GetAtt", [resource, attribute]) => Self::Text(format!("{}.{}", resource.as_str()?, attribute.as_str()?)),
            _ => Self::of(argument),
        };
        Some(Self::Call(name, Box::new(argument)))
    }

    /// In one line: a scalar, or flow style. Valid in block and in flow.
    pub(super) fn inline(&self, json: bool) -> String {
        match self {
            Self::Text(text) if json => quoted(text),
            Self::Text(text) => scalar(text),
            Self::Number(value) => value.to_string(),
            Self::Bool(value) => value.to_string(),
            Self::Call(name, argument) if json => long_form(name, argument).inline(true),
            Self::Call(name, argument) => format!("!{name} {}", argument.inline(false)),
            Self::Seq(items) => {
                format!("[{}]", items.iter().map(|i| i.inline(json)).collect::<Vec<_>>().join(", "))
            }
            Self::Map(entries) => {
                let entry = |(name, value): &(String, Self)| format!("{}: {}", key(name, json), value.inline(json));
                format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// What stands behind `key:` or `-` in block style; `indent` is that of the key.
    pub(super) fn block(&self, style: &Style, indent: &str) -> String {
        match self {
            Self::Map(entries) if !entries.is_empty() => {
                let deeper = format!("{indent}{}", style.unit);
                let line = |(name, value): &(String, Self)| {
                    format!("{}{deeper}{}:{}", style.newline, key(name, false), value.block(style, &deeper))
                };
                entries.iter().map(line).collect()
            }
            Self::Seq(items) if !items.is_empty() => {
                let deeper = if style.compact { indent.to_owned() } else { format!("{indent}{}", style.unit) };
                let line = |i: &Self| format!("{}{deeper}-{}", style.newline, i.item(style, &deeper));
                items.iter().map(line).collect()
            }
            Self::Text(_) | Self::Number(_) | Self::Bool(_) | Self::Call(..) | Self::Seq(_) | Self::Map(_) => {
                format!(" {}", self.inline(false))
            }
        }
    }

    /// What stands behind `-` in block style; `indent` is that of the dash.
    pub(super) fn item(&self, style: &Style, indent: &str) -> String {
        let Self::Map(entries) = self else {
            return if matches!(self, Self::Seq(_)) {
                format!(" {}", self.inline(false))
            } else {
                self.block(style, indent)
            };
        };
        let deeper = format!("{indent}  ");
        let lines = entries.iter().map(|(name, value)| format!("{}:{}", key(name, false), value.block(style, &deeper)));
        let joined = lines.collect::<Vec<_>>().join(&format!("{}{deeper}", style.newline));
        if entries.is_empty() { " {}".to_owned() } else { format!(" {joined}") }
    }

    /// Over several lines in flow style; `indent` is that of the line it starts in.
    pub(super) fn flow(&self, style: &Style, indent: &str) -> String {
        let deeper = format!("{indent}{}", style.unit);
        let lines = |open: char, all: Vec<String>, close: char| {
            let separator = format!(",{}{deeper}", style.newline);
            format!("{open}{0}{deeper}{1}{0}{indent}{close}", style.newline, all.join(&separator))
        };
        match self {
            Self::Call(name, argument) if style.json && !self.short() => long_form(name, argument).flow(style, indent),
            Self::Map(entries) if !self.short() => {
                let entry = |(name, value): &(String, Self)| {
                    format!("{}: {}", key(name, style.json), value.flow(style, &deeper))
                };
                lines('{', entries.iter().map(entry).collect(), '}')
            }
            Self::Seq(items) if !self.short() => {
                lines('[', items.iter().map(|i| i.flow(style, &deeper)).collect(), ']')
            }
            Self::Text(_) | Self::Number(_) | Self::Bool(_) | Self::Call(..) | Self::Seq(_) | Self::Map(_) => {
                self.inline(style.json)
            }
        }
    }

    /// Whether it is written in one line where there is a choice.
    fn short(&self) -> bool {
        let leaf = |s: &Self| matches!(s, Self::Text(_) | Self::Number(_) | Self::Bool(_) | Self::Call(..));
        match self {
            Self::Map(entries) => entries.is_empty(),
            Self::Seq(items) => items.iter().all(leaf),
            Self::Call(_, argument) => leaf(argument) || argument.short(),
            Self::Text(_) | Self::Number(_) | Self::Bool(_) => true,
        }
    }
}

/// How a file is written.
#[derive(Clone, Debug)]
pub(super) struct Style {
    /// The line break.
    pub(super) newline: &'static str,
    /// One step of indentation.
    pub(super) unit: String,
    /// Whether it is JSON.
    pub(super) json: bool,
    /// Whether the items of lists stand at the column of the list's key.
    pub(super) compact: bool,
}

/// `!GetAtt A.B` as `{"Fn::GetAtt": ["A", "B"]}`.
fn long_form(name: &str, argument: &Snippet) -> Snippet {
    let key = if matches!(name, "Ref" | "Condition") { name.to_owned() } else { format!("Fn::{name}") };
    let argument = match (name, argument) {
        ("GetAtt", Snippet::Text(text)) => match text.split_once('.') {
            Some((resource, attribute)) => Snippet::seq([resource, attribute]),
            None => argument.clone(),
        },
        _ => argument.clone(),
    };
    Snippet::Map(vec![(key, argument)])
}

/// A key of a mapping.
pub(super) fn key(name: &str, json: bool) -> String {
    if json { quoted(name) } else { scalar(name) }
}

/// Text in YAML: plain where every reader takes it for this text, in block and in flow; otherwise quoted.
fn scalar(text: &str) -> String {
    let first = text.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '/');
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '+' | '=' | '-' | '@');
    // A colon inside of a word is text, but not to every reader in flow style.
    let words = text.split("::").all(|word| word.chars().all(safe) && !word.is_empty());
    let colons = text.split(':').all(|word| word.chars().all(safe) && !word.is_empty());
    let letter = matches!(text, "y" | "Y" | "n" | "N");
    if first && !letter && (words || colons) && matches!(plain_kind(text), Kind::String(_)) {
        return text.to_owned();
    }
    if text.chars().any(|c| c.is_control() || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')) {
        return quoted(text);
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// Text as JSON, which is YAML as well.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
