//! `requestContext`.

use std::borrow::Cow;

use burgward_template::model::ApiKind;
use serde::Serialize;

use super::fields::Pairs;
use crate::api::{CompiledApi, resource_id};
use crate::head::{Head, host_name};
use crate::paths::decode;
use crate::stages::{Caller, Content};

/// Who calls, in format 1.0. All but key, address and agent stay empty without IAM or Cognito.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Identity<'a> {
    cognito_identity_pool_id: (),
    account_id: (),
    cognito_identity_id: (),
    caller: (),
    source_ip: String,
    principal_org_id: (),
    access_key: (),
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key_id: Option<&'a str>,
    cognito_authentication_type: (),
    cognito_authentication_provider: (),
    user_arn: (),
    user_agent: Option<&'a str>,
    user: (),
}

/// The context of format 1.0.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct V1<'a> {
    resource_id: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<Pairs<'a, FieldValue>>,
    resource_path: &'a str,
    http_method: &'a str,
    extended_request_id: &'a str,
    request_time: String,
    path: Cow<'a, str>,
    account_id: &'a str,
    protocol: &'a str,
    stage: &'a str,
    domain_prefix: &'a str,
    request_time_epoch: i64,
    request_id: &'a str,
    identity: Identity<'a>,
    domain_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    deployment_id: Option<String>,
    api_id: &'a str,
}

/// A value that an authorizer hands to the function.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum FieldValue {
    Text(String),
    Number(i64),
}

/// The context of format 2.0.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct V2<'a> {
    account_id: &'a str,
    api_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<LambdaContext<'a>>,
    domain_name: &'a str,
    domain_prefix: &'a str,
    http: Http<'a>,
    request_id: &'a str,
    route_key: String,
    stage: &'a str,
    time: String,
    time_epoch: i64,
}

#[derive(Debug, Serialize)]
struct LambdaContext<'a> {
    lambda: Option<&'a serde_json::Map<String, serde_json::Value>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: String,
    protocol: &'a str,
    source_ip: String,
    user_agent: &'a str,
}

pub(super) fn v1<'a>(api: &'a CompiledApi, content: &Content<'a>) -> V1<'a> {
    let (head, route) = (content.routed.head(), content.routed.route());
    let rest = api.kind == ApiKind::Rest;
    V1 {
        resource_id: if rest { route.resource_id.as_str().into() } else { content.routed.route_key().into() },
        authorizer: content.caller.map(|caller| flat(api.kind, caller)),
        resource_path: &route.path,
        http_method: head.method.as_str(),
        extended_request_id: if rest { &head.extended_id } else { head.id.as_str() },
        request_time: head.at.common_log(),
        path: if rest { head.path.as_str().into() } else { decode(&head.path).into() },
        account_id: api.account.as_str(),
        protocol: head.protocol,
        stage: &api.stage,
        domain_prefix: prefix(head),
        request_time_epoch: head.at.0,
        request_id: head.id.as_str(),
        identity: Identity {
            cognito_identity_pool_id: (),
            account_id: (),
            cognito_identity_id: (),
            caller: (),
            source_ip: head.source_ip(),
            principal_org_id: (),
            access_key: (),
            api_key: content.key.map(|key| key.value.as_str()),
            api_key_id: content.key.map(|key| key.id.as_str()),
            cognito_authentication_type: (),
            cognito_authentication_provider: (),
            user_arn: (),
            user_agent: head.user_agent(),
            user: (),
        },
        domain_name: &head.host,
        deployment_id: rest.then(|| resource_id(&api.id, "deployment")),
        api_id: &api.id,
    }
}

pub(super) fn v2<'a>(api: &'a CompiledApi, content: &Content<'a>) -> V2<'a> {
    let head = content.routed.head();
    V2 {
        account_id: api.account.as_str(),
        api_id: &api.id,
        authorizer: content.caller.map(|caller| LambdaContext { lambda: caller.grant.context.as_ref() }),
        domain_name: &head.host,
        domain_prefix: prefix(head),
        http: Http {
            method: head.method.as_str(),
            path: decode(&head.path),
            protocol: head.protocol,
            source_ip: head.source_ip(),
            user_agent: head.user_agent().unwrap_or(""),
        },
        request_id: head.id.as_str(),
        route_key: content.routed.route_key(),
        stage: &api.stage,
        time: head.at.common_log(),
        time_epoch: head.at.0,
    }
}

/// The authorizer's context; REST APIs add how long it took.
fn flat(kind: ApiKind, caller: &Caller) -> Pairs<'_, FieldValue> {
    let fields = caller.grant.flat_context().into_iter();
    let mut pairs: Vec<_> = fields.map(|(name, value)| (Cow::from(name), FieldValue::Text(value))).collect();
    if kind == ApiKind::Rest {
        pairs.retain(|(name, _)| name != "integrationLatency");
        pairs.push(("integrationLatency".into(), FieldValue::Number(caller.latency_millis)));
    }
    Pairs(pairs)
}

/// The first label of the domain; on this machine the name without its port.
fn prefix(head: &Head) -> &str {
    let name = host_name(&head.host);
    if name.parse::<std::net::IpAddr>().is_ok() { name } else { name.split('.').next().unwrap_or(name) }
}
