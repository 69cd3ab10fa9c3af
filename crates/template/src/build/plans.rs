//! Usage plans and API keys, SAM's and CloudFormation's.

use crate::build::Builder;
use crate::build::api_settings::{route_key, throttle};
use crate::build::props::Props;
use crate::model::{Api, ApiKey, MethodThrottle, PlanStage, Quota, QuotaPeriod, UsagePlan};
use crate::template::Declared;

impl Builder<'_> {
    /// `Auth.UsagePlan` of a REST API: a plan and a key for this API, or for all that share.
    pub(super) fn sam_usage_plan(&mut self, plan: &Props<'_>, api: &Api) {
        let (plan_id, key_id) = match plan.string("CreateUsagePlan").as_deref() {
            Some("PER_API") => (format!("{}UsagePlan", api.logical_id), format!("{}ApiKey", api.logical_id)),
            Some("SHARED") => ("ServerlessUsagePlan".to_owned(), "ServerlessApiKey".to_owned()),
            Some("NONE") => return,
            _ => {
                let message = "`CreateUsagePlan` is one of PER_API, SHARED and NONE";
                return self.report.syntax(&plan.node.span, message, "name one of them");
            }
        };
        let stage =
            PlanStage { api: api.logical_id.clone(), stage: api.stage.name.clone(), method_throttles: Vec::new() };
        let mut made = self.read_plan(plan, plan_id.clone());
        if let Some(shared) = self.app.usage_plans.iter_mut().find(|p| p.logical_id == plan_id) {
            shared.stages.push(stage);
            if made.throttle.is_some() && made.throttle != shared.throttle
                || made.quota.is_some() && made.quota != shared.quota
            {
                let message = format!("the shared usage plan has other limits at {}", shared.span.place());
                self.report.syntax(&plan.node.span, message, "write its limits once");
            }
            return;
        }
        made.stages.push(stage);
        made.keys.push(key_id.clone());
        made.span = plan.node.span.clone();
        let key = ApiKey {
            id: self.eval.id_of(&key_id),
            name: key_id.clone(),
            logical_id: key_id,
            value: None,
            enabled: true,
            span: plan.node.span.clone(),
        };
        self.app.usage_plans.push(made);
        self.app.api_keys.push(key);
    }

    pub(super) fn usage_plan(&mut self, props: &Props<'_>) {
        let plan = self.read_plan(props, props.id());
        self.app.usage_plans.push(plan);
    }

    fn read_plan(&self, props: &Props<'_>, logical_id: String) -> UsagePlan {
        let quota = props.object("Quota").and_then(|q| quota(&q));
        UsagePlan {
            id: self.eval.id_of(&logical_id),
            name: props.string("UsagePlanName").unwrap_or_else(|| logical_id.clone()),
            logical_id,
            throttle: props.object("Throttle").and_then(|t| throttle(&t, "RateLimit", "BurstLimit")),
            quota,
            stages: Vec::new(),
            keys: Vec::new(),
            span: props.span(),
        }
    }

    pub(super) fn api_key(&mut self, props: &Props<'_>) {
        let key = ApiKey {
            logical_id: props.id(),
            id: self.eval.id_of(&props.resource.id),
            name: props.string("Name").unwrap_or_else(|| props.id()),
            value: props.text("Value"),
            // CloudFormation's default is false.
            enabled: props.flag("Enabled").unwrap_or(false),
            span: props.span(),
        };
        self.app.api_keys.push(key);
    }

    /// Stages of plans, and `UsagePlanKey`s, once all APIs are there.
    pub(super) fn link_usage_plans(&mut self, existing: &[&Declared]) {
        for resource in existing {
            let relevant =
                matches!(resource.kind.as_str(), "AWS::ApiGateway::UsagePlan" | "AWS::ApiGateway::UsagePlanKey");
            let Some(node) = relevant.then(|| self.eval.value(&resource.properties)).flatten() else { continue };
            let props = Props { node: &node, resource, report: self.report };
            if resource.kind == "AWS::ApiGateway::UsagePlan" {
                self.plan_stages(&props);
            } else {
                self.plan_key(&props);
            }
        }
    }

    fn plan_stages(&mut self, props: &Props<'_>) {
        let mut stages = Vec::new();
        for node in props.list("ApiStages") {
            let inner = props.inside(node);
            let id = inner.string("ApiId").unwrap_or_default();
            let Some(api) = self.app.apis.iter().find(|a| a.id == id) else {
                self.report.unresolved(
                    &inner.span_of("ApiId"),
                    "the API of this usage plan",
                    "it is not in the template",
                );
                continue;
            };
            let mut method_throttles = Vec::new();
            for entry in inner.get("Throttle").map_or(&[][..], |n| n.entries()) {
                // Keys are `/path/METHOD`.
                let (path, method) = entry.key.rsplit_once('/').unwrap_or((entry.key.as_str(), "*"));
                let (method, path) = route_key(&format!("{method} {}", if path.is_empty() { "/" } else { path }));
                if let Some(throttle) = throttle(&inner.inside(&entry.value), "RateLimit", "BurstLimit") {
                    method_throttles.push(MethodThrottle { path, method, throttle });
                }
            }
            let stage = inner.string("Stage").unwrap_or_else(|| api.stage.name.clone());
            stages.push(PlanStage { api: api.logical_id.clone(), stage, method_throttles });
        }
        if let Some(plan) = self.app.usage_plans.iter_mut().find(|p| p.logical_id == props.resource.id) {
            plan.stages = stages;
        }
    }

    fn plan_key(&mut self, props: &Props<'_>) {
        let (key, plan) = (props.string("KeyId").unwrap_or_default(), props.string("UsagePlanId").unwrap_or_default());
        let key = self.app.api_keys.iter().find(|k| k.id == key).map(|k| k.logical_id.clone());
        let plan = self.app.usage_plans.iter_mut().find(|p| p.id == plan);
        match (key, plan) {
            (Some(key), Some(plan)) => plan.keys.push(key),
            _ => self.report.unresolved(&props.span(), "the key or plan of this link", "it is not in the template"),
        }
    }
}

/// A quota. API Gateway refuses one without a limit or a period.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/api/API_QuotaSettings.html>
fn quota(props: &Props<'_>) -> Option<Quota> {
    for key in ["Limit", "Period"].iter().filter(|key| props.node.get(key).is_none()) {
        let message = format!("the `Quota` of `{}` has no `{key}`", props.resource.id);
        props.report.syntax(&props.node.span, message, "a quota is a `Limit` for a `Period` of DAY, WEEK or MONTH");
    }
    let period = match props.string("Period")?.as_str() {
        "DAY" => QuotaPeriod::Day,
        "WEEK" => QuotaPeriod::Week,
        "MONTH" => QuotaPeriod::Month,
        // Refused by the table.
        _ => return None,
    };
    Some(Quota { limit: props.number("Limit")?, period, offset: props.number("Offset").unwrap_or(0) })
}
