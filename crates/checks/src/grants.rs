//! What roles allow, statement by statement.

use burgward_diag::Span;
use burgward_template::model::{App, Role, RolePolicy};
use burgward_template::tree::{Node, Tree};
use serde_json::Value;

use crate::view::{Source, settled};

/// An allowing statement of a policy.
#[derive(Debug)]
pub(crate) struct Grant {
    /// Who holds the policy, by a logical id that the template shows: the function's for a role that SAM makes.
    pub(crate) holder: String,
    /// The logical id of the role, if the policy is a role's of the model.
    pub(crate) role: Option<String>,
    /// Where the statement, or the name of its policy, stands.
    pub(crate) span: Span,
    /// `Action`, in order; empty for `NotAction`.
    pub(crate) actions: Vec<String>,
    /// `NotAction`, in order.
    pub(crate) not_actions: Vec<String>,
    /// `Resource`, in order; empty for `NotResource`.
    pub(crate) resources: Vec<String>,
    /// Whether it has conditions.
    pub(crate) conditional: bool,
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

/// The allowing statements of all roles, and of what else the template attaches policies to.
pub(crate) fn grants(app: &App, source: &Source) -> Vec<Grant> {
    let policies = app.roles.iter().flat_map(|role| role.policies.iter().map(move |policy| (role, policy)));
    let mut all: Vec<_> = policies.flat_map(|(role, policy)| of_policy(app, role, policy, source)).collect();
    let known: Vec<_> = all.iter().map(|g| g.span.clone()).collect();
    let unattached = HOLDERS.iter().flat_map(|kind| source.resources(kind)).flat_map(|(e, n)| of_written(&e.key, n));
    all.extend(unattached.filter(|g| !known.contains(&g.span)));
    all
}

/// Types with policies that the model does not carry, or does not carry if nothing of the template uses them.
const HOLDERS: [&str; 7] = [
    "AWS::IAM::Role",
    "AWS::IAM::Policy",
    "AWS::IAM::RolePolicy",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::User",
    "AWS::IAM::Group",
    "AWS::IAM::GroupPolicy",
];

fn of_policy(app: &App, role: &Role, policy: &RolePolicy, source: &Source) -> Vec<Grant> {
    let managed = policy.arn.as_deref().is_some_and(|arn| arn.starts_with("arn:aws:iam::aws:"));
    let user = app.functions.iter().find(|f| f.role == role.logical_id && f.span == role.span);
    let holder = user.map_or(&role.logical_id, |function| &function.logical_id);
    let all = statements(&policy.document).iter().enumerate().filter(|(_, s)| allows(s));
    let grant = |(at, statement)| {
        let span = policy.statement_spans.get(at).unwrap_or(&policy.span);
        let written = !managed && source.node_at(span).is_some();
        Grant { written, role: Some(role.logical_id.clone()), ..Grant::new(holder, span, statement) }
    };
    all.map(grant).collect()
}

/// The statements of a resource's `PolicyDocument`, and of those below `Policies`.
fn of_written(holder: &str, properties: &Node) -> Vec<Grant> {
    let inline = properties.get("Policies").map_or(&[][..], |n| n.items());
    let documents =
        properties.get("PolicyDocument").into_iter().chain(inline.iter().filter_map(|n| n.get("PolicyDocument")));
    let nodes = documents.filter_map(|d| d.get("Statement")).flat_map(|list| match list.items() {
        [] => std::slice::from_ref(list),
        items => items,
    });
    let settle = |node: &Tree| {
        let statement = settled(node);
        allows(&statement).then(|| Grant::new(holder, &node.span, &statement))
    };
    nodes.filter_map(settle).collect()
}

impl Grant {
    fn new(holder: &str, span: &Span, statement: &Value) -> Self {
        let list = |key: &str| texts(statement, key).into_iter().map(str::to_owned).collect();
        Self {
            holder: holder.to_owned(),
            role: None,
            span: span.clone(),
            actions: list("Action"),
            not_actions: list("NotAction"),
            resources: list("Resource"),
            conditional: statement.get("Condition").is_some(),
            written: true,
        }
    }

    /// The index of a resource that stands for every resource.
    pub(crate) fn any_resource(&self) -> Option<usize> {
        self.resources.iter().position(|r| matches!(r.as_str(), "*" | "arn:aws:*" | "arn:*"))
    }

    /// The index of an action that is all actions.
    pub(crate) fn any_action(&self) -> Option<usize> {
        self.actions.iter().position(|a| matches!(a.as_str(), "*" | "*:*"))
    }

    /// The index of an action that is all of a service's, and the service.
    pub(crate) fn any_of_service(&self) -> Option<(usize, &str)> {
        self.actions.iter().enumerate().find_map(|(at, action)| {
            let (service, name) = action.split_once(':')?;
            (name == "*" && service != "*").then_some((at, service))
        })
    }
}
