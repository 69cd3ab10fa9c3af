//! REST APIs written as CloudFormation resources: `RestApi`, `Resource`, `Method`, `Stage` and their like.

use std::collections::HashMap;

use crate::build::Builder;
use crate::build::api_events::REST_TIMEOUT_MS;
use crate::build::api_sam::key_source;
use crate::build::api_settings::{method_settings, variables};
use crate::build::props::Props;
use crate::diagnostic::RefusedKind;
use crate::model::{ApiKind, PayloadFormat, Route, Stage};
use crate::template::Declared;
use crate::tree::Tree;

/// A resource with its evaluated properties.
pub(super) type Evaluated<'a> = (&'a Declared, Tree);

impl Builder<'_> {
    /// Evaluates resources of one type that belong to an API.
    pub(super) fn parts<'r>(&self, existing: &[&'r Declared], kind: &str, key: &str, api: &str) -> Vec<Evaluated<'r>> {
        let of_kind = existing.iter().filter(|r| r.kind == kind);
        let evaluated = of_kind.filter_map(|r| Some((*r, self.eval.value(&r.properties)?)));
        evaluated.filter(|(_, node)| node.get(key).and_then(|n| n.scalar()).as_deref() == Some(api)).collect()
    }

    pub(super) fn rest_apis(&mut self, existing: &[&Declared]) {
        for resource in existing.iter().filter(|r| r.kind == "AWS::ApiGateway::RestApi") {
            let Some(node) = self.eval.value(&resource.properties) else { continue };
            let props = Props { node: &node, resource, report: self.report };
            self.rest_api(&props, existing);
        }
    }

    fn rest_api(&mut self, props: &Props<'_>, existing: &[&Declared]) {
        let id = self.eval.id_of(&props.resource.id);
        let policy = props.object("Policy");
        if let Some(text) = policy.filter(|p| p.node.as_str().is_some()) {
            let message = format!("the `Policy` of `{}` is written as text", props.resource.id);
            self.report.refuse(RefusedKind::UnsupportedProperty, &text.node.span, message, "write it as a mapping");
        }
        let Some(stage) = self.rest_stage(props, existing, &id) else { return };
        let mut api = self.empty_api(props, ApiKind::Rest, id.clone(), stage);
        api.api_key_source = key_source(props);
        api.binary_media_types = props.strings("BinaryMediaTypes");
        let statements = policy.and_then(|p| p.get("Statement"));
        api.resource_policy = statements.map(|s| self.api_policy(s, &id));
        let mut authorizers = HashMap::new();
        for (resource, node) in self.parts(existing, "AWS::ApiGateway::Authorizer", "RestApiId", &id) {
            let part = Props { node: &node, resource, report: self.report };
            if let Some(authorizer) = self.cfn_authorizer(&part, true) {
                authorizers.insert(self.eval.id_of(&resource.id), authorizer.name.clone());
                api.authorizers.push(authorizer);
            }
        }
        let paths = self.rest_paths(existing, props, &id);
        for (resource, node) in self.parts(existing, "AWS::ApiGateway::Method", "RestApiId", &id) {
            let part = Props { node: &node, resource, report: self.report };
            api.routes.extend(self.rest_method(&part, &paths, &authorizers));
        }
        self.app.apis.push(api);
    }

    /// The stage that is served: a `Stage`, or the one that a `Deployment` makes.
    fn rest_stage(&self, api: &Props<'_>, existing: &[&Declared], id: &str) -> Option<Stage> {
        let mut stages = self.parts(existing, "AWS::ApiGateway::Stage", "RestApiId", id);
        let deployments = self.parts(existing, "AWS::ApiGateway::Deployment", "RestApiId", id);
        stages.extend(deployments.into_iter().filter(|(_, node)| node.get("StageName").is_some()));
        for (second, _) in stages.iter().skip(1) {
            let message = format!("`{}` is a second stage of `{}`", second.id, api.resource.id);
            self.report.refuse(
                RefusedKind::UnsupportedResource,
                &second.id_span,
                message,
                "one stage of an API is served",
            );
        }
        let Some((resource, node)) = stages.first() else {
            let message = format!("`{}` has no stage: nothing of it is served", api.resource.id);
            self.report.list(RefusedKind::UnsupportedResource, &api.resource.id_span, message, "add a stage");
            return None;
        };
        let props = Props { node, resource, report: self.report };
        let name = props.string("StageName").unwrap_or_default();
        let settings = if resource.kind.ends_with("Deployment") {
            props.object("StageDescription").unwrap_or(props)
        } else {
            props
        };
        let mut stage = Stage {
            name,
            variables: variables(&settings, "Variables"),
            access_log: settings.node.get("AccessLogSetting").is_some(),
            tracing: settings.flag("TracingEnabled").unwrap_or(false),
            ..Stage::default()
        };
        method_settings(&settings, &mut stage);
        Some(stage)
    }

    /// The full path of every `Resource`, by its id; the root's is empty.
    fn rest_paths(&self, existing: &[&Declared], api: &Props<'_>, id: &str) -> HashMap<String, String> {
        let mut paths = HashMap::from([(self.eval.id_of(&format!("{}/", api.resource.id)), String::new())]);
        let mut waiting = self.parts(existing, "AWS::ApiGateway::Resource", "RestApiId", id);
        // Each round places those whose parent is placed; a circle places none.
        while !waiting.is_empty() {
            let before = waiting.len();
            waiting.retain(|(resource, node)| {
                let props = Props { node, resource, report: self.report };
                let parent = props.string("ParentId").and_then(|p| paths.get(&p).cloned());
                let path = parent.zip(props.string("PathPart")).map(|(parent, part)| format!("{parent}/{part}"));
                let Some(path) = path else { return true };
                paths.insert(self.eval.id_of(&resource.id), path);
                false
            });
            if waiting.len() == before {
                for (resource, _) in waiting.drain(..) {
                    let message = format!("the parent of `{}` is not a resource of the same API", resource.id);
                    self.report.syntax(&resource.id_span, message, "check `ParentId`");
                }
            }
        }
        paths
    }

    fn rest_method(
        &self,
        props: &Props<'_>,
        paths: &HashMap<String, String>,
        authorizers: &HashMap<String, String>,
    ) -> Option<Route> {
        for key in ["HttpMethod", "ResourceId", "AuthorizationType", "Integration"] {
            if props.node.get(key).is_none() {
                props.missing(key);
            }
        }
        let Some(path) = paths.get(&props.string("ResourceId")?) else {
            let what = format!("the resource of `{}`", props.resource.id);
            self.report.unresolved(&props.span_of("ResourceId"), &what, "it is not one of the same API");
            return None;
        };
        let integration = props.object("Integration")?;
        let kind = integration.string("Type").unwrap_or_default();
        let target = integration.string("Uri").and_then(|uri| self.function_of(&uri));
        let Some((function, _)) = target.filter(|_| kind == "AWS_PROXY") else {
            let message =
                format!("the integration of `{}` (type {kind}) runs no function of the template", props.resource.id);
            let hint = "integrations of type AWS_PROXY with a function of the template are run";
            self.report.refuse(RefusedKind::UnsupportedProperty, &integration.node.span, message, hint);
            return None;
        };
        Some(Route {
            method: props.string("HttpMethod")?.to_uppercase(),
            path: if path.is_empty() { "/".to_owned() } else { path.clone() },
            function,
            payload_format: PayloadFormat::V1,
            authorizer: self.cfn_route_authorizer(props, authorizers),
            api_key_required: props.flag("ApiKeyRequired").unwrap_or(false),
            timeout_ms: integration.number("TimeoutInMillis").unwrap_or(REST_TIMEOUT_MS),
            throttle: None,
            span: props.span(),
        })
    }

    /// `AuthorizationType` and `AuthorizerId`; what is not run is refused, so that no route is open by mistake.
    pub(super) fn cfn_route_authorizer(
        &self,
        props: &Props<'_>,
        authorizers: &HashMap<String, String>,
    ) -> Option<String> {
        match props.string("AuthorizationType").as_deref() {
            None | Some("NONE") => None,
            Some("CUSTOM") => {
                let name = props.string("AuthorizerId").and_then(|id| authorizers.get(&id).cloned());
                if name.is_none() {
                    let message = format!("the authorizer of `{}` is not one that runs", props.resource.id);
                    self.report.refuse(RefusedKind::Unresolved, &props.span_of("AuthorizerId"), message, "declare it");
                }
                name
            }
            Some(other) => {
                let message = format!("authorization of type {other} is not enforced yet");
                let kind = RefusedKind::UnsupportedProperty;
                self.report.refuse(kind, &props.span_of("AuthorizationType"), message, "use a Lambda authorizer");
                None
            }
        }
    }
}
