//! `CreateLogGroup`: a new log group.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html>

use burgward_service::{Access, Call, JsonOperation, Need, Operation, OperationInfo, Permit, Reply, Scope, ServiceError};
use serde::Deserialize;
use serde_json::{Value, json};

use std::collections::BTreeMap;

use super::{on_logs, parameter};
use crate::Logs;
use crate::shelf::Group;

/// The operation `CreateLogGroup`.
#[derive(Debug)]
pub(crate) struct CreateLogGroup;

/// What it takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
    #[serde(default)]
    kms_key_id: Option<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    log_group_class: Option<String>,
}

impl Operation for CreateLogGroup {
    const INFO: OperationInfo =
        OperationInfo { service: "logs", name: "CreateLogGroup", actions: &["logs:CreateLogGroup", "logs:TagResource"], access: Access::Write };
}

impl JsonOperation for CreateLogGroup {
    type State = Logs;
    type Input = Input;

    fn parse(call: &Call) -> Result<Input, ServiceError> {
        call.json()
    }

    fn needs(state: &Logs, input: &Input, _: &Scope) -> Result<Vec<Need>, ServiceError> {
        let mut need = on_logs(state, "logs:CreateLogGroup", &input.log_group_name, "")?;
        if input.tags.is_empty() {
            return Ok(vec![need]);
        }
        let mut tagging = on_logs(state, "logs:TagResource", &input.log_group_name, "")?;
        for (key, value) in &input.tags {
            let key = format!("aws:RequestTag/{key}");
            need = need.with(&key, value.as_str());
            tagging = tagging.with(&key, value.as_str());
        }
        let keys: Vec<String> = input.tags.keys().cloned().collect();
        Ok(vec![need.with("aws:TagKeys", keys.clone()), tagging.with("aws:TagKeys", keys)])
    }

    async fn run(state: &Logs, _: Permit<Self>, input: Input) -> Result<Reply, ServiceError> {
        if input.kms_key_id.is_some() {
            return Err(parameter("A key of the caller's choice is not served here; logs are encrypted without one."));
        }
        if input.log_group_class.as_deref().is_some_and(|class| class != "STANDARD") {
            return Err(parameter("Only the class STANDARD is served here."));
        }
        let group = Group {
            name: input.log_group_name,
            created: state.clock.now(),
            retention_days: None,
            tags: input.tags.into_iter().collect(),
        };
        if state.shelf.set_group(None, &group).await? {
            return Ok(Reply::nothing());
        }
        Err(ServiceError::client("ResourceAlreadyExistsException", "The specified log group already exists"))
    }

    fn example(_: &Scope) -> Value {
        json!({"logGroupName": "example"})
    }
}
