//! SAM policy templates: all 81 of `aws-sam-translator` 1.110.0 (see NOTICE).
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html>

use std::sync::LazyLock;

use burgward_diag::Span;
use serde_json::Value;

use crate::tree::{Entry, Kind, Node, Tree};

static TEMPLATES: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../data/sam-policy-templates.json")).unwrap_or_default());

/// Whether SAM has a policy template of this name.
pub(super) fn exists(name: &str) -> bool {
    TEMPLATES.get(name).is_some()
}

/// A template's statements with the parameters put in; the error names what is missing or too much.
pub(super) fn expand(name: &str, arguments: &Node, span: &Span) -> Result<Tree, String> {
    let template = TEMPLATES.get(name).ok_or_else(|| format!("SAM has no policy template `{name}`"))?;
    let expected: Vec<_> = template.get("Parameters").and_then(Value::as_array).into_iter().flatten().collect();
    let wanted = |key: &str| expected.iter().any(|e| e.as_str() == Some(key));
    if let Some(missing) = expected.iter().filter_map(|e| e.as_str()).find(|e| arguments.entry(e).is_none()) {
        return Err(format!("`{name}` needs the parameter `{missing}`"));
    }
    if let Some(extra) = arguments.entries().iter().find(|e| !wanted(&e.key)) {
        return Err(format!("`{name}` has no parameter `{}`", extra.key));
    }
    let statement = template.get("Statement").unwrap_or(&Value::Null);
    Ok(node(statement, arguments, span))
}

/// JSON as nodes; `{"Ref": parameter}` becomes the argument.
fn node(value: &Value, arguments: &Node, span: &Span) -> Tree {
    let kind = match value {
        Value::Null => Kind::Null,
        Value::Bool(b) => Kind::Bool(*b),
        Value::Number(n) => Kind::Number(n.to_string()),
        Value::String(s) => Kind::String(s.clone()),
        Value::Array(items) => Kind::Seq(items.iter().map(|v| node(v, arguments, span)).collect()),
        Value::Object(fields) => {
            let argument = fields.get("Ref").and_then(Value::as_str).and_then(|name| arguments.get(name));
            if let Some(argument) = argument {
                return argument.clone();
            }
            let entry = |(k, v): (&String, &Value)| Entry {
                key: k.clone(),
                key_span: span.clone(),
                value: node(v, arguments, span),
            };
            Kind::Map(fields.iter().map(entry).collect())
        }
    };
    Node::new(kind, span.clone())
}
