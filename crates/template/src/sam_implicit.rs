//! The APIs that SAM makes for events that name none: `ServerlessRestApi` and `ServerlessHttpApi`.
//!
//! Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-api.html>

use crate::build::{IMPLICIT_HTTP, IMPLICIT_REST};
use crate::template::{Declared, Template};
use crate::tree::{Entry, Kind, Node};

/// Declares the implicit APIs where an event needs them; `Globals` are merged into them afterwards.
pub(crate) fn declare(template: &mut Template) {
    let kinds = [
        ("Api", "RestApiId", IMPLICIT_REST, "AWS::Serverless::Api", Some("Prod")),
        ("HttpApi", "ApiId", IMPLICIT_HTTP, "AWS::Serverless::HttpApi", None),
    ];
    for (event_kind, key, id, kind, stage) in kinds {
        let Some(first) = first_event(template, event_kind, key, id) else { continue };
        let entries = stage.map(|name| Entry {
            key: "StageName".to_owned(),
            key_span: first.key_span.clone(),
            value: Node::text(name, &first.key_span),
        });
        template.resources.push(Declared {
            id: id.to_owned(),
            kind: kind.to_owned(),
            span: first.key_span.clone(),
            id_span: first.key_span.clone(),
            properties: Node::new(Kind::Map(entries.into_iter().collect()), first.key_span.clone()),
            condition: None,
            ignore_globals: None,
        });
    }
}

/// The first event that names no API, or the implicit one.
fn first_event(template: &Template, event_kind: &str, key: &str, id: &str) -> Option<Entry> {
    if template.resource(id).is_some() {
        return None;
    }
    let functions = template.resources.iter().filter(|r| r.kind == "AWS::Serverless::Function");
    let events = functions.filter_map(|r| r.properties.get("Events")).flat_map(|n| n.entries());
    let implicit = |event: &&Entry| {
        let named = event.value.at(&["Properties", key]);
        let refers = |n: &Node| n.get("Ref").and_then(|r| r.as_str()) == Some(id);
        event.value.get("Type").and_then(|n| n.as_str()) == Some(event_kind) && named.is_none_or(refers)
    };
    events.into_iter().find(implicit).cloned()
}
