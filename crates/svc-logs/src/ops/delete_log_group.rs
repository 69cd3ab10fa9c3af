//! `DeleteLogGroup`: a log group goes with everything in it.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html>

use burgward_service::{Access, Call, JsonOperation, Need, Operation, OperationInfo, Permit, Reply, Scope, ServiceError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{existing, on_logs};
use crate::Logs;

/// The operation `DeleteLogGroup`.
#[derive(Debug)]
pub(crate) struct DeleteLogGroup;

/// What it takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
}

impl Operation for DeleteLogGroup {
    const INFO: OperationInfo =
        OperationInfo { service: "logs", name: "DeleteLogGroup", actions: &["logs:DeleteLogGroup"], access: Access::Write };
}

impl JsonOperation for DeleteLogGroup {
    type State = Logs;
    type Input = Input;

    fn parse(call: &Call) -> Result<Input, ServiceError> {
        call.json()
    }

    fn needs(state: &Logs, input: &Input, _: &Scope) -> Result<Vec<Need>, ServiceError> {
        Ok(vec![on_logs(state, "logs:DeleteLogGroup", &input.log_group_name, "")?])
    }

    async fn run(state: &Logs, _: Permit<Self>, input: Input) -> Result<Reply, ServiceError> {
        let group = existing(state, &input.log_group_name)?;
        state.shelf.remove_group(&group.name).await?;
        Ok(Reply::nothing())
    }

    fn example(_: &Scope) -> Value {
        json!({"logGroupName": "example"})
    }
}
