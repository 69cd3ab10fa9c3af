//! What a modelled property may hold. The table writes it behind the name:
//!
//! | shape | value |
//! |---|---|
//! | none, or `text` | text, a number or a boolean |
//! | `number`, `flag` | a number, a boolean |
//! | `A|B|C` | one of these words |
//! | `texts` | a text or a list of texts |
//! | `names` | a mapping of the template's own names to texts |
//! | `{R}`, `[R]`, `<R>` | an object by the rule `R`, a list of such, a mapping of the template's own names to such |
//! | `policy`, `statements` | a policy document, or its statements; their words are judged by the policy engine |
//! | `any` | judged where it is read |
//!
//! Alternatives are separated by commas. No shape is open but `any`, so no mapping goes unjudged.

use serde_json::Value;

use super::judge;
use crate::report::Report;
use crate::tree::{Entry, Kind, Node, Tree};

/// Judges the value of a modelled property.
pub(super) fn check(shape: &str, of: &str, entry: &Entry, report: &Report) {
    let value = &entry.value;
    if let Kind::Unknown(why) = &value.kind {
        // Readers of single values tell themselves; of an object they might only see that nothing is in it.
        if shape.contains(['{', '[', '<']) || matches!(shape, "names" | "policy" | "statements" | "any") {
            report.unresolved(&value.span, &format!("`{}` of {of}", entry.key), why);
        }
        return;
    }
    if shape.split(',').any(|one| fits(one, value, report)) {
        return;
    }
    let message = format!("`{}` of {of} is not {}", entry.key, expected(shape));
    report.syntax(&value.span, message, "CloudFormation refuses it as well");
}

fn fits(shape: &str, value: &Tree, report: &Report) -> bool {
    let inside = |open: char, close: char| shape.strip_prefix(open).and_then(|s| s.strip_suffix(close));
    if let Some(of) = inside('{', '}') {
        return object(of, value, report);
    }
    if let Some(of) = inside('[', ']') {
        return matches!(value.kind, Kind::Seq(_)) && value.items().iter().all(|n| object(of, n, report));
    }
    if let Some(of) = inside('<', '>') {
        return matches!(value.kind, Kind::Map(_)) && value.entries().iter().all(|e| object(of, &e.value, report));
    }
    let is_text = |n: &Tree| n.scalar().is_some() || n.unknown().is_some();
    match shape {
        "text" => value.scalar().is_some(),
        "number" => value.scalar().is_some_and(|t| t.parse::<f64>().is_ok_and(f64::is_finite)),
        "flag" => value.as_bool().is_some(),
        "texts" => value.scalar().is_some() || matches!(value.kind, Kind::Seq(_)) && value.items().iter().all(is_text),
        "names" => matches!(value.kind, Kind::Map(_)) && value.entries().iter().all(|e| is_text(&e.value)),
        "policy" => policy(value),
        "statements" => statements(value),
        "any" => true,
        words => value.scalar().is_some_and(|text| words.split('|').any(|word| !word.is_empty() && word == text)),
    }
}

fn object(of: &str, value: &Tree, report: &Report) -> bool {
    let fits = matches!(value.kind, Kind::Map(_) | Kind::Unknown(_));
    if fits {
        judge(of, value, report);
    }
    fits
}

/// A document with statements, also one written as JSON text.
fn policy(value: &Node) -> bool {
    let text = || serde_json::from_str::<Value>(value.as_str()?).ok();
    value.get("Statement").is_some_and(|s| statements(s)) || text().is_some_and(|d| d.get("Statement").is_some())
}

fn statements(value: &Node) -> bool {
    let one = |n: &Node| matches!(n.kind, Kind::Map(_) | Kind::Unknown(_));
    one(value) || !value.items().is_empty() && value.items().iter().all(|n| one(n))
}

/// The shape in words.
fn expected(shape: &str) -> String {
    let one = |shape: &str| match shape {
        "text" => "text".to_owned(),
        "number" => "a number".to_owned(),
        "flag" => "true or false".to_owned(),
        "texts" => "a list of texts".to_owned(),
        "names" => "a mapping of names to texts".to_owned(),
        "policy" => "a policy document with statements".to_owned(),
        "statements" => "a list of policy statements".to_owned(),
        object if object.starts_with('{') => "an object".to_owned(),
        list if list.starts_with('[') => "a list of objects".to_owned(),
        named if named.starts_with('<') => "a mapping of names to objects".to_owned(),
        words => format!("one of {}", words.trim_matches('|').replace('|', ", ")),
    };
    shape.split(',').map(one).collect::<Vec<_>>().join(", or ")
}
