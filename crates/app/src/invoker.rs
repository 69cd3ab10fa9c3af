//! Runs functions for the gateway, if their resource policy lets it.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use burgward_audit::Recorder;
use burgward_edge::{Invocation, Invoke, InvokeFailure, Invoked};
use burgward_iam::{Context, Policies, Policy, Request, decide};
use burgward_runtime::{InvokeError, Runtime};
use burgward_types::{AuditRecord, Clock, DecisionRecord, Principal, RecordKind};
use serde_json::json;

/// The action that a function's resource policy has to allow.
const ACTION: &str = "lambda:InvokeFunction";

/// A function as the gateway names it.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) policy: Option<Arc<Policy>>,
}

/// The gateway's way to functions.
pub(crate) struct Invoker {
    pub(crate) runtime: Arc<Runtime>,
    /// Functions by logical id.
    pub(crate) targets: HashMap<String, Target>,
    pub(crate) recorder: Arc<dyn Recorder>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) account: String,
    pub(crate) region: String,
    #[cfg(feature = "test-without-layers")]
    pub(crate) without: burgward_types::Without,
}

impl Invoker {
    fn decide(&self, target: &Target, source_arn: &str) -> DecisionRecord {
        let principal = Principal::Service("apigateway.amazonaws.com".into());
        let mut context = Context::new();
        context.set("aws:SourceArn", source_arn);
        context.set("aws:SourceAccount", self.account.as_str());
        context.set("aws:PrincipalIsAWSService", true);
        context.set("aws:PrincipalServiceName", "apigateway.amazonaws.com");
        let request = Request {
            principal: &principal,
            action: ACTION,
            resource: &target.arn,
            resource_account: Some(&self.account),
            context: &context,
        };
        let policies = Policies { resource: target.policy.as_deref(), ..Policies::default() };
        let decision = decide(&request, &policies);
        let by = decision.by;
        let place = by.and_then(|by| target.policy.as_ref()?.statement_place(by.statement as usize).map(str::to_owned));
        DecisionRecord {
            action: ACTION.into(),
            resource: target.arn.clone(),
            effect: decision.effect.name().into(),
            layer: by.map(|by| by.layer.name().to_owned()),
            policy: target.policy.as_ref().map(|policy| policy.name().to_owned()),
            statement: by.map(|by| by.statement),
            place,
            permitted_despite_denial: false,
        }
    }

    fn record(&self, invocation: &Invocation, decision: DecisionRecord) -> AuditRecord {
        AuditRecord {
            kind: RecordKind::Invocation,
            event_time: self.clock.now(),
            event_source: "lambda.amazonaws.com".into(),
            event_name: "Invoke".into(),
            request_id: invocation.request_id.clone(),
            principal: Principal::Service("apigateway.amazonaws.com".into()),
            access_key_id: None,
            source: invocation.source_arn.clone(),
            user_agent: None,
            aws_region: self.region.clone(),
            error_code: None,
            error_message: None,
            read_only: false,
            decisions: vec![decision],
            detail: json!({"function": invocation.function}),
        }
    }
}

#[async_trait]
impl Invoke for Invoker {
    async fn invoke(&self, invocation: Invocation) -> Result<Invoked, InvokeFailure> {
        let target = self.targets.get(&invocation.function).ok_or(InvokeFailure::NotFound)?;
        let decision = self.decide(target, &invocation.source_arn);
        let allowed = decision.effect == "Allow";
        #[cfg(feature = "test-without-layers")]
        let allowed = allowed || self.without.lacks(burgward_types::HouseLayer::FunctionPolicy);
        let mut record = self.record(&invocation, decision);
        let result = if allowed { self.run(target, &invocation).await } else { Err(InvokeFailure::Forbidden) };
        match &result {
            Ok(invoked) => record.error_code.clone_from(&invoked.function_error),
            Err(failure) => {
                record.error_code = Some("InvokeFailure".into());
                record.error_message = Some(failure.to_string());
            }
        }
        // A request that cannot be recorded is not answered: law 3.
        self.recorder.record(record).await.map_err(|error| InvokeFailure::Platform(error.to_string()))?;
        result
    }
}

impl Invoker {
    async fn run(&self, target: &Target, invocation: &Invocation) -> Result<Invoked, InvokeFailure> {
        let call = burgward_runtime::Invocation {
            request_id: invocation.request_id.clone(),
            payload: invocation.payload.clone(),
            client_context: None,
            trace_id: Some(invocation.trace_id.clone()),
        };
        match self.runtime.invoke(&target.name, call).await {
            Ok(invoked) => Ok(Invoked { payload: invoked.payload, function_error: invoked.function_error }),
            Err(InvokeError::NotFound(_)) => Err(InvokeFailure::NotFound),
            Err(InvokeError::Throttled(_)) => Err(InvokeFailure::Throttled),
            Err(InvokeError::TooLarge { .. }) => Err(InvokeFailure::TooLarge),
            Err(error @ (InvokeError::Invalid(_) | InvokeError::Platform(_))) => {
                Err(InvokeFailure::Platform(error.to_string()))
            }
        }
    }
}
