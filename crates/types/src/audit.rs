//! The record of a decision, shaped like a CloudTrail event.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Principal, RequestId, Timestamp};

/// What kind of event a record tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordKind {
    /// A call of an AWS API.
    AwsApiCall,
    /// A request at the gateway.
    GatewayRequest,
    /// An invocation of a function.
    Invocation,
    /// What the operator did: keys issued, enforcement relaxed, start, stop.
    Operator,
}

/// The outcome of an authorization and what decided it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRecord {
    /// The action asked for.
    pub action: String,
    /// The resource asked for.
    pub resource: String,
    /// `Allow`, `ImplicitDeny` or `ExplicitDeny`.
    pub effect: String,
    /// The layer that decided: `identity`, `resource`, `boundary` ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// The policy that decided, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The statement's index in that policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<u32>,
    /// Where the statement stands, as `file:line`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// True where `--permissive` let a denial through.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub permitted_despite_denial: bool,
}

/// One event of the audit log. It never holds a secret value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditRecord {
    /// What kind of event this is.
    pub kind: RecordKind,
    /// When it happened.
    pub event_time: Timestamp,
    /// `dynamodb.amazonaws.com`, `execute-api.amazonaws.com` ...
    pub event_source: String,
    /// The operation's name as CloudTrail writes it.
    pub event_name: String,
    /// The request id that joins all logs.
    pub request_id: RequestId,
    /// Who asked.
    pub principal: Principal,
    /// The access key id used, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<String>,
    /// The address the request came from, or the sandbox.
    pub source: String,
    /// What the client called itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// The region the request was signed for.
    pub aws_region: String,
    /// The error's code, if the request failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// The error's message, if the request failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// True if the operation only reads.
    pub read_only: bool,
    /// Every authorization made for this request.
    pub decisions: Vec<DecisionRecord>,
    /// Further fields, without secret values.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub detail: Value,
}
