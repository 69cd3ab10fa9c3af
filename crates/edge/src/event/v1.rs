//! Format 1.0.

use std::borrow::Cow;

use burgward_template::model::ApiKind;
use serde::Serialize;

use super::context;
use super::fields::{self, Multi, Single};
use crate::api::CompiledApi;
use crate::paths::decode;
use crate::stages::Content;

/// An event of format 1.0; HTTP APIs put the version in front.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
    resource: &'a str,
    path: Cow<'a, str>,
    http_method: &'a str,
    headers: Single<'a>,
    multi_value_headers: Multi<'a>,
    query_string_parameters: Option<Single<'a>>,
    multi_value_query_string_parameters: Option<Multi<'a>>,
    path_parameters: Option<Single<'a>>,
    stage_variables: Option<Single<'a>>,
    request_context: context::V1<'a>,
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

pub(super) fn event<'a>(api: &'a CompiledApi, content: &Content<'a>) -> Event<'a> {
    let (routed, kind) = (content.routed, api.kind);
    let head = routed.head();
    let (body, is_base64_encoded) = fields::body(api, head, content.body);
    Event {
        version: (kind == ApiKind::Http).then_some("1.0"),
        resource: &routed.route().path,
        path: path(api, content),
        http_method: head.method.as_str(),
        headers: fields::headers(head, kind),
        multi_value_headers: fields::multi_headers(head, kind),
        query_string_parameters: fields::query(head).or_null(),
        multi_value_query_string_parameters: fields::multi_query(head).or_null(),
        path_parameters: fields::parameters(routed.parameters(), kind).or_null(),
        stage_variables: fields::variables(api).or_null(),
        request_context: context::v1(api, content),
        body,
        is_base64_encoded,
    }
}

/// REST APIs leave the stage out and the path encoded; HTTP APIs do neither.
pub(super) fn path<'a>(api: &CompiledApi, content: &Content<'a>) -> Cow<'a, str> {
    match api.kind {
        ApiKind::Rest => content.routed.path().into(),
        ApiKind::Http => decode(&content.routed.head().path).into(),
    }
}
