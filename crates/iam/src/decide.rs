//! The evaluation logic: which policy types have to allow, and whose denial counts.
//!
//! Sources:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html>

use std::sync::Arc;

use burgward_types::Principal;

use crate::action::Asked;
use crate::principal::Closeness;
use crate::{By, Decision, Layer, Policies, Policy, PolicyKind, Request};

/// Decides a request. Nothing is allocated.
///
/// An explicit denial in any layer wins. Then every layer that limits has to allow (service control policies at every
/// level, the endpoint's policy), and then the identity's and the resource's policies grant: either within an account,
/// both across accounts.
#[must_use]
pub fn decide(request: &Request<'_>, policies: &Policies<'_>) -> Decision {
    if needs_no_permission(request) {
        return endpoint_only(request, policies);
    }
    let asked = Asked::new(request);
    if let Some(by) = explicit_deny(&asked, policies) {
        return Decision::deny(by);
    }
    if let Some(layer) = guardrail_lacks(&asked, policies) {
        return Decision::lacking(layer);
    }
    grant(&asked, policies)
}

/// "No permissions are required to perform this operation", and an explicit denial does not stop it.
///
/// Source: <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
pub(crate) fn needs_no_permission(request: &Request<'_>) -> bool {
    request.action.eq_ignore_ascii_case("sts:GetCallerIdentity") && *request.principal != Principal::Anonymous
}

fn endpoint_only(request: &Request<'_>, policies: &Policies<'_>) -> Decision {
    let asked = Asked::new(request);
    if let Some(by) = deny_in(policies.endpoint, Layer::Endpoint, &asked, false) {
        return Decision::deny(by);
    }
    match allow_in(policies.endpoint, Layer::Endpoint, &asked) {
        None if !policies.endpoint.is_empty() => Decision::lacking(Layer::Endpoint),
        _ => Decision::allow(None),
    }
}

/// Services whose resources resource control policies apply to.
///
/// Source: "List of AWS services that support RCPs" in
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>
pub(crate) const RCP_SERVICES: [&str; 11] =
    ["s3", "sts", "kms", "sqs", "secretsmanager", "ecr", "aoss", "cognito-idp", "cognito-identity", "logs", "dynamodb"];

/// Whether the organization's policies on resources have a say.
pub(crate) fn rcp_applies(request: &Request<'_>) -> bool {
    let service = request.action.split(':').next().unwrap_or("");
    !is_service_linked(request.principal) && RCP_SERVICES.iter().any(|s| s.eq_ignore_ascii_case(service))
}

/// Whether the organization's policies on principals have a say: they do not for other accounts' services, for
/// anonymous requests and for service-linked roles.
///
/// Source: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>
pub(crate) fn scp_applies(principal: &Principal) -> bool {
    principal.account().is_some() && !is_service_linked(principal)
}

fn is_service_linked(principal: &Principal) -> bool {
    let reserved = |role: &str| role.starts_with("aws-service-role/");
    match principal {
        Principal::Role { name, .. } => reserved(name),
        Principal::AssumedRole { role, .. } => reserved(role),
        Principal::Root(_)
        | Principal::User { .. }
        | Principal::FederatedUser { .. }
        | Principal::Federated(_)
        | Principal::Service(_)
        | Principal::Anonymous => false,
    }
}

/// The layer of the resource's policy.
pub(crate) fn resource_layer(policy: &Policy) -> Layer {
    if policy.kind == PolicyKind::Trust { Layer::Trust } else { Layer::Resource }
}

fn explicit_deny(asked: &Asked<'_>, policies: &Policies<'_>) -> Option<By> {
    let bounded = !policies.boundaries.is_empty();
    let organization = |levels: &[Vec<Arc<Policy>>], layer| {
        let mut before = 0;
        levels.iter().find_map(|level| {
            let by = deny_in(level, layer, asked, bounded);
            let by = by.map(|by| By { policy: by.policy + before, ..by });
            before += count(level.len());
            by
        })
    };
    let resource = |policy: &Policy| {
        let statement = denying(policy, asked, bounded)?;
        Some(By { layer: resource_layer(policy), policy: 0, statement })
    };
    let request = asked.request;
    organization(policies.resource_control, Layer::ResourceControl)
        .filter(|_| rcp_applies(request))
        .or_else(|| {
            organization(policies.service_control, Layer::ServiceControl).filter(|_| scp_applies(request.principal))
        })
        .or_else(|| policies.resource.and_then(resource))
        .or_else(|| deny_in(policies.identity, Layer::Identity, asked, bounded))
        .or_else(|| deny_in(policies.boundaries, Layer::Boundary, asked, bounded))
        .or_else(|| deny_in(policies.session, Layer::Session, asked, bounded))
        .or_else(|| deny_in(policies.endpoint, Layer::Endpoint, asked, bounded))
}

/// The denying statement that applies; a policy that could not be read denies with its first.
fn denying(policy: &Policy, asked: &Asked<'_>, bounded: bool) -> Option<u32> {
    if policy.refused.is_some() { Some(0) } else { policy.first(&policy.denies, asked, bounded) }
}

fn deny_in(list: &[Arc<Policy>], layer: Layer, asked: &Asked<'_>, bounded: bool) -> Option<By> {
    find(list, layer, |policy| denying(policy, asked, bounded))
}

fn allow_in(list: &[Arc<Policy>], layer: Layer, asked: &Asked<'_>) -> Option<By> {
    find(list, layer, |policy| policy.first(&policy.allows, asked, false))
}

fn find(list: &[Arc<Policy>], layer: Layer, decides: impl Fn(&Policy) -> Option<u32>) -> Option<By> {
    list.iter().enumerate().find_map(|(i, policy)| {
        let statement = decides(policy)?;
        Some(By { layer, policy: count(i), statement })
    })
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The organization's or the endpoint's layer that does not allow. AWS's full-access resource control policy cannot be
/// detached, so that layer never lacks an allowing statement.
fn guardrail_lacks(asked: &Asked<'_>, policies: &Policies<'_>) -> Option<Layer> {
    let allows = |level: &Vec<Arc<Policy>>| allow_in(level, Layer::ServiceControl, asked).is_some();
    if scp_applies(asked.request.principal) && !policies.service_control.iter().all(allows) {
        return Some(Layer::ServiceControl);
    }
    let endpoint = policies.endpoint.is_empty() || allow_in(policies.endpoint, Layer::Endpoint, asked).is_some();
    (!endpoint).then_some(Layer::Endpoint)
}

/// A resource whose own policy has to allow even within its account: a KMS key, and a role to be assumed.
///
/// Sources: <https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html>,
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html>
pub(crate) fn needs_resource_policy(request: &Request<'_>, policies: &Policies<'_>) -> Option<Layer> {
    if policies.resource.is_some_and(|p| p.kind == PolicyKind::Trust) || assumes_role(request) {
        return Some(Layer::Trust);
    }
    let is_key = request.action.get(..4).is_some_and(|service| service.eq_ignore_ascii_case("kms:"))
        && request.resource.splitn(6, ':').nth(5).is_some_and(|r| r.starts_with("key/"));
    is_key.then_some(Layer::Resource)
}

/// Whether the action is one that a role's trust policy decides.
pub(crate) fn assumes_role(request: &Request<'_>) -> bool {
    const ACTIONS: [&str; 5] = [
        "sts:AssumeRole",
        "sts:AssumeRoleWithSAML",
        "sts:AssumeRoleWithWebIdentity",
        "sts:TagSession",
        "sts:SetSourceIdentity",
    ];
    ACTIONS.iter().any(|action| action.eq_ignore_ascii_case(request.action))
        && request.resource.splitn(6, ':').nth(5).is_some_and(|r| r.starts_with("role/"))
}

fn grant(asked: &Asked<'_>, policies: &Policies<'_>) -> Decision {
    let request = asked.request;
    let required = needs_resource_policy(request, policies);
    let resource_layer = policies.resource.map_or(required.unwrap_or(Layer::Resource), resource_layer);
    let resource = policies.resource.and_then(|policy| policy.closest_allow(asked));
    let by_resource = resource.map(|(_, statement)| By { layer: resource_layer, policy: 0, statement });
    let Some(account) = request.principal.account() else {
        // Services, federated identities and anonymous callers have no policies of their own.
        return by_resource.map_or(Decision::lacking(resource_layer), |by| Decision::allow(Some(by)));
    };
    let same_account = request.owner().is_none_or(|owner| owner == account.as_str());
    let closeness = resource.map(|(closeness, _)| closeness);
    if same_account && closeness == Some(Closeness::Itself) {
        return Decision::allow(by_resource);
    }
    let root = matches!(request.principal, Principal::Root(_));
    let by_identity = allow_in(policies.identity, Layer::Identity, asked);
    let identity = root || by_identity.is_some();
    // Within an account a role named by the resource is enough; otherwise the account has to agree.
    let alone = same_account && closeness == Some(Closeness::Role);
    if !identity && !alone {
        let delegates = required.is_some() && resource.is_none();
        return Decision::lacking(if same_account && delegates { resource_layer } else { Layer::Identity });
    }
    if resource.is_none() && (!same_account || required.is_some()) {
        return Decision::lacking(resource_layer);
    }
    if !policies.boundaries.is_empty() && allow_in(policies.boundaries, Layer::Boundary, asked).is_none() {
        return Decision::lacking(Layer::Boundary);
    }
    if !policies.session.is_empty() && allow_in(policies.session, Layer::Session, asked).is_none() {
        return Decision::lacking(Layer::Session);
    }
    Decision::allow(by_identity.or(by_resource))
}
