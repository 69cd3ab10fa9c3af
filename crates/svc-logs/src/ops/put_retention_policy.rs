//! `PutRetentionPolicy`: how many days a group keeps its events.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>

use burgward_service::{Access, Call, JsonOperation, Need, Operation, OperationInfo, Permit, Reply, Scope, ServiceError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{existing, on_logs, parameter};
use crate::Logs;
use crate::shelf::Group;

/// The numbers of days that there are.
const DAYS: [u32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/// The operation `PutRetentionPolicy`.
#[derive(Debug)]
pub(crate) struct PutRetentionPolicy;

/// What it takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
    retention_in_days: u32,
}

impl Operation for PutRetentionPolicy {
    const INFO: OperationInfo =
        OperationInfo { service: "logs", name: "PutRetentionPolicy", actions: &["logs:PutRetentionPolicy"], access: Access::Write };
}

impl JsonOperation for PutRetentionPolicy {
    type State = Logs;
    type Input = Input;

    fn parse(call: &Call) -> Result<Input, ServiceError> {
        call.json()
    }

    fn needs(state: &Logs, input: &Input, _: &Scope) -> Result<Vec<Need>, ServiceError> {
        Ok(vec![on_logs(state, "logs:PutRetentionPolicy", &input.log_group_name, "")?])
    }

    async fn run(state: &Logs, _: Permit<Self>, input: Input) -> Result<Reply, ServiceError> {
        if !DAYS.contains(&input.retention_in_days) {
            return Err(parameter(format!("retentionInDays must be one of {DAYS:?}.")));
        }
        loop {
            let before = existing(state, &input.log_group_name)?;
            let group = Group { retention_days: Some(input.retention_in_days), ..before.clone() };
            if state.shelf.set_group(Some(&before), &group).await? {
                return Ok(Reply::nothing());
            }
        }
    }

    fn example(_: &Scope) -> Value {
        json!({"logGroupName": "example", "retentionInDays": 7})
    }
}
