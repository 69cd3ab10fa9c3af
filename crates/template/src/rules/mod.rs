//! Which properties are modelled, which are left aside, which are refused: one table.
//!
//! A property that is not in the table is refused: what is not known may bear on security (law 1). To support a
//! property, read it in `build/` and move it to `modelled`, with its shape.

mod nested;
mod shape;
mod table;

use crate::diagnostic::RefusedKind;
use crate::report::Report;
use crate::tree::{Entry, Kind, Node};

use nested::NESTED;
pub(crate) use table::{FORWARD, NOTED, RULES};

/// The rule of one type, or of an object in it.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) of: &'static str,
    /// Read into the model; names are separated by blanks, each with the shape of its value (see [`shape`]).
    pub(crate) modelled: &'static str,
    /// Without bearing on security: listed.
    pub(crate) harmless: &'static str,
    /// Known, and refused with this hint.
    pub(crate) refused: &'static [(&'static str, &'static str)],
}

impl Rule {
    /// The modelled properties and their shapes.
    fn modelled(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.modelled.split_whitespace().map(|word| word.split_once(':').unwrap_or((word, "text")))
    }
}

/// The rule of a type or nested object.
pub(crate) fn rule(of: &str) -> Option<&'static Rule> {
    RULES.iter().chain(NESTED).find(|r| r.of == of)
}

/// Whether resources of this type are run.
pub(crate) fn runs(kind: &str) -> bool {
    kind.starts_with("AWS::") && RULES.iter().any(|r| r.of == kind)
}

/// Judges every key of an object by its rule, and what the keys hold.
pub(crate) fn judge(of: &str, node: &Node, report: &Report) {
    let Some(rule) = rule(of) else {
        report.syntax(&node.span, format!("{of} is not known here"), "");
        return;
    };
    match &node.kind {
        Kind::Map(_) | Kind::Null => {}
        Kind::Unknown(why) => report.unresolved(&node.span, of, why),
        Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Seq(_) => {
            report.syntax(&node.span, format!("{of} is no mapping"), "give its properties by name");
        }
    }
    for entry in node.entries() {
        let key = entry.key.as_str();
        if matches!(entry.value.kind, Kind::Null) {
            nothing(of, entry, report);
        } else if let Some((_, shape)) = rule.modelled().find(|(name, _)| *name == key) {
            shape::check(shape, of, entry, report);
        } else if !is_default(of, key, &entry.value) {
            leave(rule, entry, report);
        }
    }
}

/// A key without a value: `CloudFormation` refuses the template; SAM leaves the property out.
fn nothing(of: &str, entry: &Entry, report: &Report) {
    if of.starts_with("AWS::") && !of.starts_with("AWS::Serverless::") {
        let message = format!("`{}` of {of} has no value", entry.key);
        report.syntax(&entry.key_span, message, "CloudFormation takes no empty values: remove it or give it one");
    }
}

/// A property that is not modelled.
fn leave(rule: &Rule, entry: &Entry, report: &Report) {
    let (of, key) = (rule.of, entry.key.as_str());
    let kind = RefusedKind::UnsupportedProperty;
    if rule.harmless.split_whitespace().any(|name| name == key) {
        let message = format!("`{key}` of {of} has no effect here");
        let hint = match key {
            "Tags" | "PropagateTags" => "policies that ask for tags are refused, because services do not hold any yet",
            _ => "it has no bearing on security at run time",
        };
        report.list(kind, &entry.key_span, message, hint);
    } else if let Some((_, hint)) = rule.refused.iter().find(|(name, _)| *name == key) {
        report.refuse(kind, &entry.key_span, format!("`{key}` of {of} is not enforced here"), *hint);
    } else {
        let hint = "check the spelling; what is not known is not left aside";
        report.refuse(kind, &entry.key_span, format!("`{key}` of {of} is not known here"), hint);
    }
}

/// Values that say what holds anyway.
fn is_default(of: &str, key: &str, value: &Node) -> bool {
    let text = value.scalar();
    match (of, key) {
        (_, "PackageType") => text.as_deref() == Some("Zip"),
        (
            _,
            "DisableExecuteApiEndpoint"
            | "CacheClusterEnabled"
            | "CachingEnabled"
            | "FailOnWarnings"
            | "ObjectLockEnabled",
        ) => value.as_bool() == Some(false),
        ("AWS::Serverless::Api", "EndpointConfiguration") => {
            let kind = value.get("Type").and_then(|n| n.scalar()).or(text);
            let known = value.entries().iter().all(|e| e.key == "Type");
            known && matches!(kind.as_deref(), Some("REGIONAL" | "EDGE"))
        }
        ("AWS::ApiGateway::RestApi", "EndpointConfiguration") => {
            let public = |n: &std::sync::Arc<Node>| matches!(n.scalar().as_deref(), Some("REGIONAL" | "EDGE"));
            let known = value.entries().iter().all(|e| e.key == "Types");
            known && value.get("Types").is_some_and(|t| !t.items().is_empty() && t.items().iter().all(public))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
