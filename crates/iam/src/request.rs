//! What is asked, the policies that apply, and the answer.

use std::fmt;
use std::sync::Arc;

use burgward_types::Principal;

use crate::{Context, Policy};

/// One question: may this principal do this action on this resource?
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: &'a Principal,
    /// The action, `service:Name`; compared without case.
    pub action: &'a str,
    /// The resource's ARN, or `*` for actions that know no resource.
    pub resource: &'a str,
    /// The account that owns the resource; without it the ARN's account, and for an ARN without one the principal's.
    pub resource_account: Option<&'a str>,
    /// The condition keys of the request; see [`crate::principal_context`] for those of the principal.
    pub context: &'a Context,
}

impl Request<'_> {
    /// The account that owns the resource, if it is known.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        let of_arn = || {
            let rest = self.resource.strip_prefix("arn:")?;
            // A plain loop over bytes: `split` costs four times as much on texts this short.
            let mut colons = rest.bytes().enumerate().filter_map(|(at, byte)| (byte == b':').then_some(at));
            let from = colons.nth(2)? + 1;
            let account = rest.get(from..colons.next().unwrap_or(rest.len()))?;
            (!account.is_empty()).then_some(account)
        };
        self.resource_account.or_else(of_arn)
    }
}

/// The policies that apply to a request. Within a layer policies add up, except that every level of an organization
/// has to allow.
#[derive(Clone, Copy, Default)]
pub struct Policies<'a> {
    /// Policies of the principal (its own and its groups').
    pub identity: &'a [Arc<Policy>],
    /// The permissions boundary; an empty slice is no boundary.
    pub boundaries: &'a [Arc<Policy>],
    /// Session policies; an empty slice is no session policy.
    pub session: &'a [Arc<Policy>],
    /// The resource's policy; a role's trust policy where the resource is a role to be assumed.
    pub resource: Option<&'a Policy>,
    /// Service control policies, one entry a level of the organization, root first; empty without an organization.
    pub service_control: &'a [Vec<Arc<Policy>>],
    /// Resource control policies, likewise; AWS's full-access policy is implied.
    pub resource_control: &'a [Vec<Arc<Policy>>],
    /// The VPC endpoint's policy; an empty slice is no endpoint.
    pub endpoint: &'a [Arc<Policy>],
}

impl fmt::Debug for Policies<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policies")
            .field("identity", &self.identity.len())
            .field("boundaries", &self.boundaries.len())
            .field("session", &self.session.len())
            .field("resource", &self.resource.map(Policy::name))
            .field("service_control", &self.service_control.len())
            .field("resource_control", &self.resource_control.len())
            .field("endpoint", &self.endpoint.len())
            .finish()
    }
}

/// The outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The request may go on.
    Allow,
    /// No policy allows it.
    ImplicitDeny,
    /// A policy denies it.
    ExplicitDeny,
}

impl Effect {
    /// The name as it stands in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::ImplicitDeny => "ImplicitDeny",
            Self::ExplicitDeny => "ExplicitDeny",
        }
    }
}

/// A type of policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// A policy of the principal.
    Identity,
    /// A policy of the resource.
    Resource,
    /// A permissions boundary.
    Boundary,
    /// A session policy.
    Session,
    /// A service control policy of the principal's organization.
    ServiceControl,
    /// A resource control policy of the resource's organization.
    ResourceControl,
    /// A VPC endpoint's policy.
    Endpoint,
    /// A role's trust policy.
    Trust,
}

impl Layer {
    /// The short name as it stands in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Resource => "resource",
            Self::Boundary => "boundary",
            Self::Session => "session",
            Self::ServiceControl => "scp",
            Self::ResourceControl => "rcp",
            Self::Endpoint => "endpoint",
            Self::Trust => "trust",
        }
    }
}

/// The statement that decided. For the policies of an organization `policy` counts through the levels, root first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct By {
    /// The layer.
    pub layer: Layer,
    /// The policy's index in its layer.
    pub policy: u32,
    /// The statement's index in its policy.
    pub statement: u32,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The outcome.
    pub effect: Effect,
    /// The statement that decided; none for an implicit denial and for what needs no policy (an account's root).
    pub by: Option<By>,
    /// For an implicit denial, the layer that lacks an allowing statement.
    pub lacking: Option<Layer>,
}

impl Decision {
    /// True if the request may go on.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.effect == Effect::Allow
    }

    pub(crate) fn allow(by: Option<By>) -> Self {
        Self { effect: Effect::Allow, by, lacking: None }
    }

    pub(crate) fn deny(by: By) -> Self {
        Self { effect: Effect::ExplicitDeny, by: Some(by), lacking: None }
    }

    pub(crate) fn lacking(layer: Layer) -> Self {
        Self { effect: Effect::ImplicitDeny, by: None, lacking: Some(layer) }
    }
}
