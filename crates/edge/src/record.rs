//! The one audit record of a request.

use burgward_template::model::ApiKind;
use burgward_types::{AuditRecord, Principal, RecordKind};
use serde_json::{Map, Value};

use crate::api::CompiledApi;
use crate::head::Head;
use crate::stages::Trail;
use crate::stop::Stop;

/// Longer texts of clients are cut: a flood must not fill the log faster than it comes in.
const TEXT_LIMIT: usize = 512;

/// The record of a request that ended with `status`. Query strings are left out: they may hold secrets.
pub(crate) fn record(api: &CompiledApi, head: &Head, trail: Trail, stop: Option<&Stop>, status: u16) -> AuditRecord {
    let principal = match &trail.principal {
        Some(name) => Principal::User { account: api.account.clone(), name: cut(name) },
        None => Principal::Anonymous,
    };
    let mut detail = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            detail.insert(name.to_owned(), value);
        }
    };
    put("api", Some(api.logical_id.clone().into()));
    put("apiId", Some(api.id.clone().into()));
    put("stage", Some(api.stage.clone().into()));
    put("method", Some(head.method.as_str().into()));
    put("path", Some(cut(&head.path).into()));
    put("status", Some(status.into()));
    put("route", trail.route.map(Value::from));
    put("function", trail.function.map(Value::from));
    put("authorizer", trail.authorizer.map(Value::from));
    put("authorizerFromCache", trail.from_cache.then_some(Value::Bool(true)));
    put("apiKeyId", trail.key.map(Value::from));
    put("functionError", trail.function_error.map(Value::from));
    put("stopped_by", stop.map(|stop| stop.by.name().into()));
    let wording = stop.map(|stop| stop.wording(api.kind));
    let code = wording.map(|wording| match api.kind {
        ApiKind::Rest => wording.error_type.to_owned(),
        ApiKind::Http => wording.status.as_u16().to_string(),
    });
    AuditRecord {
        kind: RecordKind::GatewayRequest,
        event_time: head.at,
        event_source: "execute-api.amazonaws.com".to_owned(),
        event_name: "Invoke".to_owned(),
        request_id: head.id.clone(),
        principal,
        access_key_id: None,
        source: head.peer.to_string(),
        user_agent: head.user_agent().map(cut),
        aws_region: api.region.as_str().to_owned(),
        error_code: code,
        error_message: stop.map(|stop| cut(&stop.reason)),
        read_only: head.method.is_safe(),
        decisions: trail.decisions,
        detail: Value::Object(detail),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(TEXT_LIMIT).collect()
}
