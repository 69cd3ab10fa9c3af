//! A second opinion: a slow, obvious interpreter of policy documents, written from AWS's documentation alone.
//!
//! It shares no code with the compiled engine but the words of a request. Documents must be such that
//! [`crate::Policy::from_value`] accepts them: this interpreter judges none.
//!
//! Sources: the pages that the engine's modules cite.

#![allow(
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    clippy::ref_option,
    clippy::format_collect,
    reason = "for tests alone: obvious first, and a panic is a failed test"
)]

mod operators;
#[cfg(test)]
mod tests;
mod text;

use burgward_types::Principal;
use serde_json::Value;

use crate::{Effect, Request};

/// The documents that apply to a request, as in [`crate::Policies`].
#[derive(Clone, Debug, Default)]
pub struct Documents {
    /// Identity policies.
    pub identity: Vec<Value>,
    /// Permissions boundaries.
    pub boundaries: Vec<Value>,
    /// Session policies.
    pub session: Vec<Value>,
    /// The resource's policy.
    pub resource: Option<Value>,
    /// Service control policies by level.
    pub service_control: Vec<Vec<Value>>,
    /// Resource control policies by level.
    pub resource_control: Vec<Vec<Value>>,
    /// The endpoint's policies.
    pub endpoint: Vec<Value>,
}

/// What a policy says of a request.
struct Verdict {
    denies: bool,
    /// The ways in which its allowing statements name the principal: `""` for policies that name none.
    allows: Vec<&'static str>,
}

/// Decides a request.
#[must_use]
pub fn decide(request: &Request<'_>, documents: &Documents) -> Effect {
    let bounded = !documents.boundaries.is_empty();
    let judge = |list: &[Value]| verdict(list, request, bounded);
    let in_organization = request.principal.account().is_some() && !service_linked(request.principal);
    let rcp_services = [
        "s3",
        "sts",
        "kms",
        "sqs",
        "secretsmanager",
        "ecr",
        "aoss",
        "cognito-idp",
        "cognito-identity",
        "logs",
        "dynamodb",
    ];
    let service = request.action.to_lowercase().split(':').next().unwrap_or("").to_owned();
    let rcp_counts = rcp_services.contains(&service.as_str()) && !service_linked(request.principal);

    let resource = judge(documents.resource.as_slice());
    let identity = judge(&documents.identity);
    let boundary = judge(&documents.boundaries);
    let session = judge(&documents.session);
    let endpoint = judge(&documents.endpoint);
    let scps: Vec<Verdict> = documents.service_control.iter().map(|level| judge(level)).collect();
    let rcps: Vec<Verdict> = documents.resource_control.iter().map(|level| judge(level)).collect();

    let endpoint_allows = documents.endpoint.is_empty() || !endpoint.allows.is_empty();
    if request.action.to_lowercase() == "sts:getcalleridentity" && *request.principal != Principal::Anonymous {
        return match (endpoint.denies, endpoint_allows) {
            (true, _) => Effect::ExplicitDeny,
            (false, true) => Effect::Allow,
            (false, false) => Effect::ImplicitDeny,
        };
    }
    if [&resource, &identity, &boundary, &session, &endpoint].iter().any(|v| v.denies)
        || in_organization && scps.iter().any(|v| v.denies)
        || rcp_counts && rcps.iter().any(|v| v.denies)
    {
        return Effect::ExplicitDeny;
    }
    let guardrails = endpoint_allows && (!in_organization || scps.iter().all(|v| !v.allows.is_empty()));
    let limits = (documents.boundaries.is_empty() || !boundary.allows.is_empty())
        && (documents.session.is_empty() || !session.allows.is_empty());
    let named = |how: &str| resource.allows.contains(&how);
    let granted = match request.principal.account() {
        None => !resource.allows.is_empty(),
        Some(account) => {
            let identity = matches!(request.principal, Principal::Root(_)) || !identity.allows.is_empty();
            if request.owner().unwrap_or(account.as_str()) != account.as_str() {
                identity && !resource.allows.is_empty() && limits
            } else if named("itself") {
                true
            } else if own_policy_decides(request) {
                (named("role") || identity && named("account")) && limits
            } else {
                (named("role") || identity) && limits
            }
        }
    };
    if granted && guardrails { Effect::Allow } else { Effect::ImplicitDeny }
}

/// KMS keys and roles to be assumed.
fn own_policy_decides(request: &Request<'_>) -> bool {
    let action = request.action.to_lowercase();
    let resource: Vec<&str> = request.resource.splitn(6, ':').collect();
    let name = resource.get(5).copied().unwrap_or("");
    let assumes = ["sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity", "sts:tagsession"];
    action.starts_with("kms:") && name.starts_with("key/")
        || (assumes.contains(&action.as_str()) || action == "sts:setsourceidentity") && name.starts_with("role/")
}

fn service_linked(principal: &Principal) -> bool {
    match principal {
        Principal::Role { name, .. } => name.starts_with("aws-service-role/"),
        Principal::AssumedRole { role, .. } => role.starts_with("aws-service-role/"),
        _ => false,
    }
}

fn items(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        other => vec![other.clone()],
    }
}

fn texts(value: &Value) -> Vec<String> {
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    items(value).iter().map(text).collect()
}

fn verdict(list: &[Value], request: &Request<'_>, bounded: bool) -> Verdict {
    let mut verdict = Verdict { denies: false, allows: Vec::new() };
    for document in list {
        let variables = document["Version"] == "2012-10-17";
        for statement in items(&document["Statement"]) {
            let denies = statement["Effect"] == "Deny";
            if let Some(how) = applies(&statement, request, variables, bounded) {
                if denies {
                    verdict.denies = true;
                } else {
                    verdict.allows.push(how);
                }
            }
        }
    }
    verdict
}

fn applies(statement: &Value, request: &Request<'_>, variables: bool, bounded: bool) -> Option<&'static str> {
    let context = request.context;
    let action_in = |list: &Value| {
        let action = request.action.to_lowercase();
        texts(list).iter().any(|p| text::like(&text::symbols(&p.to_lowercase(), true, false, context), &action))
    };
    let actions = match statement.get("Action") {
        Some(list) => action_in(list),
        None => !action_in(&statement["NotAction"]),
    };
    let resource_in =
        |list: &Value| texts(list).iter().any(|p| text::arn_like(p, request.resource, variables, context));
    let unresolved =
        |list: &Value| texts(list).iter().any(|p| text::unresolved_arn(p, request.resource, variables, context));
    let resources = match (statement.get("Resource"), statement.get("NotResource")) {
        (Some(list), _) => resource_in(list),
        (None, Some(list)) => !resource_in(list) && (statement["Effect"] == "Deny" || !unresolved(list)),
        (None, None) => true,
    };
    let how = match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(named), _) => ["itself", "role", "account"].into_iter().find(|how| names(named, request.principal, how)),
        (None, Some(named)) => (bounded || !spares(named, request.principal)).then_some("itself"),
        (None, None) => Some("itself"),
    };
    let conditions = statement.get("Condition").and_then(Value::as_object).cloned().unwrap_or_default();
    let holds = conditions.iter().all(|(operator, keys)| {
        let keys = keys.as_object().cloned().unwrap_or_default();
        keys.iter().all(|(key, values)| operators::holds(operator, key, &texts(values), variables, context))
    });
    how.filter(|_| actions && resources && holds)
}

/// Whether the list names the principal in this way: `itself`, by its `role` or by its `account`.
fn names(named: &Value, principal: &Principal, how: &str) -> bool {
    if *named == "*" {
        return how == "itself";
    }
    let in_list = |kind: &str, wanted: &str| named.get(kind).is_some_and(|l| texts(l).iter().any(|t| t == wanted));
    let aws = |wanted: &str| in_list("AWS", wanted);
    let account = principal.account().map_or("", |a| a.as_str());
    let account_named = !account.is_empty() && (aws(account) || aws(&format!("arn:aws:iam::{account}:root")));
    match how {
        "account" => account_named && !matches!(principal, Principal::Root(_)),
        "role" => match principal {
            Principal::Role { name, .. } => aws(&format!("arn:aws:iam::{account}:role/{name}")),
            Principal::AssumedRole { role, .. } => {
                let roles = named.get("AWS").map(texts).unwrap_or_default();
                let of_account = format!("arn:aws:iam::{account}:role/");
                roles
                    .iter()
                    .filter_map(|r| r.strip_prefix(&of_account))
                    .any(|name| name == role || !role.contains('/') && name.rsplit('/').next() == Some(role.as_str()))
            }
            _ => false,
        },
        _ => {
            aws("*")
                || match principal {
                    Principal::Root(_) => account_named,
                    Principal::Service(name) => in_list("Service", name),
                    Principal::Federated(name) => in_list("Federated", name),
                    Principal::User { .. } | Principal::AssumedRole { .. } | Principal::FederatedUser { .. } => {
                        principal.arn().is_some_and(|arn| aws(arn.as_str()))
                    }
                    Principal::Role { .. } | Principal::Anonymous => false,
                }
        }
    }
}

/// `NotPrincipal`: the account, the role and the session must all be listed, as far as the principal has them.
fn spares(named: &Value, principal: &Principal) -> bool {
    let has = |how| names(named, principal, how);
    match principal {
        Principal::User { .. } | Principal::FederatedUser { .. } => has("itself") && has("account"),
        Principal::Role { .. } => has("role") && has("account"),
        Principal::AssumedRole { .. } => has("itself") && has("role") && has("account"),
        _ => has("itself"),
    }
}
