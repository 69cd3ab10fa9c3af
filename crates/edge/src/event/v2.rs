//! Format 2.0: what is empty is left out.

use std::borrow::Cow;

use serde::Serialize;

use super::context;
use super::fields::{self, Single};
use crate::api::CompiledApi;
use crate::paths::decode;
use crate::stages::Content;

/// An event of format 2.0.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event<'a> {
    version: &'static str,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

pub(super) fn event<'a>(api: &'a CompiledApi, content: &Content<'a>) -> Event<'a> {
    let head = content.routed.head();
    let (body, is_base64_encoded) = fields::body(api, head, content.body);
    Event {
        version: "2.0",
        route_key: content.routed.route_key(),
        raw_path: decode(&head.path),
        raw_query_string: &head.raw_query,
        cookies: fields::cookies(head),
        headers: fields::joined_headers(head),
        query_string_parameters: fields::joined_query(head).or_null(),
        request_context: context::v2(api, content),
        path_parameters: fields::parameters(content.routed.parameters(), api.kind).or_null(),
        stage_variables: fields::variables(api).or_null(),
        body,
        is_base64_encoded,
    }
}
