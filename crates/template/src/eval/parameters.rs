//! Values of template parameters: what the deployment gives, else the default.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>

use std::collections::HashMap;

use crate::RefusedKind;
use crate::eval::unknown;
use crate::load::Parameters;
use crate::report::Report;
use crate::template::Template;
use crate::tree::{Entry, Kind, Node, Tree};

pub(super) fn settle(template: &Template, given: &Parameters, report: &Report) -> HashMap<String, Tree> {
    let declared = template.parameters.entries();
    for (name, _) in given.values.iter().filter(|(name, _)| !declared.iter().any(|e| e.key == *name)) {
        let message = format!("the template has no parameter `{name}`");
        report.syntax(&template.parameters.span, message, "remove it from the values given");
    }
    declared.iter().map(|entry| (entry.key.clone(), value_of(entry, given, report))).collect()
}

fn value_of(entry: &Entry, given: &Parameters, report: &Report) -> Tree {
    let declaration = &entry.value;
    let kind = declaration.get("Type").and_then(|n| n.scalar()).unwrap_or_else(|| "String".to_owned());
    let no_echo = declaration.get("NoEcho").and_then(|n| n.as_bool()).unwrap_or(false);
    let default = declaration.get("Default");
    let span = default.map_or(&entry.key_span, |n| &n.span);
    let text = given.values.iter().find(|(name, _)| *name == entry.key).map(|(_, value)| value.clone());
    let Some(text) = text.or_else(|| default.and_then(|n| n.scalar())) else {
        return unknown(span, format!("the parameter `{}` has no default and no value was given", entry.key));
    };
    check(entry, &text, no_echo, report);
    if kind.starts_with("AWS::SSM::Parameter::Value<") {
        // The parameter's value is the name of an SSM parameter; its value is looked up at deployment.
        return Node::text(format!("{{{{resolve:ssm:{text}}}}}"), span);
    }
    let value = if kind == "CommaDelimitedList" || kind.starts_with("List<") {
        let items = text.split(',').map(str::trim).filter(|s| !s.is_empty());
        Kind::Seq(items.map(|item| Node::text(item, span)).collect())
    } else {
        Kind::String(text)
    };
    Tree::new(Node { kind: value, span: span.clone(), no_echo })
}

/// `AllowedValues`, the pattern, and the bounds of length and value.
fn check(entry: &Entry, text: &str, no_echo: bool, report: &Report) {
    let shown = if no_echo { "****" } else { text };
    let allowed = entry.value.get("AllowedValues");
    if let Some(allowed) = allowed.filter(|a| !a.items().iter().any(|n| n.scalar().as_deref() == Some(text))) {
        let values: Vec<_> = allowed.items().iter().filter_map(|n| n.scalar()).collect();
        let message = format!("`{shown}` is not an allowed value of the parameter `{}`", entry.key);
        report.syntax(&entry.key_span, message, format!("allowed are {}", values.join(", ")));
    }
    let bound = |key: &str| entry.value.get(key).and_then(|n| n.scalar()).and_then(|t| t.parse::<usize>().ok());
    let length = text.chars().count();
    if bound("MinLength").is_some_and(|min| length < min) || bound("MaxLength").is_some_and(|max| length > max) {
        let message = format!("the value of the parameter `{}` has {length} characters", entry.key);
        report.syntax(&entry.key_span, message, "see its MinLength and MaxLength");
    }
    check_pattern(entry, text, shown, report);
    check_number(entry, text, shown, report);
}

/// The pattern has to match the whole value. A pattern that cannot be read here is refused, not passed over.
fn check_pattern(entry: &Entry, text: &str, shown: &str, report: &Report) {
    let Some(pattern) = entry.value.get("AllowedPattern") else { return };
    let written = pattern.scalar().unwrap_or_default();
    let Ok(regex) = regex::Regex::new(&format!("^(?:{written})$")) else {
        let message = format!("the AllowedPattern of the parameter `{}` cannot be read here", entry.key);
        report.refuse(
            RefusedKind::Unresolved,
            &pattern.span,
            message,
            "write it without look-around and back references",
        );
        return;
    };
    if !regex.is_match(text) {
        let message = format!("`{shown}` does not match the AllowedPattern of the parameter `{}`", entry.key);
        report.syntax(&entry.key_span, message, format!("the pattern is {written}"));
    }
}

/// `Number` and `List<Number>`: numbers, between the bounds.
fn check_number(entry: &Entry, text: &str, shown: &str, report: &Report) {
    let kind = entry.value.get("Type").and_then(|n| n.scalar()).unwrap_or_default();
    let items: Vec<&str> = match kind.as_str() {
        "Number" => vec![text],
        "List<Number>" => text.split(',').collect(),
        _ => return,
    };
    let bound = |key: &str| entry.value.get(key).and_then(|n| n.scalar()).and_then(|t| t.parse::<f64>().ok());
    for item in items {
        let number = item.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        let Some(number) = number else {
            let message = format!("`{shown}` is no number, as the parameter `{}` asks for", entry.key);
            report.syntax(&entry.key_span, message, "give a number");
            return;
        };
        if bound("MinValue").is_some_and(|min| number < min) || bound("MaxValue").is_some_and(|max| number > max) {
            let message = format!("`{shown}` is out of the range of the parameter `{}`", entry.key);
            report.syntax(&entry.key_span, message, "see its MinValue and MaxValue");
        }
    }
}
