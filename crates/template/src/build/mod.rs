//! From evaluated resources to the model: one file per service.

mod api_events;
mod api_rest;
mod api_sam;
mod api_settings;
mod api_v2;
mod authorizer;
mod function;
mod iam;
mod managed;
mod plans;
mod props;
mod sam_policies;
mod secret;
mod storage;
mod whole;

use std::collections::HashMap;

use crate::diagnostic::RefusedKind;
use crate::eval::Evaluator;
use crate::eval::text::text;
use crate::load::{PlanItem, Verdict};
use crate::model::{App, Output};
use crate::report::Report;
use crate::rules::{self, FORWARD, NOTED};
use crate::template::Declared;
pub(crate) use api_events::{IMPLICIT_HTTP, IMPLICIT_REST};
use props::Props;

/// What all builders share.
pub(crate) struct Builder<'a> {
    pub(crate) eval: &'a Evaluator<'a>,
    pub(crate) report: &'a Report,
    pub(crate) app: App,
    /// Resources with a refusal, also one that `Globals` brought in.
    refused: HashMap<String, String>,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(eval: &'a Evaluator<'a>) -> Self {
        let d = eval.deployment;
        let app = App {
            stack_name: d.stack_name.clone(),
            region: d.region.clone(),
            account: d.account.clone(),
            ..App::default()
        };
        Self { eval, report: eval.report, app, refused: HashMap::new() }
    }

    /// Builds every resource whose condition holds, then what needs all of them, and the plan.
    pub(crate) fn build(mut self) -> (App, Vec<PlanItem>) {
        let template = self.eval.template;
        let (existing, absent): (Vec<_>, Vec<_>) = template.resources.iter().partition(|r| self.exists(r));
        for resource in &existing {
            let before = self.report.refusals().0;
            self.resource(resource);
            let (after, message) = self.report.refusals();
            if after > before {
                self.refused.insert(resource.id.clone(), message);
            }
        }
        self.rest_apis(&existing);
        self.http_apis(&existing);
        self.attach_policies(&existing);
        self.attach_bucket_policies(&existing);
        self.attach_secret_policies(&existing);
        self.link_usage_plans(&existing);
        self.events(&existing);
        self.refuse_strays(&existing);
        self.refuse_doubles();
        self.outputs();
        let mut plan: Vec<_> = existing.iter().map(|r| self.verdict(r)).collect();
        plan.extend(absent.iter().map(|r| item(r, Verdict::Note, "its condition is false".to_owned())));
        plan.sort_by_key(|p| p.span.start);
        (self.app, plan)
    }

    /// Whether the resource's condition holds.
    fn exists(&self, resource: &Declared) -> bool {
        resource.condition.as_ref().is_none_or(|(c, at)| self.eval.holds(c, at))
    }

    fn resource(&mut self, resource: &Declared) {
        if !rules::runs(&resource.kind) {
            self.not_run(resource);
            return;
        }
        let Some(properties) = self.eval.value(&resource.properties) else {
            let message = format!("the properties of `{}` are `AWS::NoValue`", resource.id);
            return self.report.syntax(&resource.id_span, message, "guard the whole resource with a condition");
        };
        rules::judge(&resource.kind, &properties, self.report);
        let props = Props { node: &properties, resource, report: self.report };
        match resource.kind.as_str() {
            "AWS::Serverless::Function" => self.sam_function(&props),
            "AWS::Lambda::Function" => self.lambda_function(&props),
            "AWS::Serverless::LayerVersion" => self.layer(&props, "ContentUri"),
            "AWS::Lambda::LayerVersion" => self.layer(&props, "Content"),
            "AWS::Lambda::Permission" => self.permission(&props),
            "AWS::Serverless::Api" => self.sam_api(&props),
            "AWS::Serverless::HttpApi" => self.sam_http_api(&props),
            "AWS::ApiGateway::UsagePlan" => self.usage_plan(&props),
            "AWS::ApiGateway::ApiKey" => self.api_key(&props),
            "AWS::DynamoDB::Table" => self.table(&props),
            "AWS::Serverless::SimpleTable" => self.simple_table(&props),
            "AWS::S3::Bucket" => self.bucket(&props),
            "AWS::SSM::Parameter" => self.parameter(&props),
            "AWS::SecretsManager::Secret" => self.secret(&props),
            "AWS::IAM::Role" => self.role(&props),
            "AWS::Logs::LogGroup" => self.log_group(&props),
            // Parts of APIs and policies are read where they belong.
            _ => {}
        }
    }

    /// The physical name; one that cannot be known is reported.
    fn name(&self, props: &Props<'_>) -> Option<String> {
        match self.eval.physical_name(props.resource) {
            Ok(name) => Some(name),
            Err(why) => {
                self.report.unresolved(&props.span(), &format!("the name of `{}`", props.resource.id), &why);
                None
            }
        }
    }

    fn not_run(&self, resource: &Declared) {
        let (verdict, reason) = fate(&resource.kind);
        if verdict == Verdict::Note {
            let message = format!("`{}` ({}) is left out: {reason}", resource.id, resource.kind);
            self.report.list(RefusedKind::UnsupportedResource, &resource.id_span, message, "");
        } else {
            let message = format!("`{}` is a {}: {reason}", resource.id, resource.kind);
            let hint = "`burgward plan` shows what runs; guard the resource with a condition to leave it out";
            self.report.refuse(RefusedKind::UnsupportedResource, &resource.id_span, message, hint);
        }
    }

    fn verdict(&self, resource: &Declared) -> PlanItem {
        let (verdict, reason) = fate(&resource.kind);
        if verdict != Verdict::Run {
            return item(resource, verdict, reason.to_owned());
        }
        match self.report.refused_within(&resource.span).or_else(|| self.refused.get(&resource.id).cloned()) {
            Some(message) => item(resource, Verdict::Refuse, message),
            None => item(resource, Verdict::Run, String::new()),
        }
    }

    fn outputs(&mut self) {
        for entry in self.eval.template.outputs.entries() {
            let condition = entry.value.get("Condition").and_then(|n| Some((n.as_str()?.to_owned(), n.span.clone())));
            if condition.is_some_and(|(c, at)| !self.eval.holds(&c, &at)) {
                continue;
            }
            let value = entry.value.get("Value").and_then(|n| self.eval.value(n));
            match value.as_deref().map(text) {
                Some(Ok(value)) => {
                    self.app.outputs.push(Output {
                        logical_id: entry.key.clone(),
                        value,
                        span: entry.key_span.clone(),
                    });
                }
                // An output says what exists; nothing depends on it here.
                _ => self.report.list(
                    RefusedKind::Unresolved,
                    &entry.key_span,
                    format!("the output `{}` is not known here", entry.key),
                    "",
                ),
            }
        }
    }
}

fn item(resource: &Declared, verdict: Verdict, reason: String) -> PlanItem {
    PlanItem {
        logical_id: resource.id.clone(),
        resource_type: resource.kind.clone(),
        verdict,
        reason,
        span: resource.id_span.clone(),
    }
}

/// What happens to a type, and why.
fn fate(kind: &str) -> (Verdict, &'static str) {
    if rules::runs(kind) {
        (Verdict::Run, "")
    } else if NOTED.contains(&kind) {
        (Verdict::Note, "it has no bearing on what runs")
    } else if FORWARD.iter().any(|prefix| kind.starts_with(prefix)) {
        (Verdict::Forward, "it needs an engine that is not run here")
    } else {
        (Verdict::Refuse, "this type is not run here")
    }
}
