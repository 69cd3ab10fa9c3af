//! The one audit record of a request.

use burgward_types::{AuditRecord, RecordKind};
use burgward_wire::Protocol;
use http::Response;
use serde_json::Value;

use crate::{Body, CallInfo, Guard, ServiceError};

/// Writes the record and lets the answer out; without a record there is no answer but an error.
pub(super) async fn write(
    guard: &Guard,
    info: &CallInfo,
    protocol: &Protocol,
    response: Response<Body>,
) -> Response<Body> {
    match guard.recorder().record(of(info, &response)).await {
        Ok(()) => response,
        Err(error) => {
            let error = ServiceError::internal(error);
            super::encoded(protocol.error(&error.shape(protocol), info.request_id().as_str()))
        }
    }
}

fn of(info: &CallInfo, response: &Response<Body>) -> AuditRecord {
    let facts = &info.0;
    let mut steps = facts.trail.steps();
    if steps.error.is_none() && response.status().as_u16() >= 400 {
        steps.error = Some((response.status().as_u16().to_string(), String::new()));
    }
    let (error_code, error_message) = steps.error.take().unzip();
    let detail = std::mem::take(&mut steps.detail);
    AuditRecord {
        kind: RecordKind::AwsApiCall,
        event_time: facts.at,
        event_source: format!("{}.amazonaws.com", steps.service.unwrap_or("unknown")),
        event_name: steps.event_name.take().unwrap_or_else(|| "Unknown".to_owned()),
        request_id: facts.request_id.clone(),
        principal: facts.caller.principal.clone(),
        access_key_id: facts.presented_key.clone(),
        source: facts.caller.origin.to_string(),
        user_agent: facts.user_agent.as_deref().map(str::to_owned),
        aws_region: facts.region.to_string(),
        error_code,
        error_message,
        read_only: steps.read_only,
        decisions: std::mem::take(&mut steps.decisions),
        detail: if detail.is_empty() { Value::Null } else { Value::Object(detail) },
    }
}
