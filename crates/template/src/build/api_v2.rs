//! HTTP APIs written as CloudFormation resources: `Api`, `Integration`, `Route`, `Stage`, `Authorizer`.

use std::collections::HashMap;

use crate::build::Builder;
use crate::build::api_events::HTTP_TIMEOUT_MS;
use crate::build::api_settings::{http_cors, route_key, route_settings, variables};
use crate::build::props::Props;
use crate::diagnostic::RefusedKind;
use crate::model::{ApiKind, PayloadFormat, Route, Stage};
use crate::template::Declared;

/// What an integration runs.
struct Target {
    function: String,
    payload_format: PayloadFormat,
    timeout_ms: u32,
}

impl Builder<'_> {
    pub(super) fn http_apis(&mut self, existing: &[&Declared]) {
        for resource in existing.iter().filter(|r| r.kind == "AWS::ApiGatewayV2::Api") {
            let Some(node) = self.eval.value(&resource.properties) else { continue };
            let props = Props { node: &node, resource, report: self.report };
            if props.string("ProtocolType").as_deref() == Some("HTTP") {
                self.http_api(&props, existing);
            } else {
                let message = format!("`{}` is no HTTP API", props.resource.id);
                let span = props.span_of("ProtocolType");
                self.report.refuse(
                    RefusedKind::UnsupportedResource,
                    &span,
                    message,
                    "WebSocket APIs are not served yet",
                );
            }
        }
    }

    fn http_api(&mut self, props: &Props<'_>, existing: &[&Declared]) {
        let id = self.eval.id_of(&props.resource.id);
        let quick = props.string("Target").and_then(|target| self.function_of(&target));
        if quick.is_none() && props.node.get("Target").is_some() {
            let what = format!("the target of `{}`", props.resource.id);
            self.report.unresolved(&props.span_of("Target"), &what, "it is no function of the template");
        }
        let Some(stage) = self.http_stage(props, existing, &id, quick.is_some()) else { return };
        let mut api = self.empty_api(props, ApiKind::Http, id.clone(), stage);
        api.cors = http_cors(props);
        if let Some((function, _)) = quick {
            let target = Target { function, payload_format: PayloadFormat::V2, timeout_ms: HTTP_TIMEOUT_MS };
            let key = props.string("RouteKey").unwrap_or_else(|| "$default".to_owned());
            api.routes.push(route(props, &key, target, None));
        }
        let mut authorizers = HashMap::new();
        for (resource, node) in self.parts(existing, "AWS::ApiGatewayV2::Authorizer", "ApiId", &id) {
            let part = Props { node: &node, resource, report: self.report };
            if let Some(authorizer) = self.cfn_authorizer(&part, false) {
                authorizers.insert(self.eval.id_of(&resource.id), authorizer.name.clone());
                api.authorizers.push(authorizer);
            }
        }
        let integrations = self.parts(existing, "AWS::ApiGatewayV2::Integration", "ApiId", &id);
        for (resource, node) in self.parts(existing, "AWS::ApiGatewayV2::Route", "ApiId", &id) {
            let part = Props { node: &node, resource, report: self.report };
            let target = part.string("Target").unwrap_or_default();
            let wanted = target.trim_start_matches("integrations/");
            let integration = integrations.iter().find(|(r, _)| self.eval.id_of(&r.id) == wanted);
            let Some((owner, node)) = integration else {
                self.report.unresolved(
                    &part.span_of("Target"),
                    "the integration of this route",
                    "it is not in the template",
                );
                continue;
            };
            let Some(target) = self.target(&Props { node, resource: owner, report: self.report }) else { continue };
            let authorizer = self.cfn_route_authorizer(&part, &authorizers);
            api.routes.push(route(&part, &part.string("RouteKey").unwrap_or_default(), target, authorizer));
        }
        self.app.apis.push(api);
    }

    fn target(&self, props: &Props<'_>) -> Option<Target> {
        let kind = props.string("IntegrationType").unwrap_or_default();
        let function = props.string("IntegrationUri").and_then(|uri| self.function_of(&uri));
        let Some((function, _)) = function.filter(|_| kind == "AWS_PROXY") else {
            let message =
                format!("the integration `{}` (type {kind}) runs no function of the template", props.resource.id);
            let hint = "integrations of type AWS_PROXY with a function of the template are run";
            self.report.refuse(RefusedKind::UnsupportedProperty, &props.resource.id_span, message, hint);
            return None;
        };
        let v2 = props.string("PayloadFormatVersion").is_some_and(|v| v.starts_with('2'));
        let payload_format = if v2 { PayloadFormat::V2 } else { PayloadFormat::V1 };
        Some(Target {
            function,
            payload_format,
            timeout_ms: props.number("TimeoutInMillis").unwrap_or(HTTP_TIMEOUT_MS),
        })
    }

    fn http_stage(&self, api: &Props<'_>, existing: &[&Declared], id: &str, quick: bool) -> Option<Stage> {
        let stages = self.parts(existing, "AWS::ApiGatewayV2::Stage", "ApiId", id);
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
            if quick {
                return Some(Stage { name: "$default".to_owned(), ..Stage::default() });
            }
            let message = format!("`{}` has no stage: nothing of it is served", api.resource.id);
            self.report.list(RefusedKind::UnsupportedResource, &api.resource.id_span, message, "add a stage");
            return None;
        };
        let props = Props { node, resource, report: self.report };
        let mut stage = Stage {
            name: props.string("StageName").unwrap_or_default(),
            variables: variables(&props, "StageVariables"),
            access_log: props.node.get("AccessLogSettings").is_some(),
            ..Stage::default()
        };
        route_settings(&props, &mut stage);
        Some(stage)
    }
}

fn route(props: &Props<'_>, key: &str, target: Target, authorizer: Option<String>) -> Route {
    let (method, path) = route_key(key);
    Route {
        method,
        path,
        function: target.function,
        payload_format: target.payload_format,
        authorizer,
        api_key_required: false,
        timeout_ms: target.timeout_ms,
        throttle: None,
        span: props.span(),
    }
}
