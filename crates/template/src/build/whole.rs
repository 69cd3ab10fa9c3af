//! What can be judged only once all resources are read.

use std::collections::HashMap;

use burgward_diag::Span;

use crate::build::Builder;
use crate::build::props::Props;
use crate::template::Declared;

/// Parts of APIs, the property that names the API, and the API's type.
const PARTS: &[(&str, &str, &str)] = &[
    ("AWS::ApiGateway::Resource", "RestApiId", "AWS::ApiGateway::RestApi"),
    ("AWS::ApiGateway::Method", "RestApiId", "AWS::ApiGateway::RestApi"),
    ("AWS::ApiGateway::Deployment", "RestApiId", "AWS::ApiGateway::RestApi"),
    ("AWS::ApiGateway::Stage", "RestApiId", "AWS::ApiGateway::RestApi"),
    ("AWS::ApiGateway::Authorizer", "RestApiId", "AWS::ApiGateway::RestApi"),
    ("AWS::ApiGatewayV2::Integration", "ApiId", "AWS::ApiGatewayV2::Api"),
    ("AWS::ApiGatewayV2::Route", "ApiId", "AWS::ApiGatewayV2::Api"),
    ("AWS::ApiGatewayV2::Stage", "ApiId", "AWS::ApiGatewayV2::Api"),
    ("AWS::ApiGatewayV2::Deployment", "ApiId", "AWS::ApiGatewayV2::Api"),
    ("AWS::ApiGatewayV2::Authorizer", "ApiId", "AWS::ApiGatewayV2::Api"),
];

impl Builder<'_> {
    /// A part of an API that belongs to none of the template's would be left out: a method that is not there may
    /// open the wider one behind it.
    pub(super) fn refuse_strays(&self, existing: &[&Declared]) {
        for resource in existing {
            let Some((_, key, owner)) = PARTS.iter().find(|(kind, ..)| *kind == resource.kind) else { continue };
            let Some(node) = self.eval.value(&resource.properties) else { continue };
            let props = Props { node: &node, resource, report: self.report };
            if node.get(key).is_none() {
                props.missing(key);
                continue;
            }
            let Some(id) = props.string(key) else { continue };
            if !existing.iter().any(|r| r.kind == *owner && self.eval.id_of(&r.id) == id) {
                let what = format!("the API of `{}`", resource.id);
                let why = format!("no {owner} of the template has this id");
                self.report.unresolved(&props.span_of(key), &what, &why);
            }
        }
    }

    /// Names are given once, and a method of a path has one route.
    pub(super) fn refuse_doubles(&self) {
        let app = &self.app;
        let mut named: Vec<(&str, &str, &Span)> = Vec::new();
        named.extend(app.functions.iter().map(|f| ("function", f.name.as_str(), &f.span)));
        named.extend(app.tables.iter().map(|t| ("table", t.name.as_str(), &t.span)));
        named.extend(app.buckets.iter().map(|b| ("bucket", b.name.as_str(), &b.span)));
        named.extend(app.parameters.iter().map(|p| ("parameter", p.name.as_str(), &p.span)));
        named.extend(app.secrets.iter().map(|s| ("secret", s.name.as_str(), &s.span)));
        named.extend(app.roles.iter().map(|r| ("role", r.name.as_str(), &r.span)));
        named.extend(app.log_groups.iter().map(|g| ("log group", g.name.as_str(), &g.span)));
        self.refuse_repeated(&named);
        for api in &app.apis {
            let keys: Vec<_> = api.routes.iter().map(|r| (format!("{} {}", r.method, r.path), &r.span)).collect();
            self.refuse_repeated(&keys.iter().map(|(key, span)| ("route", key.as_str(), *span)).collect::<Vec<_>>());
        }
    }

    fn refuse_repeated(&self, named: &[(&str, &str, &Span)]) {
        let mut seen: HashMap<(&str, &str), &Span> = HashMap::new();
        for &(what, name, span) in named {
            if let Some(first) = seen.insert((what, name), span) {
                let message = format!("a second {what} `{name}`: the first is at {}", first.place());
                self.report.syntax(span, message, "give each its own, or write one");
            }
        }
    }
}
