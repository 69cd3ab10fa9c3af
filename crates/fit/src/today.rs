//! What a role allows today, statement by statement.

use std::sync::Arc;

use burgward_diag::Span;
use burgward_iam::{Context, Policies, Policy, PolicyKind, Request, decide, principal_context};
use burgward_template::model::{App, Role, RolePolicy};
use burgward_types::{AccountId, Principal};
use serde_json::{Value, json};

use crate::glob::{covers, samples};

/// Managed policies that a function keeps: those that the runtime itself needs, not the function's code. They are on no
/// store of an app.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html>
const KEPT: [&str; 5] = [
    "service-role/AWSLambdaBasicExecutionRole",
    "service-role/AWSLambdaVPCAccessExecutionRole",
    "service-role/AWSLambdaENIManagementAccess",
    "AWSXRayDaemonWriteAccess",
    "AWSXrayWriteOnlyAccess",
];

/// Whether a function keeps this managed policy.
pub(crate) fn is_kept(arn: &str) -> bool {
    arn.strip_prefix("arn:aws:iam::aws:policy/").is_some_and(|name| KEPT.contains(&name))
}

/// A statement of the role.
#[derive(Debug)]
pub(crate) struct Written {
    /// As the model has it.
    pub(crate) value: Value,
    pub(crate) span: Span,
    pub(crate) condition: Option<Value>,
    /// Of a managed policy that is kept as it is.
    pub(crate) kept: bool,
    /// Whether policy variables count in it.
    pub(crate) variables: bool,
    /// It alone, without its condition, and always allowing.
    alone: Arc<Policy>,
}

/// A role's statements, each ready to be asked by itself.
#[derive(Debug)]
pub(crate) struct Today {
    pub(crate) allows: Vec<Written>,
    pub(crate) denies: Vec<Written>,
    /// The statements of the boundary.
    limits: Option<Vec<Written>>,
    principal: Principal,
    context: Context,
    /// Keys and roles need a policy of their own that trusts the account; it is not this crate's to judge.
    account_trusts: Policy,
}

/// How today's role allows an action on a resource.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Allowed {
    /// Without a condition.
    Freely,
    /// Under each of these conditions.
    If(Vec<Value>),
    /// Not, or not on all of it.
    No,
}

impl Today {
    /// The error says which policy cannot be read.
    pub(crate) fn of(role: &Role, app: &App) -> Result<Self, String> {
        let account = AccountId::parse(&app.account).map_err(|e| e.to_string())?;
        let principal = Principal::AssumedRole { account, role: role.name.clone(), session: "fit".to_owned() };
        let mut context = Context::new();
        principal_context(&principal, &mut context);
        let trusting = json!({"Statement": {"Effect": "Allow", "Principal": {"AWS": app.account}, "Action": "*",
                                            "Resource": "*"}});
        let account_trusts = Policy::from_value(&trusting, "account", PolicyKind::Resource, &[]);
        let mut today = Self {
            allows: Vec::new(),
            denies: Vec::new(),
            limits: None,
            principal,
            context,
            account_trusts: account_trusts.map_err(|e| e.to_string())?,
        };
        for policy in &role.policies {
            let (denies, allows): (Vec<_>, Vec<_>) =
                split(policy)?.into_iter().partition(|w| effect(&w.value) == "Deny");
            today.allows.extend(allows);
            today.denies.extend(denies);
        }
        if let Some(boundary) = &role.boundary {
            let (denies, allows): (Vec<_>, Vec<_>) =
                split(boundary)?.into_iter().partition(|w| effect(&w.value) == "Deny");
            today.denies.extend(denies.into_iter().map(|w| Written { kept: true, ..w }));
            today.limits = Some(allows);
        }
        Ok(today)
    }

    /// Whether a statement, asked by itself and without its condition, speaks of all of a pattern.
    pub(crate) fn speaks(&self, statement: &Written, action: &str, pattern: &str) -> bool {
        samples(pattern).iter().all(|sample| self.matches(statement, action, sample))
    }

    fn matches(&self, statement: &Written, action: &str, resource: &str) -> bool {
        let request = Request {
            principal: &self.principal,
            action,
            resource,
            resource_account: self.principal.account().map(AccountId::as_str),
            context: &self.context,
        };
        let own = [Arc::clone(&statement.alone)];
        let needs_trust = action.starts_with("kms:") || action.starts_with("sts:");
        let resource = needs_trust.then_some(&self.account_trusts);
        decide(&request, &Policies { identity: &own, resource, ..Policies::default() }).is_allowed()
    }

    /// Whether, and under which conditions, statements allow an action on all of a pattern. Denials that have no
    /// condition, and a boundary, count.
    pub(crate) fn allows(&self, action: &str, pattern: &str) -> Allowed {
        let cut_off = |w: &Written| w.condition.is_none() && self.speaks(w, action, pattern);
        let bounded = |limits: &Vec<Written>| limits.iter().any(|w| self.speaks(w, action, pattern));
        if self.denies.iter().any(cut_off) || !self.limits.as_ref().is_none_or(bounded) {
            return Allowed::No;
        }
        let speaking: Vec<_> = self.allows.iter().filter(|w| self.speaks(w, action, pattern)).collect();
        if speaking.iter().any(|w| w.condition.is_none()) {
            return Allowed::Freely;
        }
        let mut conditions: Vec<Value> = Vec::new();
        for condition in speaking.iter().filter_map(|w| w.condition.clone()) {
            if !conditions.contains(&condition) {
                conditions.push(condition);
            }
        }
        if conditions.is_empty() { Allowed::No } else { Allowed::If(conditions) }
    }

    /// Whether any statement, whatever its condition, allows an action on exactly this resource.
    pub(crate) fn may(&self, action: &str, resource: &str) -> bool {
        self.allows(action, resource) != Allowed::No
    }

    /// The resources of today's statements that lie within a pattern and that the action is allowed on.
    pub(crate) fn within(&self, action: &str, pattern: &str) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for statement in &self.allows {
            // What a statement on other actions names says nothing of this one: a fit writes such statements.
            let inside = texts(&statement.value, "Resource").into_iter().filter(|q| covers(pattern, q));
            for resource in inside.filter(|q| self.speaks(statement, action, q)) {
                if self.may(action, resource) && !found.iter().any(|f| f == resource) {
                    found.push(resource.to_owned());
                }
            }
        }
        found.sort_unstable();
        found
    }
}

/// The text or texts of an element.
pub(crate) fn texts<'v>(statement: &'v Value, key: &str) -> Vec<&'v str> {
    match statement.get(key) {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        Some(one) => one.as_str().into_iter().collect(),
        None => Vec::new(),
    }
}

fn effect(statement: &Value) -> &str {
    statement.get("Effect").and_then(Value::as_str).unwrap_or("")
}

/// The statements of a document.
pub(crate) fn statements(document: &Value) -> &[Value] {
    match document.get("Statement") {
        Some(Value::Array(items)) => items,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}

fn split(policy: &RolePolicy) -> Result<Vec<Written>, String> {
    // The document as a whole is judged first: a statement that cannot be read may be a denial.
    Policy::from_value(&policy.document, &policy.name, PolicyKind::Identity, &[]).map_err(|e| e.to_string())?;
    let version = policy.document.get("Version").and_then(Value::as_str).unwrap_or("2008-10-17");
    let one = |(at, value): (usize, &Value)| {
        let mut bare = value.clone();
        if let Some(fields) = bare.as_object_mut() {
            fields.remove("Condition");
            fields.insert("Effect".into(), "Allow".into());
        }
        let document = json!({"Version": version, "Statement": [bare]});
        let alone = Policy::from_value(&document, &policy.name, PolicyKind::Identity, &[]);
        Ok(Written {
            value: value.clone(),
            span: policy.statement_spans.get(at).unwrap_or(&policy.span).clone(),
            condition: value.get("Condition").cloned(),
            kept: policy.arn.as_deref().is_some_and(is_kept),
            variables: version == "2012-10-17",
            alone: Arc::new(alone.map_err(|e| e.to_string())?),
        })
    };
    statements(&policy.document).iter().enumerate().map(one).collect()
}
