//! Events of authorizers.

use std::borrow::Cow;

use burgward_template::model::{ApiKind, PayloadFormat};
use bytes::Bytes;
use serde::Serialize;

use super::fields::{self, Multi, Single};
use super::{context, v1};
use crate::api::CompiledApi;
use crate::authorizer::{Authorizer, Kind};
use crate::paths::decode;
use crate::stages::{Content, Routed};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TokenEvent<'a> {
    r#type: &'static str,
    method_arn: String,
    authorization_token: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestV1<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
    r#type: &'static str,
    method_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization_token: Option<String>,
    resource: &'a str,
    path: Cow<'a, str>,
    http_method: &'a str,
    headers: Single<'a>,
    multi_value_headers: Multi<'a>,
    query_string_parameters: Single<'a>,
    multi_value_query_string_parameters: Multi<'a>,
    path_parameters: Single<'a>,
    stage_variables: Single<'a>,
    request_context: context::V1<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestV2<'a> {
    version: &'static str,
    r#type: &'static str,
    route_arn: String,
    identity_source: &'a [String],
    route_key: String,
    raw_path: String,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    headers: Single<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_string_parameters: Option<Single<'a>>,
    request_context: context::V2<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_parameters: Option<Single<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage_variables: Option<Single<'a>>,
}

/// The event of a route's authorizer. It has no body.
pub(crate) fn authorizer(
    api: &CompiledApi,
    authorizer: &Authorizer,
    routed: &Routed,
    identity: &[String],
) -> Result<Bytes, serde_json::Error> {
    let content = Content { routed, caller: None, key: None, body: b"" };
    let event = match &authorizer.kind {
        Kind::Token { .. } => serde_json::to_vec(&TokenEvent {
            r#type: "TOKEN",
            method_arn: routed.arn(api),
            authorization_token: identity.first().map_or("", String::as_str),
        }),
        Kind::Request { payload: PayloadFormat::V1, .. } => serde_json::to_vec(&request_v1(api, &content, identity)),
        Kind::Request { payload: PayloadFormat::V2, .. } => serde_json::to_vec(&request_v2(api, &content, identity)),
    };
    event.map(Bytes::from)
}

fn request_v1<'a>(api: &'a CompiledApi, content: &Content<'a>, identity: &[String]) -> RequestV1<'a> {
    let (head, routed) = (content.routed.head(), content.routed);
    let source = (api.kind == ApiKind::Http).then(|| identity.join(","));
    RequestV1 {
        version: (api.kind == ApiKind::Http).then_some("1.0"),
        r#type: "REQUEST",
        method_arn: routed.arn(api),
        identity_source: source.clone(),
        authorization_token: source,
        resource: &routed.route().path,
        path: v1::path(api, content),
        http_method: head.method.as_str(),
        headers: fields::headers(head, api.kind),
        multi_value_headers: fields::multi_headers(head, api.kind),
        query_string_parameters: fields::query(head),
        multi_value_query_string_parameters: fields::multi_query(head),
        path_parameters: fields::parameters(routed.parameters(), api.kind),
        stage_variables: fields::variables(api),
        request_context: context::v1(api, content),
    }
}

fn request_v2<'a>(api: &'a CompiledApi, content: &Content<'a>, identity: &'a [String]) -> RequestV2<'a> {
    let (head, routed) = (content.routed.head(), content.routed);
    RequestV2 {
        version: "2.0",
        r#type: "REQUEST",
        route_arn: routed.arn(api),
        identity_source: identity,
        route_key: routed.route_key(),
        raw_path: decode(&head.path),
        raw_query_string: &head.raw_query,
        cookies: fields::cookies(head),
        headers: fields::joined_headers(head),
        query_string_parameters: fields::joined_query(head).or_null(),
        request_context: context::v2(api, content),
        path_parameters: fields::parameters(routed.parameters(), api.kind).or_null(),
        stage_variables: fields::variables(api).or_null(),
    }
}
