//! What roles allow, statement by statement.

use burgward_diag::Span;
use burgward_template::model::{App, Role, RolePolicy};
use serde_json::Value;

use crate::view::Source;

/// An allowing statement of a role's policy.
#[derive(Debug)]
pub(crate) struct Grant<'a> {
    /// The role.
    pub(crate) role: &'a Role,
    /// Where the statement, or the name of its policy, stands.
    pub(crate) span: &'a Span,
    /// `Action`, in order; empty for `NotAction`.
    pub(crate) actions: Vec<&'a str>,
    /// `NotAction`, in order.
    pub(crate) not_actions: Vec<&'a str>,
    /// `Resource`, in order; empty for `NotResource`.
    pub(crate) resources: Vec<&'a str>,
    /// Its conditions.
    pub(crate) condition: Option<&'a Value>,
    /// Whether the template itself writes the statement: not a managed policy, not a SAM policy template.
    pub(crate) written: bool,
}

/// The text or texts of an element.
pub(crate) fn texts<'v>(statement: &'v Value, key: &str) -> Vec<&'v str> {
    match statement.get(key) {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        Some(one) => one.as_str().into_iter().collect(),
        None => Vec::new(),
    }
}

/// The statements of a document, one or many.
pub(crate) fn statements(document: &Value) -> &[Value] {
    match document.get("Statement") {
        Some(Value::Array(items)) => items,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}

/// Whether a statement allows.
pub(crate) fn allows(statement: &Value) -> bool {
    statement.get("Effect").and_then(Value::as_str) == Some("Allow")
}

/// The allowing statements of all roles.
pub(crate) fn grants<'a>(app: &'a App, source: &Source) -> Vec<Grant<'a>> {
    let policies = app.roles.iter().flat_map(|role| role.policies.iter().map(move |policy| (role, policy)));
    policies.flat_map(|(role, policy)| of_policy(role, policy, source)).collect()
}

fn of_policy<'a>(role: &'a Role, policy: &'a RolePolicy, source: &Source) -> Vec<Grant<'a>> {
    let managed = policy.arn.as_deref().is_some_and(|arn| arn.starts_with("arn:aws:iam::aws:"));
    let all = statements(&policy.document).iter().enumerate().filter(|(_, s)| allows(s));
    let grant = |(at, statement): (usize, &'a Value)| {
        let span = policy.statement_spans.get(at).unwrap_or(&policy.span);
        Grant {
            role,
            span,
            actions: texts(statement, "Action"),
            not_actions: texts(statement, "NotAction"),
            resources: texts(statement, "Resource"),
            condition: statement.get("Condition"),
            written: !managed && source.node_at(span).is_some(),
        }
    };
    all.map(grant).collect()
}

impl Grant<'_> {
    /// The index of a resource that stands for every resource.
    pub(crate) fn any_resource(&self) -> Option<usize> {
        self.resources.iter().position(|r| matches!(*r, "*" | "arn:aws:*" | "arn:*"))
    }

    /// The index of an action that is all actions.
    pub(crate) fn any_action(&self) -> Option<usize> {
        self.actions.iter().position(|a| matches!(*a, "*" | "*:*"))
    }

    /// The index of an action that is all of a service's, and the service.
    pub(crate) fn any_of_service(&self) -> Option<(usize, &str)> {
        self.actions.iter().enumerate().find_map(|(at, action)| {
            let (service, name) = action.split_once(':')?;
            (name == "*" && service != "*").then_some((at, service))
        })
    }
}
