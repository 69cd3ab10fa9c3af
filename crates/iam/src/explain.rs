//! Why a decision fell: in AWS's words for the caller, and as a story for a person. Computed only when asked for.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>

use std::fmt::Write as _;
use std::sync::Arc;

use burgward_types::Principal;

use crate::action::Asked;
use crate::policy::Statement;
use crate::{By, ContextValue, Decision, Effect, Layer, Policies, Policy, Request};

/// Why a decision fell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    message: String,
    story: String,
}

impl Explanation {
    /// The message of AWS's `AccessDenied` error; for an allowed request it says what allowed it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The decision with its statement, conditions and their values, over several lines. It may hold text from the
    /// request: escape it before it reaches a terminal.
    #[must_use]
    pub fn story(&self) -> &str {
        &self.story
    }
}

/// Explains a decision that [`crate::decide`] made of the same request and policies.
#[must_use]
pub fn explain(request: &Request<'_>, policies: &Policies<'_>, decision: Decision) -> Explanation {
    Explanation { message: message(request, policies, decision), story: story(request, policies, decision) }
}

/// A layer as AWS's messages name it.
fn words(layer: Layer) -> &'static str {
    match layer {
        Layer::Identity => "identity-based policy",
        Layer::Resource => "resource-based policy",
        Layer::Boundary => "permissions boundary",
        Layer::Session => "session policy",
        Layer::ServiceControl => "service control policy",
        Layer::ResourceControl => "resource control policy",
        Layer::Endpoint => "VPC endpoint policy",
        Layer::Trust => "role trust policy",
    }
}

fn message(request: &Request<'_>, policies: &Policies<'_>, decision: Decision) -> String {
    let action = request.action;
    if decision.effect == Effect::Allow {
        return match decision.by {
            Some(By { layer, .. }) => format!("allowed by {} {}", article(layer), words(layer)),
            None => "allowed without a policy".to_owned(),
        };
    }
    let user =
        if *request.principal == Principal::Anonymous { "anonymous".to_owned() } else { request.principal.to_string() };
    // S3 alone puts the resource into quotation marks.
    let resource = match request.resource {
        "*" => String::new(),
        resource if action.starts_with("s3:") => format!(" on resource: \"{resource}\""),
        resource => format!(" on resource: {resource}"),
    };
    let because = if let (Effect::ExplicitDeny, Some(by)) = (decision.effect, decision.by) {
        let refusal = policy_of(policies, by).and_then(Policy::refusal);
        let refusal = refusal.map_or_else(String::new, |why| format!(" that cannot be enforced: {why}"));
        format!("with an explicit deny in {} {}{refusal}", article(by.layer), words(by.layer))
    } else {
        let layer = decision.lacking.unwrap_or(Layer::Identity);
        format!("because no {} allows the {action} action", words(layer))
    };
    format!("User: {user} is not authorized to perform: {action}{resource} {because}")
}

fn article(layer: Layer) -> &'static str {
    match layer {
        Layer::Identity => "an",
        Layer::Trust => "the",
        Layer::Resource
        | Layer::Boundary
        | Layer::Session
        | Layer::ServiceControl
        | Layer::ResourceControl
        | Layer::Endpoint => "a",
    }
}

/// All policies of a layer, an organization's levels in a row.
fn layer_of<'a>(policies: &Policies<'a>, layer: Layer) -> Vec<&'a Policy> {
    fn flat(list: &[Arc<Policy>]) -> Vec<&Policy> {
        list.iter().map(|p| &**p).collect()
    }
    match layer {
        Layer::Identity => flat(policies.identity),
        Layer::Boundary => flat(policies.boundaries),
        Layer::Session => flat(policies.session),
        Layer::Endpoint => flat(policies.endpoint),
        Layer::ServiceControl => policies.service_control.iter().flat_map(|level| flat(level)).collect(),
        Layer::ResourceControl => policies.resource_control.iter().flat_map(|level| flat(level)).collect(),
        Layer::Resource | Layer::Trust => policies.resource.into_iter().collect(),
    }
}

fn policy_of<'a>(policies: &Policies<'a>, by: By) -> Option<&'a Policy> {
    layer_of(policies, by.layer).get(by.policy as usize).copied()
}

fn story(request: &Request<'_>, policies: &Policies<'_>, decision: Decision) -> String {
    let mut out = format!(
        "{}: {} asks for {} on {}\n",
        decision.effect.name(),
        request.principal,
        request.action,
        request.resource
    );
    if let Some(by) = decision.by {
        let verb = if decision.effect == Effect::Allow { "allowed" } else { "denied" };
        let policy = policy_of(policies, by);
        let name = policy.map_or("", Policy::name);
        let _ = writeln!(out, "{verb} by the {} `{name}`{}", words(by.layer), statement_words(policy, by.statement));
        if let Some(why) = policy.and_then(Policy::refusal) {
            let _ = writeln!(out, "  it cannot be enforced, so that it denies everything: {why}");
        }
        if let Some(statement) = policy.and_then(|p| p.statements.get(by.statement as usize)) {
            conditions(&mut out, request, statement);
        }
    }
    if let Some(layer) = decision.lacking {
        lacking(&mut out, request, policies, layer);
    }
    if decision.effect == Effect::Allow && decision.by.is_none() {
        out.push_str("no policy is needed: the account's root user, or an action that needs no permission\n");
    }
    out
}

fn statement_words(policy: Option<&Policy>, statement: u32) -> String {
    let Some(policy) = policy.filter(|p| p.refused.is_none()) else { return String::new() };
    let mut out = format!(", statement {statement}");
    if let Some(sid) = policy.statement_sid(statement as usize) {
        let _ = write!(out, " (`{sid}`)");
    }
    if let Some(place) = policy.statement_place(statement as usize) {
        let _ = write!(out, " at {place}");
    }
    out
}

fn conditions(out: &mut String, request: &Request<'_>, statement: &Statement) {
    for condition in &statement.conditions {
        let verdict = if condition.holds(request.context) { "holds" } else { "does not hold" };
        let value = match request.context.get(&condition.key) {
            None => "is not in the request".to_owned(),
            Some(ContextValue::One(value)) => format!("is `{value}`"),
            Some(ContextValue::Many(values)) => format!("is [`{}`]", values.join("`, `")),
        };
        let _ = writeln!(out, "  {} {}: the key {value}: {verdict}", condition.operator, condition.key);
    }
}

/// For an implicit denial: the statements that came near, and what kept each from allowing.
fn lacking(out: &mut String, request: &Request<'_>, policies: &Policies<'_>, layer: Layer) {
    let list = layer_of(policies, layer);
    let asked = Asked::new(request);
    let _ = writeln!(out, "no {} allows it ({} looked at)", words(layer), list.len());
    for policy in list {
        for index in policy.allows.all().iter().copied() {
            let Some(statement) = policy.statements.get(index as usize) else { continue };
            if !statement.actions.matches(&asked) {
                continue;
            }
            let reason = if !statement.resources.matches(request, false) {
                "names other resources"
            } else if statement.principals.names(request.principal, false).is_none() {
                "names other principals"
            } else if statement.applies(&asked, false).is_none() {
                "has a condition that does not hold"
            } else {
                "allows it, but another level or the other account does not"
            };
            let _ = writeln!(out, "`{}`{} {reason}", policy.name(), statement_words(Some(policy), index));
            conditions(out, request, statement);
        }
    }
}
