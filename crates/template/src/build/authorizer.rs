//! Lambda authorizers, as SAM and as CloudFormation write them.

use crate::build::Builder;
use crate::build::props::Props;
use crate::diagnostic::RefusedKind;
use crate::model::{Authorizer, AuthorizerKind, IdentitySource, PayloadFormat};
use crate::tree::Entry;

/// Makes a source from a name.
type MakeSource = fn(String) -> IdentitySource;

/// How long REST APIs keep an authorizer's answer by default.
const REST_TTL: u32 = 300;

impl Builder<'_> {
    /// An authorizer below `Auth.Authorizers` of a REST API.
    pub(super) fn sam_rest_authorizer(&mut self, props: &Props<'_>, entry: &Entry, api_id: &str) -> Option<Authorizer> {
        let inner = props.inside(&entry.value);
        let function = self.authorizer_function(&inner, "FunctionArn", entry)?;
        let identity = inner.object("Identity");
        let ttl_secs = identity.and_then(|i| i.number("ReauthorizeEvery")).unwrap_or(REST_TTL);
        let kind = if inner.string("FunctionPayloadType").as_deref() == Some("REQUEST") {
            let identity = identity.map_or_else(Vec::new, |i| sam_sources(&i));
            if identity.is_empty() && ttl_secs > 0 {
                let hint =
                    "name headers, query strings, stage variables or context values, or set `ReauthorizeEvery: 0`";
                self.report.syntax(
                    &entry.key_span,
                    format!("the authorizer `{}` has no identity source", entry.key),
                    hint,
                );
            }
            AuthorizerKind::Request { identity, payload_version: PayloadFormat::V1, simple_responses: false }
        } else {
            AuthorizerKind::Token {
                header: identity.and_then(|i| i.string("Header")).unwrap_or_else(|| "Authorization".to_owned()),
                validation: identity.and_then(|i| i.string("ValidationExpression")),
            }
        };
        if inner.flag("DisableFunctionDefaultPermissions") != Some(true) {
            self.authorizer_permission(props, entry, &function, api_id);
        }
        Some(Authorizer { name: entry.key.clone(), kind, function, ttl_secs, span: entry.key_span.clone() })
    }

    /// An authorizer below `Auth.Authorizers` of an HTTP API.
    pub(super) fn sam_http_authorizer(&mut self, props: &Props<'_>, entry: &Entry, api_id: &str) -> Option<Authorizer> {
        let inner = props.inside(&entry.value);
        if inner.node.get("JwtConfiguration").is_some() {
            return None;
        }
        let function = self.authorizer_function(&inner, "FunctionArn", entry)?;
        let identity = inner.object("Identity");
        let payload_version = match inner.string("AuthorizerPayloadFormatVersion").as_deref() {
            Some("1.0" | "1") => PayloadFormat::V1,
            Some("2.0" | "2") => PayloadFormat::V2,
            _ => {
                let message = format!("the authorizer `{}` has no `AuthorizerPayloadFormatVersion`", entry.key);
                self.report.syntax(&entry.key_span, message, "`1.0` or `2.0`");
                PayloadFormat::V2
            }
        };
        let kind = AuthorizerKind::Request {
            identity: identity.map_or_else(Vec::new, |i| sam_sources(&i)),
            payload_version,
            simple_responses: inner.flag("EnableSimpleResponses").unwrap_or(false),
        };
        if inner.flag("EnableFunctionDefaultPermissions") == Some(true) {
            self.authorizer_permission(props, entry, &function, api_id);
        }
        let ttl_secs = identity.and_then(|i| i.number("ReauthorizeEvery")).unwrap_or(0);
        Some(Authorizer { name: entry.key.clone(), kind, function, ttl_secs, span: entry.key_span.clone() })
    }

    fn authorizer_permission(&mut self, props: &Props<'_>, entry: &Entry, function: &str, api_id: &str) {
        let logical_id = format!("{}{}AuthorizerPermission", props.resource.id, entry.key);
        self.api_permission(logical_id, function.to_owned(), &format!("{api_id}/authorizers/*"), &entry.key_span);
    }

    fn authorizer_function(&self, inner: &Props<'_>, key: &str, entry: &Entry) -> Option<String> {
        if inner.node.get(key).is_none() {
            let message = format!("the authorizer `{}` names no function", entry.key);
            self.report.syntax(&entry.key_span, message, "Lambda authorizers need `FunctionArn`");
        }
        let target = inner.string(key)?;
        let found = self.function_of(&target).map(|(id, _)| id);
        if found.is_none() {
            let message = format!("the function of the authorizer `{}` is not in the template", entry.key);
            self.report.refuse(RefusedKind::Unresolved, &inner.span_of(key), message, "use `!GetAtt Function.Arn`");
        }
        found
    }

    /// `AWS::ApiGateway::Authorizer` and `AWS::ApiGatewayV2::Authorizer`.
    pub(super) fn cfn_authorizer(&self, props: &Props<'_>, rest: bool) -> Option<Authorizer> {
        let (type_key, ttl) = if rest { ("Type", REST_TTL) } else { ("AuthorizerType", 0) };
        let kind = props.string(type_key).unwrap_or_default();
        if kind != "REQUEST" && !(rest && kind == "TOKEN") {
            let message = format!("authorizers of type `{kind}` are not run");
            let hint = "use a Lambda authorizer";
            self.report.refuse(RefusedKind::UnsupportedProperty, &props.span_of(type_key), message, hint);
            return None;
        }
        let target = props.string("AuthorizerUri").unwrap_or_default();
        let Some((function, _)) = self.function_of(&target) else {
            let message = "the function of this authorizer is not in the template";
            self.report.refuse(RefusedKind::Unresolved, &props.span_of("AuthorizerUri"), message, "use `!GetAtt`");
            return None;
        };
        let mut sources = Vec::new();
        for written in props.strings("IdentitySource").iter().flat_map(|t| t.split(',')) {
            let source = cfn_source(written);
            if source.is_none() {
                let message = format!("`{}` is no identity source", written.trim());
                let hint = "such as `method.request.header.Auth`, or `$request.header.Auth` on HTTP APIs";
                self.report.syntax(&props.span_of("IdentitySource"), message, hint);
            }
            sources.extend(source);
        }
        let kind = if kind == "TOKEN" {
            let header =
                sources.iter().find_map(|s| if let IdentitySource::Header(h) = s { Some(h.clone()) } else { None });
            AuthorizerKind::Token {
                header: header.unwrap_or_else(|| "Authorization".to_owned()),
                validation: props.string("IdentityValidationExpression"),
            }
        } else {
            let v1 = rest || props.string("AuthorizerPayloadFormatVersion").is_some_and(|v| v.starts_with('1'));
            AuthorizerKind::Request {
                identity: sources,
                payload_version: if v1 { PayloadFormat::V1 } else { PayloadFormat::V2 },
                simple_responses: props.flag("EnableSimpleResponses").unwrap_or(false),
            }
        };
        let ttl_secs = props.number("AuthorizerResultTtlInSeconds").unwrap_or(ttl);
        let name = props.string("Name").unwrap_or_else(|| props.id());
        Some(Authorizer { name, kind, function, ttl_secs, span: props.span() })
    }
}

fn sam_sources(identity: &Props<'_>) -> Vec<IdentitySource> {
    let kinds: [(&str, MakeSource); 4] = [
        ("Headers", IdentitySource::Header),
        ("QueryStrings", IdentitySource::Query),
        ("StageVariables", IdentitySource::StageVariable),
        ("Context", IdentitySource::Context),
    ];
    kinds.iter().flat_map(|(key, make)| identity.strings(key).into_iter().map(make)).collect()
}

/// `method.request.header.Auth`, `context.identity.sourceIp` or `$request.header.Auth`.
fn cfn_source(part: &str) -> Option<IdentitySource> {
    let part = part.trim().trim_start_matches('$').trim_start_matches("method.");
    let kinds: [(&str, MakeSource); 4] = [
        ("request.header.", IdentitySource::Header),
        ("request.querystring.", IdentitySource::Query),
        ("stageVariables.", IdentitySource::StageVariable),
        ("context.", IdentitySource::Context),
    ];
    kinds.iter().find_map(|(prefix, make)| part.strip_prefix(prefix).map(|rest| make(rest.to_owned())))
}
