//! Which properties are modelled, which are left aside, which are refused: one table.
//!
//! A property that is not in the table is refused: what is not known may bear on security (law 1). To support a
//! property, read it in `build/` and move it to `modelled`.

mod table;

use crate::diagnostic::RefusedKind;
use crate::report::Report;
use crate::tree::{Kind, Node};

pub(crate) use table::{FORWARD, NOTED, RULES};

/// The rule of one type, or of a nested object, written `Type/Property`.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) of: &'static str,
    /// Read into the model; names are separated by blanks.
    pub(crate) modelled: &'static str,
    /// Without bearing on security: listed.
    pub(crate) harmless: &'static str,
    /// Known, and refused with this hint.
    pub(crate) refused: &'static [(&'static str, &'static str)],
}

/// The rule of a type or nested object.
pub(crate) fn rule(of: &str) -> Option<&'static Rule> {
    RULES.iter().find(|r| r.of == of)
}

/// Whether resources of this type are run.
pub(crate) fn runs(kind: &str) -> bool {
    rule(kind).is_some()
}

/// Judges every key of an object by its rule.
pub(crate) fn judge(of: &str, node: &Node, report: &Report) {
    let Some(rule) = rule(of) else { return };
    let names = |list: &str, key: &str| list.split_whitespace().any(|name| name == key);
    for entry in node.entries() {
        let key = entry.key.as_str();
        if names(rule.modelled, key) || matches!(entry.value.kind, Kind::Null) || is_default(of, key, &entry.value) {
            continue;
        }
        let kind = RefusedKind::UnsupportedProperty;
        if names(rule.harmless, key) {
            let message = format!("`{key}` of {of} has no effect here");
            report.list(kind, &entry.key_span, message, "it has no bearing on security at run time");
        } else if let Some((_, hint)) = rule.refused.iter().find(|(name, _)| *name == key) {
            report.refuse(kind, &entry.key_span, format!("`{key}` of {of} is not enforced here"), *hint);
        } else {
            let hint = "check the spelling; what is not known is not left aside";
            report.refuse(kind, &entry.key_span, format!("`{key}` of {of} is not known here"), hint);
        }
    }
}

/// Values that say what holds anyway.
fn is_default(of: &str, key: &str, value: &Node) -> bool {
    let text = value.scalar();
    match (of, key) {
        (_, "PackageType") => text.as_deref() == Some("Zip"),
        (_, "DisableExecuteApiEndpoint" | "CacheClusterEnabled" | "FailOnWarnings" | "ObjectLockEnabled") => {
            value.as_bool() == Some(false)
        }
        ("AWS::Serverless::Api", "EndpointConfiguration") => {
            let kind = value.get("Type").and_then(|n| n.scalar()).or(text);
            matches!(kind.as_deref(), Some("REGIONAL" | "EDGE")) && value.get("VPCEndpointIds").is_none()
        }
        ("AWS::ApiGateway::RestApi", "EndpointConfiguration") => {
            let private = |n: &std::sync::Arc<Node>| n.scalar().as_deref() == Some("PRIVATE");
            !value.get("Types").is_some_and(|t| t.items().iter().any(private))
        }
        (_, "CorsConfiguration" | "Cors") => value.as_bool() == Some(false),
        _ => false,
    }
}
