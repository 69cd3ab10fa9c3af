//! The third stage: the API's resource policy and the route's authorizer. Errors never let anybody in.

use std::sync::Arc;

use burgward_iam::{Context, Decision, Effect, Layer, Policies, Policy, Request, decide};
use burgward_template::model::ApiKind;
use burgward_types::{DecisionRecord, Principal};

use super::{Routed, Trail};
use crate::api::CompiledApi;
use crate::authorizer::{Authorizer, Cache, Grant, Kind, Rule};
use crate::event;
use crate::gateway::Parts;
use crate::stop::{Cause, Stop, StoppedBy};
use crate::{Invocation, Invoked};

const ACTION: &str = "execute-api:Invoke";
/// How long an authorizer may take: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
const AUTHORIZER_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(29);

/// A request whose caller may make it.
#[derive(Debug)]
pub(crate) struct Authorized {
    routed: Routed,
    caller: Option<Caller>,
}

/// What the authorizer said of the caller.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) grant: Arc<Grant>,
    /// How long the authorizer took, which events of REST APIs carry.
    pub(crate) latency_millis: i64,
}

impl Authorized {
    pub(crate) async fn new(api: &CompiledApi, parts: &Parts, routed: Routed, trail: &mut Trail) -> Result<Self, Stop> {
        let authorizer = routed.route().authorizer.clone();
        #[cfg(feature = "test-without-layers")]
        let authorizer = authorizer.filter(|_| !api.without.lacks(burgward_types::HouseLayer::Authorizer));
        let Some(authorizer) = authorizer else {
            if let Some(policy) = &api.resource_policy {
                let decision = weigh(api, &routed, &Principal::Anonymous, &[], Some(policy), trail);
                by_policy(api, &routed, decision, policy.name())?;
            }
            return Ok(Self { routed, caller: None });
        };
        trail.authorizer = Some(authorizer.name.clone());
        let open = allowed_by_resource(api, &routed, trail)?;
        let caller = ask(api, parts, &authorizer, &routed, trail).await?;
        trail.principal.clone_from(&caller.grant.principal);
        match &caller.grant.rule {
            Rule::Simple(true) => {}
            Rule::Simple(false) => {
                return Err(stop(Cause::Denied { explicit: false }, "the authorizer answered isAuthorized: false"));
            }
            Rule::Policy(policy) => {
                // The name that the authorizer gives is for its own policy alone. To the resource policy the caller is
                // nobody: a token for `admin` must not be taken for `user/admin`.
                let name = caller.grant.principal.clone().unwrap_or_default();
                let principal = Principal::User { account: api.account.clone(), name };
                let decision = weigh(api, &routed, &principal, &[Arc::clone(policy)], None, trail);
                let allowed = decision.effect == Effect::Allow || (decision.effect != Effect::ExplicitDeny && open);
                if !allowed {
                    let explicit = decision.effect == Effect::ExplicitDeny;
                    return Err(stop(Cause::Denied { explicit }, "the authorizer's policy does not allow it"));
                }
            }
        }
        Ok(Self { routed, caller: Some(caller) })
    }

    pub(crate) fn routed(&self) -> &Routed {
        &self.routed
    }

    pub(crate) fn caller(&self) -> Option<&Caller> {
        self.caller.as_ref()
    }

    pub(super) fn take_body(&mut self) -> Option<crate::unread::Upload> {
        self.routed.take_body()
    }
}

fn stop(cause: Cause, reason: impl Into<String>) -> Stop {
    Stop::new(StoppedBy::Authorizer, cause, reason)
}

/// The authorizer's result, kept or fresh.
async fn ask(
    api: &CompiledApi,
    parts: &Parts,
    authorizer: &Authorizer,
    routed: &Routed,
    trail: &mut Trail,
) -> Result<Caller, Stop> {
    if authorizer.is_ambiguous(routed) {
        return Err(stop(Cause::Ambiguous, "the authorizer's token was sent more than once"));
    }
    let identity = authorizer
        .identity(api, routed)
        .ok_or_else(|| stop(Cause::Unauthorized, "the identity is missing or not valid"))?;
    let key = Cache::key(&identity);
    let before = parts.clock.now();
    if let Some(grant) = authorizer.cache.get(&key, before) {
        trail.from_cache = true;
        return Ok(Caller { grant, latency_millis: 0 });
    }
    let busy = || Stop::new(StoppedBy::Throttle, Cause::Throttled, "too many callers are being authorized");
    let _slot = api.asking.try_acquire().ok_or_else(busy)?;
    let payload = event::authorizer(api, authorizer, routed, &identity)
        .map_err(|error| stop(Cause::AuthorizerBroken, error.to_string()))?;
    let invocation = Invocation {
        function: authorizer.function.clone(),
        request_id: routed.head().id.clone(),
        payload,
        trace_id: routed.head().trace_id.clone(),
        source_arn: api.authorizer_arn(&authorizer.name),
    };
    let invoked = tokio::time::timeout(AUTHORIZER_TIMEOUT, parts.invoke.invoke(invocation)).await;
    let invoked = match invoked {
        Ok(Ok(invoked)) => invoked,
        Ok(Err(failure)) => return Err(stop(Cause::AuthorizerBroken, failure.to_string())),
        Err(_) => return Err(stop(Cause::AuthorizerBroken, "the authorizer took too long")),
    };
    let grant = Arc::new(read(api, authorizer, &invoked)?);
    let now = parts.clock.now();
    authorizer.cache.put(key, &grant, now);
    Ok(Caller { grant, latency_millis: now.0.saturating_sub(before.0) })
}

fn read(api: &CompiledApi, authorizer: &Authorizer, invoked: &Invoked) -> Result<Grant, Stop> {
    if let Some(error) = &invoked.function_error {
        // The one error that has a meaning: a REST API turns `Unauthorized` into 401.
        let cause = match api.kind {
            ApiKind::Rest if says_unauthorized(&invoked.payload) => Cause::Unauthorized,
            ApiKind::Rest | ApiKind::Http => Cause::AuthorizerBroken,
        };
        return Err(stop(cause, format!("the authorizer's function failed ({error})")));
    }
    let simple = matches!(authorizer.kind, Kind::Request { simple: true, .. });
    Grant::parse(&invoked.payload, &authorizer.name, api.kind, simple).map_err(|why| stop(Cause::AuthorizerBroken, why))
}

fn says_unauthorized(payload: &[u8]) -> bool {
    let error: Option<serde_json::Value> = serde_json::from_slice(payload).ok();
    error.as_ref().and_then(|error| error.get("errorMessage")?.as_str()) == Some("Unauthorized")
}

/// Whether the resource policy allows anybody; its explicit denial comes before the authorizer is asked:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html>
fn allowed_by_resource(api: &CompiledApi, routed: &Routed, trail: &mut Trail) -> Result<bool, Stop> {
    let Some(policy) = &api.resource_policy else { return Ok(false) };
    let decision = weigh(api, routed, &Principal::Anonymous, &[], Some(policy), trail);
    if decision.effect == Effect::ExplicitDeny {
        by_policy(api, routed, decision, policy.name())?;
    }
    Ok(decision.effect == Effect::Allow)
}

fn by_policy(api: &CompiledApi, routed: &Routed, decision: Decision, policy: &str) -> Result<(), Stop> {
    if decision.effect == Effect::Allow {
        return Ok(());
    }
    let explicit = decision.effect == Effect::ExplicitDeny;
    let cause = Cause::PolicyDenied { arn: routed.arn(api), explicit };
    Err(Stop::new(StoppedBy::ResourcePolicy, cause, format!("`{policy}` does not allow it")))
}

/// Decides by the caller's policies and the resource's, and notes the decision.
fn weigh(
    api: &CompiledApi,
    routed: &Routed,
    principal: &Principal,
    identity: &[Arc<Policy>],
    resource: Option<&Policy>,
    trail: &mut Trail,
) -> Decision {
    let head = routed.head();
    let mut context = Context::new();
    context.set("aws:SourceIp", head.source_ip());
    context.set("aws:SecureTransport", true);
    context.set("aws:CurrentTime", head.at.iso8601());
    context.set("aws:EpochTime", head.at.secs());
    if let Some(agent) = head.user_agent() {
        context.set("aws:UserAgent", agent);
    }
    if let Some(referer) = head.header("referer") {
        context.set("aws:Referer", referer);
    }
    burgward_iam::principal_context(principal, &mut context);
    let arn = routed.arn(api);
    let account = Some(api.account.as_str());
    let request = Request { principal, action: ACTION, resource: &arn, resource_account: account, context: &context };
    let policies = Policies { identity, resource, ..Policies::default() };
    let decision = decide(&request, &policies);
    trail.decisions.push(record(&decision, &arn, identity, resource));
    decision
}

fn record(decision: &Decision, arn: &str, identity: &[Arc<Policy>], resource: Option<&Policy>) -> DecisionRecord {
    let by = decision.by;
    let policy = by.and_then(|by| match by.layer {
        Layer::Identity => identity.get(by.policy as usize).map(|policy| &**policy),
        Layer::Resource => resource,
        Layer::Boundary
        | Layer::Session
        | Layer::ServiceControl
        | Layer::ResourceControl
        | Layer::Endpoint
        | Layer::Trust => None,
    });
    let place = by.and_then(|by| policy?.statement_place(by.statement as usize)).map(str::to_owned);
    DecisionRecord {
        action: ACTION.to_owned(),
        resource: arn.to_owned(),
        effect: decision.effect.name().to_owned(),
        layer: by.map(|by| by.layer.name().to_owned()),
        policy: policy.map(|policy| policy.name().to_owned()),
        statement: by.map(|by| by.statement),
        place,
        permitted_despite_denial: false,
    }
}
