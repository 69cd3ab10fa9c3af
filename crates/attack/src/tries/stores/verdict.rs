//! What a try of a verb came to.

use burgward_template::model::{Function, Role};
use serde_json::Value;

use super::Try;
use crate::inside::Reply;
use crate::report::{Attack, Attacker, OnAws, StoppedBy};
use crate::scene::Scene;

/// The attack that a try of a verb was.
pub(super) fn attack(scene: &Scene<'_>, attempt: &Try<'_>, reply: Option<&Reply>, has_canary: bool) -> Attack {
    let Try { function, store, verb, .. } = attempt;
    let evidence = reply.and_then(|reply| evidence(attempt, reply, has_canary));
    let through = evidence.is_some();
    let own = store.is_of(function, scene.code(&function.logical_id));
    let whose = if own { "which its code does not need, on" } else { "on a store that is not its own:" };
    let came_back = match (&evidence, reply) {
        (Some(evidence), _) => evidence.clone(),
        (None, Some(reply)) if reply.is_success() => "allowed, but there was nothing to show for it".to_owned(),
        (None, Some(reply)) => reply.brief(),
        (None, None) => "not tried: it could not be undone".to_owned(),
    };
    let setting = format!("a policy without {} on this resource", verb.action);
    Attack {
        id: format!("excess/{}/{}/{}", function.logical_id, store.logical_id, verb.name),
        attacker: Attacker::AssumedBreach,
        target: format!("{} -> {}", function.logical_id, store.logical_id),
        tried: format!("{}, {whose} {}", verb.name, store.logical_id),
        came_back,
        through,
        stopped_by: reply.filter(|_| !through).map_or(StoppedBy::None, Reply::stopped_by),
        on_aws: if through { OnAws::Needs(setting.into()) } else { OnAws::Holds },
        place: place(scene, function, verb.action, &store.arn, through),
    }
}

/// What shows that the call had an effect or told something.
fn evidence(attempt: &Try<'_>, reply: &Reply, has_canary: bool) -> Option<String> {
    if !reply.is_success() {
        return None;
    }
    let json = reply.json();
    let count =
        |pointer: &str| json.pointer(pointer).and_then(Value::as_array).map(Vec::len).filter(|count| *count > 0);
    match attempt.verb.name {
        "PutItem" | "PutObject" => Some("a canary was written".to_owned()),
        "CreateTable" => Some("a canary table was made".to_owned()),
        "DeleteTable" => Some("the canary table was dropped".to_owned()),
        "Scan" => count("/Items").map(|count| format!("{count} items")),
        "DeleteItem" => reply.body.contains(&attempt.word).then(|| "the canary was deleted".to_owned()),
        "DeleteObject" => has_canary.then(|| "the canary was deleted".to_owned()),
        "GetObject" => reply.body.contains(&attempt.word).then(|| "the canary was read".to_owned()),
        "ListObjectsV2" => reply.body.contains("<Key>").then(|| "names of objects".to_owned()),
        "GetParameter" => json.pointer("/Parameter/Value").map(|_| "the parameter's value".to_owned()),
        "PutParameter" => json.get("Version").map(|_| "a new version of the parameter".to_owned()),
        "GetSecretValue" => {
            json.get("SecretString").or(json.get("SecretBinary")).map(|_| "the secret's value".to_owned())
        }
        "FilterLogEvents" => count("/events").map(|count| format!("{count} events of the log")),
        _ => None,
    }
}

/// The statement that allows an action, or the role that does not.
fn place(scene: &Scene<'_>, function: &Function, action: &str, arn: &str, through: bool) -> Option<String> {
    let role = scene.app.role(&function.role)?;
    if !through {
        return Some(role.span.place());
    }
    statement(role, action, arn).or_else(|| Some(role.span.place()))
}

fn statement(role: &Role, action: &str, arn: &str) -> Option<String> {
    role.policies.iter().find_map(|policy| {
        let statements = policy.document.get("Statement")?;
        let statements: Vec<&Value> = statements.as_array().map_or(vec![statements], |all| all.iter().collect());
        let allows = |statement: &&Value| {
            let has = |field: &str, wanted: &str| texts(statement.get(field)).iter().any(|text| matches(text, wanted));
            statement.get("Effect").and_then(Value::as_str) == Some("Allow")
                && has("Action", action)
                && has("Resource", arn)
        };
        let at = statements.iter().position(allows)?;
        policy.statement_spans.get(at).map(burgward_diag::Span::place)
    })
}

fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// A pattern of a policy, only to find a line: the decision was the engine's.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_ascii_lowercase(), text.to_ascii_lowercase());
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, _)) => text.starts_with(head),
    }
}
