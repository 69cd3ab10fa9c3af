//! `AWS::Serverless::Api` and `AWS::Serverless::HttpApi`.

use serde_json::{Value, json};

use crate::build::Builder;
use crate::build::api_settings::{http_cors, method_settings, route_settings, sam_rest_cors, variables};
use crate::build::props::Props;
use crate::diagnostic::RefusedKind;
use crate::model::{Api, ApiKeySource, ApiKind, ResourcePolicy, Stage};

impl Builder<'_> {
    pub(super) fn sam_api(&mut self, props: &Props<'_>) {
        let id = self.eval.id_of(&props.resource.id);
        let mut stage = Stage {
            name: props.string("StageName").unwrap_or_default(),
            variables: variables(props, "Variables"),
            access_log: props.node.get("AccessLogSetting").is_some(),
            tracing: props.flag("TracingEnabled").unwrap_or(false),
            ..Stage::default()
        };
        if props.node.get("StageName").is_none() {
            props.missing("StageName");
        }
        method_settings(props, &mut stage);
        let mut api = self.empty_api(props, ApiKind::Rest, id, stage);
        api.binary_media_types = props.strings("BinaryMediaTypes").iter().map(|t| t.replace("~1", "/")).collect();
        api.cors = sam_rest_cors(props);
        api.api_key_source = key_source(props);
        if let Some(auth) = props.object("Auth") {
            self.sam_api_auth(&auth, &mut api);
        }
        self.app.apis.push(api);
    }

    fn sam_api_auth(&mut self, auth: &Props<'_>, api: &mut Api) {
        for entry in auth.get("Authorizers").map_or(&[][..], |n| n.entries()) {
            let authorizer = self.sam_rest_authorizer(auth, entry, &api.id);
            api.authorizers.extend(authorizer);
        }
        api.default_authorizer = self.default_authorizer(auth);
        api.api_key_required = auth.flag("ApiKeyRequired").unwrap_or(false);
        if let Some(cors) = &mut api.cors {
            if auth.flag("AddDefaultAuthorizerToCorsPreflight") != Some(false) {
                cors.preflight_authorizer.clone_from(&api.default_authorizer);
            }
            let for_key = auth.flag("AddApiKeyRequiredToCorsPreflight") != Some(false);
            cors.preflight_api_key_required = api.api_key_required && for_key;
        }
        if let Some(policy) = auth.object("ResourcePolicy") {
            let statements = policy.get("CustomStatements");
            api.resource_policy = statements.map(|s| self.api_policy(s, &api.id));
        }
        if let Some(plan) = auth.object("UsagePlan") {
            self.sam_usage_plan(&plan, api);
        }
    }

    pub(super) fn sam_http_api(&mut self, props: &Props<'_>) {
        let id = self.eval.id_of(&props.resource.id);
        let mut stage = Stage {
            name: props.string("StageName").unwrap_or_else(|| "$default".to_owned()),
            variables: variables(props, "StageVariables"),
            access_log: props.node.get("AccessLogSettings").is_some(),
            ..Stage::default()
        };
        route_settings(props, &mut stage);
        let mut api = self.empty_api(props, ApiKind::Http, id, stage);
        api.cors = http_cors(props);
        if let Some(auth) = props.object("Auth") {
            for entry in auth.get("Authorizers").map_or(&[][..], |n| n.entries()) {
                let authorizer = self.sam_http_authorizer(&auth, entry, &api.id);
                api.authorizers.extend(authorizer);
            }
            api.default_authorizer = self.default_authorizer(&auth);
        }
        self.app.apis.push(api);
    }

    /// An API without routes.
    pub(super) fn empty_api(&self, props: &Props<'_>, kind: ApiKind, id: String, stage: Stage) -> Api {
        Api {
            logical_id: props.id(),
            span: props.span(),
            id,
            name: props.string("Name").unwrap_or_else(|| self.app.stack_name.clone()),
            kind,
            stage,
            routes: Vec::new(),
            authorizers: Vec::new(),
            default_authorizer: None,
            api_key_required: false,
            api_key_source: ApiKeySource::Header,
            cors: None,
            resource_policy: None,
            binary_media_types: Vec::new(),
        }
    }

    /// The default authorizer must be one of the API's own; IAM is not enforced yet.
    fn default_authorizer(&self, auth: &Props<'_>) -> Option<String> {
        let name = auth.string("DefaultAuthorizer")?;
        let span = auth.span_of("DefaultAuthorizer");
        if name == "AWS_IAM" {
            let hint = "use a Lambda authorizer";
            let kind = RefusedKind::UnsupportedProperty;
            self.report.refuse(kind, &span, "IAM authorization of routes is not enforced yet", hint);
            return None;
        }
        if auth.node.at(&["Authorizers", name.as_str()]).is_none() {
            let message = format!("the default authorizer `{name}` is not defined in `Authorizers`");
            self.report.syntax(&span, message, "define it there");
            return None;
        }
        Some(name)
    }

    /// A resource policy from statements; `execute-api:/` stands for the API's own ARN.
    pub(super) fn api_policy(&self, statements: &crate::tree::Node, api_id: &str) -> ResourcePolicy {
        let spans = match statements.items() {
            [] => vec![statements.span.clone()],
            items => items.iter().map(|n| n.span.clone()).collect(),
        };
        let prefix = format!("arn:aws:execute-api:{}:{}:{api_id}/", self.app.region, self.app.account);
        let mut statement = statements.to_json();
        expand_resources(&mut statement, &prefix, false);
        let document = json!({"Version": "2012-10-17", "Statement": statement});
        ResourcePolicy { document, span: statements.span.clone(), statement_spans: spans }
    }
}

/// Where a REST API takes the key from.
pub(super) fn key_source(props: &Props<'_>) -> ApiKeySource {
    match props.string("ApiKeySourceType").as_deref() {
        Some("AUTHORIZER") => ApiKeySource::Authorizer,
        _ => ApiKeySource::Header,
    }
}

fn expand_resources(value: &mut Value, prefix: &str, in_resource: bool) {
    match value {
        Value::String(text) if in_resource => {
            if let Some(rest) = text.strip_prefix("execute-api:/") {
                *text = format!("{prefix}{rest}");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|v| expand_resources(v, prefix, in_resource)),
        Value::Object(fields) => {
            for (key, inner) in fields.iter_mut() {
                expand_resources(inner, prefix, in_resource || key == "Resource" || key == "NotResource");
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
