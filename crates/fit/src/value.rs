//! What a value of the code is once the template is known.

use burgward_code::Value;
use burgward_template::model::{App, Function};

use crate::source::{Source, escaped, sub_of};

/// Why a part of a value is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hole {
    /// The code does not show it.
    Unknown,
    /// The sender of the event chooses it.
    Event,
}

/// A part of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Known text, and how the template writes it (the text of an `Fn::Sub`).
    Known { text: String, written: String },
    /// Anything.
    Hole(Hole),
}

/// A value: parts one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pattern(pub(crate) Vec<Piece>);

/// More alternatives than this are one unknown value.
const MOST: usize = 64;

impl Pattern {
    fn hole(hole: Hole) -> Self {
        Self(vec![Piece::Hole(hole)])
    }

    /// The worst of its holes.
    pub(crate) fn worst(&self) -> Option<Hole> {
        let hole = |p: &Piece| if let Piece::Hole(hole) = p { Some(*hole) } else { None };
        self.0.iter().filter_map(hole).max()
    }

    /// The text and how it is written, if all of it is known.
    pub(crate) fn exact(&self) -> Option<(String, String)> {
        let mut all = (String::new(), String::new());
        for piece in &self.0 {
            let Piece::Known { text, written } = piece else { return None };
            all.0.push_str(text);
            all.1.push_str(written);
        }
        Some(all)
    }

    /// The pattern as IAM writes it, as text and for an `Fn::Sub`. Characters of the text that mean something in a policy
    /// become `?`: a policy variable cannot be written into every document.
    pub(crate) fn glob(&self) -> (String, String) {
        let plain = |text: &str| text.replace(['*', '?'], "?");
        let mut all = (String::new(), String::new());
        for piece in &self.0 {
            match piece {
                Piece::Known { text, written } => {
                    all.0.push_str(&plain(text).replace("${", "?{"));
                    all.1.push_str(&plain(written).replace("${!", "?{"));
                }
                Piece::Hole(_) if all.0.ends_with('*') => {}
                Piece::Hole(_) => {
                    all.0.push('*');
                    all.1.push('*');
                }
            }
        }
        all
    }
}

/// Puts the template's values into values of the code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resolver<'a> {
    pub(crate) app: &'a App,
    pub(crate) source: &'a Source,
    pub(crate) function: &'a Function,
}

impl Resolver<'_> {
    /// What the value may be.
    pub(crate) fn patterns(&self, value: &Value) -> Vec<Pattern> {
        let mut all = match value {
            Value::Text(text) => vec![Pattern(vec![Piece::Known { text: text.clone(), written: escaped(text) }])],
            Value::Env(name) => vec![self.variable(name)],
            Value::Event(_) => vec![Pattern::hole(Hole::Event)],
            Value::Unknown => vec![Pattern::hole(Hole::Unknown)],
            Value::OneOf(values) => values.iter().flat_map(|v| self.patterns(v)).take(MOST + 1).collect(),
            Value::Join(parts) => self.joined(parts),
        };
        if all.len() > MOST || all.is_empty() {
            let worst = all.iter().filter_map(Pattern::worst).max();
            return vec![Pattern::hole(worst.unwrap_or(Hole::Unknown))];
        }
        let mut seen = Vec::new();
        all.retain(|p| {
            !seen.contains(p) && {
                seen.push(p.clone());
                true
            }
        });
        all
    }

    fn joined(&self, parts: &[Value]) -> Vec<Pattern> {
        parts.iter().fold(vec![Pattern::default()], |before, part| {
            let next = self.patterns(part);
            let pairs = before.iter().flat_map(|b| next.iter().map(move |n| (b, n)));
            pairs.map(|(b, n)| Pattern(b.0.iter().chain(&n.0).cloned().collect())).take(MOST + 1).collect()
        })
    }

    /// The value of an environment variable: the template's, or one that Lambda sets.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
    fn variable(&self, name: &str) -> Pattern {
        let known = |text: &str, written: String| Pattern(vec![Piece::Known { text: text.to_owned(), written }]);
        let set = self.function.env.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        if let Some(value) = set {
            let text = value.value.as_literal().filter(|_| !value.value.no_echo);
            let Some(text) = text else { return Pattern::hole(Hole::Unknown) };
            let written = self.source.node_at(&value.span).and_then(|node| sub_of(node));
            return known(&text, written.unwrap_or_else(|| escaped(&text)));
        }
        match name {
            "AWS_REGION" | "AWS_DEFAULT_REGION" => known(&self.app.region, "${AWS::Region}".to_owned()),
            "AWS_LAMBDA_FUNCTION_NAME" => known(&self.function.name, escaped(&self.function.name)),
            _ => Pattern::hole(Hole::Unknown),
        }
    }
}
