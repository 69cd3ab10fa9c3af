//! The one place where a permit is minted.

use std::marker::PhantomData;
use std::sync::Arc;

use burgward_iam::{Context, Decision, Layer, Policies, Policy, Request, decide, explain};
use burgward_types::{AuditRecord, DecisionRecord, Principal, RecordKind, RequestId};

use super::{Guard, Mode, PolicySet, context};
use crate::{CallInfo, Caller, Need, Operation, OperationInfo, Scope, ServiceError};

/// Leave for one operation, on the resources that were decided on, for one call.
///
/// It cannot be built outside this file: its fields are private and it has no constructor.
///
/// ```compile_fail
/// use burgward_service::{Access, Operation, OperationInfo, Permit};
/// struct Drop;
/// impl Operation for Drop {
///     const INFO: OperationInfo = OperationInfo { service: "x", name: "Drop", actions: &["x:Drop"], access: Access::Write };
/// }
/// let forged: Permit<Drop> = Permit { resources: Vec::new() };
/// ```
///
/// Nor is a permit for one operation one for another:
///
/// ```compile_fail
/// use burgward_service::Permit;
/// struct Read;
/// struct Write;
/// fn reads_with(permit: Permit<Read>) -> Permit<Write> {
///     permit
/// }
/// ```
///
/// Nor can it be used twice, unless an operation lends it to itself:
///
/// ```compile_fail
/// fn twice<O>(permit: burgward_service::Permit<O>) -> (burgward_service::Permit<O>, burgward_service::Permit<O>) {
///     (permit.clone(), permit)
/// }
/// ```
#[derive(Debug)]
pub struct Permit<O> {
    caller: Caller,
    request_id: RequestId,
    scope: Scope,
    resources: Vec<String>,
    operation: PhantomData<fn() -> O>,
}

impl<O> Permit<O> {
    /// The resources it is for, in the order of the needs.
    #[must_use]
    pub fn resources(&self) -> &[String] {
        &self.resources
    }

    /// True if it is for this resource.
    #[must_use]
    pub fn covers(&self, resource: &str) -> bool {
        self.resources.iter().any(|own| own == resource)
    }

    /// Who calls.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The id that joins all logs.
    #[must_use]
    pub fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    /// Account and region.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Guard {
    /// Decides on every need and mints the permit, or says why not in AWS's words.
    ///
    /// Every need is decided and recorded, also after a first denial. A need for an action that the operation does not
    /// declare, or no need where it declares actions, is a denial: an unmapped operation is a denied operation.
    pub async fn authorize<O: Operation>(&self, call: &CallInfo, needs: Vec<Need>) -> Result<Permit<O>, ServiceError> {
        let info = O::INFO;
        call.0.trail.name(&info);
        self.decide_all(&info, call, &needs)?;
        let first = std::mem::replace(&mut call.0.trail.steps().permits, 1) == 0;
        if first && !info.access.reads_only() {
            self.announce(&info, call).await?;
        }
        Ok(Permit {
            caller: call.0.caller.clone(),
            request_id: call.0.request_id.clone(),
            scope: self.scope.clone(),
            resources: needs.into_iter().map(|need| need.resource).collect(),
            operation: PhantomData,
        })
    }

    /// Writes down what is about to change, before it does: an effect without any record cannot be.
    async fn announce(&self, info: &OperationInfo, call: &CallInfo) -> Result<(), ServiceError> {
        let facts = &call.0;
        let record = AuditRecord {
            kind: RecordKind::AwsApiCall,
            event_time: facts.at,
            event_source: format!("{}.amazonaws.com", info.service),
            event_name: info.name.to_owned(),
            request_id: facts.request_id.clone(),
            principal: facts.caller.principal.clone(),
            access_key_id: facts.presented_key.clone(),
            source: facts.caller.origin.to_string(),
            user_agent: None,
            aws_region: facts.region.to_string(),
            error_code: None,
            error_message: None,
            read_only: false,
            decisions: facts.trail.steps().decisions.clone(),
            detail: serde_json::json!({"phase": "intent"}),
        };
        self.audit.announce(record).await.map_err(ServiceError::internal)
    }

    fn decide_all(&self, info: &OperationInfo, call: &CallInfo, needs: &[Need]) -> Result<(), ServiceError> {
        let unmapped = needs.iter().find(|need| !info.actions.contains(&need.action)).map(|need| need.action);
        if let Some(action) = unmapped.or((needs.is_empty() && !info.actions.is_empty()).then_some("no action")) {
            let operation = format!("{}:{}", info.service, info.name);
            call.0.trail.steps().decisions.push(denied_record(&operation, "*"));
            return Err(ServiceError::access_denied(format!("{operation} cannot be authorized by {action}"))
                .with_internal(format!(
                    "operation `{operation}` asked for `{action}`, which its table does not name"
                )));
        }
        let policies = self.policies.current();
        let own = Attached::of(&policies, &call.0.caller.principal);
        let mut context = context::global(call, &self.scope);
        let mut denial = None;
        let alone = needs.len() == 1;
        for need in needs {
            if alone {
                context.extend(&need.context);
                self.decide_one(call, need, &own, &policies, &context, &mut denial);
            } else {
                let mut extended = context.clone();
                extended.extend(&need.context);
                self.decide_one(call, need, &own, &policies, &extended, &mut denial);
            }
        }
        denial.map_or(Ok(()), |message| Err(ServiceError::access_denied(message)))
    }

    fn decide_one(
        &self,
        call: &CallInfo,
        need: &Need,
        own: &Attached<'_>,
        set: &PolicySet,
        context: &Context,
        denial: &mut Option<String>,
    ) {
        let principal = &call.0.caller.principal;
        let resource_policy = set.resource_policy(&need.resource);
        let request = Request {
            principal,
            action: need.action,
            resource: &need.resource,
            resource_account: Some(self.scope.account.as_str()),
            context,
        };
        let policies = Policies {
            identity: own.identity,
            boundaries: own.boundaries,
            session: &call.0.caller.session_policies,
            resource: resource_policy.map(AsRef::as_ref),
            ..Policies::default()
        };
        let decision = decide(&request, &policies);
        let allowed = decision.is_allowed();
        let let_through = !allowed && self.mode == Mode::Permissive;
        call.0.trail.steps().decisions.push(record(need, decision, &policies, let_through));
        self.observe(principal, need.action, &need.resource, allowed);
        if !allowed && !let_through && denial.is_none() {
            *denial = Some(explain(&request, &policies, decision).message().to_owned());
        }
    }
}

/// The policies attached to a principal's role or user.
struct Attached<'a> {
    identity: &'a [Arc<Policy>],
    boundaries: &'a [Arc<Policy>],
}

impl<'a> Attached<'a> {
    fn of(set: &'a PolicySet, principal: &Principal) -> Self {
        let arn = context::attached_to(principal);
        let find = |map: &'a std::collections::HashMap<String, Arc<[Arc<Policy>]>>| {
            arn.as_deref().and_then(|arn| map.get(arn)).map_or(&[][..], AsRef::as_ref)
        };
        Self { identity: find(&set.identity), boundaries: find(&set.boundaries) }
    }
}

pub(crate) fn denied_record(action: &str, resource: &str) -> DecisionRecord {
    DecisionRecord {
        action: action.to_owned(),
        resource: resource.to_owned(),
        effect: burgward_iam::Effect::ImplicitDeny.name().to_owned(),
        layer: None,
        policy: None,
        statement: None,
        place: None,
        permitted_despite_denial: false,
    }
}

fn record(need: &Need, decision: Decision, policies: &Policies<'_>, let_through: bool) -> DecisionRecord {
    let policy = decision.by.and_then(|by| {
        let at = by.policy as usize;
        match by.layer {
            Layer::Identity => policies.identity.get(at).map(AsRef::as_ref),
            Layer::Boundary => policies.boundaries.get(at).map(AsRef::as_ref),
            Layer::Session => policies.session.get(at).map(AsRef::as_ref),
            Layer::Resource | Layer::Trust => policies.resource,
            Layer::ServiceControl | Layer::ResourceControl | Layer::Endpoint => None,
        }
    });
    let statement = decision.by.map(|by| by.statement);
    let place = policy.zip(statement).and_then(|(policy, at)| policy.statement_place(at as usize));
    DecisionRecord {
        action: need.action.to_owned(),
        resource: need.resource.clone(),
        effect: decision.effect.name().to_owned(),
        layer: decision.by.map(|by| by.layer).or(decision.lacking).map(|layer| layer.name().to_owned()),
        policy: policy.map(|policy| policy.name().to_owned()),
        statement,
        place: place.map(str::to_owned),
        permitted_despite_denial: let_through,
    }
}
