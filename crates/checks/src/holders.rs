//! What the holder of a role may do, as the policy engine decides it.

use std::sync::Arc;

use burgward_iam::{Context, Policies, Policy, PolicyKind, Request, decide, principal_context};
use burgward_template::model::{Role, RolePolicy};
use burgward_types::{AccountId, Principal};

/// A session of a role, with the role's policies compiled.
#[derive(Debug)]
pub(crate) struct Holder {
    principal: Principal,
    context: Context,
    identity: Vec<Arc<Policy>>,
    boundaries: Vec<Arc<Policy>>,
}

impl Holder {
    /// None if a policy cannot be read: then nothing is known of the role.
    pub(crate) fn of(role: &Role, account: &str) -> Option<Self> {
        let compiled = |policy: &RolePolicy| {
            let policy = Policy::from_value(&policy.document, &policy.name, PolicyKind::Identity, &[]);
            policy.map(Arc::new).ok()
        };
        let account = AccountId::parse(account).ok()?;
        let principal = Principal::AssumedRole { account, role: role.name.clone(), session: "check".to_owned() };
        let mut context = Context::new();
        principal_context(&principal, &mut context);
        context.set("aws:SecureTransport", true);
        Some(Self {
            principal,
            context,
            identity: role.policies.iter().map(compiled).collect::<Option<_>>()?,
            boundaries: role.boundary.iter().map(compiled).collect::<Option<_>>()?,
        })
    }

    /// Whether the session may do this, with no condition key but those that every request has.
    pub(crate) fn may(&self, action: &str, resource: &str) -> bool {
        let request = Request {
            principal: &self.principal,
            action,
            resource,
            resource_account: self.principal.account().map(AccountId::as_str),
            context: &self.context,
        };
        let policies = Policies { identity: &self.identity, boundaries: &self.boundaries, ..Policies::default() };
        decide(&request, &policies).is_allowed()
    }
}
