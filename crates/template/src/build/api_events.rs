//! Functions' `Api` and `HttpApi` events: routes, and the permissions that SAM gives the API.

use burgward_diag::Span;

use crate::build::Builder;
use crate::build::api_settings::throttle;
use crate::build::props::Props;
use crate::diagnostic::RefusedKind;
use crate::model::{ApiKind, LambdaPermission, PayloadFormat, Route};
use crate::rules::judge;
use crate::template::Declared;
use crate::tree::{Entry, Node};

/// The id of the API that SAM makes for events that name none.
pub(crate) const IMPLICIT_REST: &str = "ServerlessRestApi";
/// The same for `HttpApi` events.
pub(crate) const IMPLICIT_HTTP: &str = "ServerlessHttpApi";

/// Integrations wait this long unless the template says otherwise.
pub(super) const REST_TIMEOUT_MS: u32 = 29_000;
pub(super) const HTTP_TIMEOUT_MS: u32 = 30_000;

impl Builder<'_> {
    pub(super) fn events(&mut self, existing: &[&Declared]) {
        for resource in existing.iter().filter(|r| r.kind == "AWS::Serverless::Function") {
            let Some(events) = resource.properties.get("Events").and_then(|n| self.eval.value(n)) else { continue };
            for event in events.entries() {
                self.event(resource, event);
            }
        }
    }

    fn event(&mut self, resource: &Declared, event: &Entry) {
        judge("Event", &event.value, self.report);
        let empty = Node::empty_map(&event.key_span);
        let node = event.value.get("Properties").unwrap_or(&empty);
        let props = Props { node, resource, report: self.report };
        match event.value.get("Type").and_then(|n| n.scalar()).as_deref() {
            Some("Api") => self.api_event(&props, event),
            Some("HttpApi") => self.http_event(&props, event),
            Some(other) => {
                let message =
                    format!("the event `{}` of type {other} does not invoke `{}` here", event.key, resource.id);
                let hint = "only Api and HttpApi events invoke functions yet";
                self.report.refuse(RefusedKind::UnsupportedProperty, &event.key_span, message, hint);
            }
            None => {
                self.report.syntax(
                    &event.key_span,
                    format!("the event `{}` has no `Type`", event.key),
                    "name its type",
                );
            }
        }
    }

    fn api_event(&mut self, props: &Props<'_>, event: &Entry) {
        judge("ApiEvent", props.node, self.report);
        let Some((method, path)) = Self::method_and_path(props, event) else { return };
        let Some(at) = self.event_api(props, "RestApiId", IMPLICIT_REST, ApiKind::Rest, event) else { return };
        let auth = props.object("Auth");
        let key = auth.and_then(|a| a.flag("ApiKeyRequired"));
        let authorizer = self.event_authorizer(auth, at);
        let Some(api) = self.app.apis.get(at) else { return };
        let route = Route {
            method,
            path,
            function: props.id(),
            payload_format: PayloadFormat::V1,
            authorizer,
            api_key_required: key.unwrap_or(api.api_key_required),
            timeout_ms: props.number("TimeoutInMillis").unwrap_or(REST_TIMEOUT_MS),
            throttle: None,
            span: event.key_span.clone(),
        };
        self.add_route(at, route, &event.key, props.string("RestApiId").as_deref());
    }

    fn http_event(&mut self, props: &Props<'_>, event: &Entry) {
        judge("HttpApiEvent", props.node, self.report);
        let given = props.node.get("Path").is_some() || props.node.get("Method").is_some();
        let route = if given { Self::method_and_path(props, event) } else { Some(("ANY".into(), "$default".into())) };
        let Some((method, path)) = route else { return };
        let Some(at) = self.event_api(props, "ApiId", IMPLICIT_HTTP, ApiKind::Http, event) else { return };
        let auth = props.object("Auth");
        let settings = props.object("RouteSettings");
        let v1 = props.string("PayloadFormatVersion").is_some_and(|v| v.starts_with('1'));
        let route = Route {
            method,
            path,
            function: props.id(),
            payload_format: if v1 { PayloadFormat::V1 } else { PayloadFormat::V2 },
            authorizer: self.event_authorizer(auth, at),
            api_key_required: false,
            timeout_ms: props.number("TimeoutInMillis").unwrap_or(HTTP_TIMEOUT_MS),
            throttle: settings.and_then(|s| throttle(&s, "ThrottlingRateLimit", "ThrottlingBurstLimit")),
            span: event.key_span.clone(),
        };
        self.add_route(at, route, &event.key, props.string("ApiId").as_deref());
    }

    fn method_and_path(props: &Props<'_>, event: &Entry) -> Option<(String, String)> {
        let both = props.string("Method").zip(props.string("Path"));
        if both.is_none() {
            let message = format!("the event `{}` needs `Path` and `Method`", event.key);
            props.report.syntax(&event.key_span, message, "such as `Path: /pets` and `Method: get`");
        }
        let (method, path) = both?;
        let method = if method == "*" { "ANY".to_owned() } else { method.to_uppercase() };
        Some((method, path))
    }

    /// The API that an event names, by `Ref` or by logical id, or the implicit one.
    fn event_api(&self, props: &Props<'_>, key: &str, implicit: &str, kind: ApiKind, event: &Entry) -> Option<usize> {
        let named = match props.node.get(key) {
            Some(_) => props.string(key)?,
            None => implicit.to_owned(),
        };
        let found = self.app.apis.iter().position(|a| a.kind == kind && (a.id == named || a.logical_id == named));
        if found.is_none() {
            let message = format!("the event `{}` refers to no API of its kind in the template", event.key);
            self.report.syntax(&props.span_of(key), message, "name an API of this template with `!Ref`");
        }
        found
    }

    /// The event's authorizer, or the API's default; `NONE` lifts the default.
    fn event_authorizer(&self, auth: Option<Props<'_>>, at: usize) -> Option<String> {
        let api = self.app.apis.get(at)?;
        let Some((auth, name)) = auth.and_then(|a| Some((a, a.string("Authorizer")?))) else {
            return api.default_authorizer.clone();
        };
        let span = auth.span_of("Authorizer");
        if name == "NONE" {
            if api.default_authorizer.is_none() {
                let message = "`NONE` is only valid where the API has a `DefaultAuthorizer`";
                self.report.syntax(&span, message, "remove it");
            }
            return None;
        }
        if name == "AWS_IAM" {
            let message = "IAM authorization of routes is not enforced yet";
            self.report.refuse(RefusedKind::UnsupportedProperty, &span, message, "use a Lambda authorizer");
        } else if !api.authorizers.iter().any(|a| a.name == name) {
            let message = format!("the authorizer `{name}` is not one that `{}` runs", api.logical_id);
            self.report.syntax(&span, message, "define it below `Auth.Authorizers` of the API");
        }
        Some(name)
    }

    /// SAM puts the API's name into the permission as the event writes it: a bare logical id stays one, and then the
    /// permission matches no API, on AWS as here.
    fn add_route(&mut self, at: usize, route: Route, event: &str, written: Option<&str>) {
        let Some(api) = self.app.apis.get_mut(at) else { return };
        if api.routes.iter().any(|r| r.method == route.method && r.path == route.path) {
            let message = format!("`{} {}` is defined twice", route.method, route.path);
            self.report.syntax(&route.span, message, "an API has one function for a method and path");
            return;
        }
        let resource = permission_path(&route, written.unwrap_or(&api.id), api.kind);
        let suffix = if api.kind == ApiKind::Rest { api.stage.name.as_str() } else { "" };
        let logical_id = format!("{}{event}Permission{suffix}", route.function);
        let (function, span) = (route.function.clone(), route.span.clone());
        api.routes.push(route);
        self.api_permission(logical_id, function, &resource, &span);
    }

    /// SAM lets the API invoke the function for this method and path.
    pub(super) fn api_permission(&mut self, logical_id: String, function: String, resource: &str, span: &Span) {
        let permission = LambdaPermission {
            logical_id,
            qualifier: self.app.function(&function).and_then(|f| f.alias.clone()),
            function,
            action: "lambda:InvokeFunction".to_owned(),
            principal: "apigateway.amazonaws.com".to_owned(),
            source_arn: Some(format!("arn:aws:execute-api:{}:{}:{resource}", self.app.region, self.app.account)),
            source_account: None,
            span: span.clone(),
        };
        self.app.lambda_permissions.push(permission);
    }
}

/// `apiid/*/GET/pets/*`: parameters become `*`, a slash at the end is dropped.
fn permission_path(route: &Route, api_id: &str, kind: ApiKind) -> String {
    let method = if route.method == "ANY" { "*" } else { route.method.as_str() };
    if kind == ApiKind::Http && route.path == "$default" {
        return format!("{api_id}/*/*");
    }
    let path = if route.path.len() > 1 { route.path.trim_end_matches('/') } else { route.path.as_str() };
    let segment = |s: &str| if s.starts_with('{') && s.ends_with('}') { "*".to_owned() } else { s.to_owned() };
    let path = path.split('/').map(segment).collect::<Vec<_>>().join("/");
    format!("{api_id}/*/{method}{path}")
}
