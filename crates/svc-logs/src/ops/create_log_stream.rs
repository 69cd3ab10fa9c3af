//! `CreateLogStream`: a new stream of a log group.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html>

use burgward_service::{Access, Call, JsonOperation, Need, Operation, OperationInfo, Permit, Reply, Scope, ServiceError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{existing, on_logs};
use crate::shelf::Stream;
use crate::{Logs, name};

/// The operation `CreateLogStream`.
#[derive(Debug)]
pub(crate) struct CreateLogStream;

/// What it takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
    log_stream_name: String,
}

impl Operation for CreateLogStream {
    const INFO: OperationInfo =
        OperationInfo { service: "logs", name: "CreateLogStream", actions: &["logs:CreateLogStream"], access: Access::Write };
}

impl JsonOperation for CreateLogStream {
    type State = Logs;
    type Input = Input;

    fn parse(call: &Call) -> Result<Input, ServiceError> {
        call.json()
    }

    fn needs(state: &Logs, input: &Input, _: &Scope) -> Result<Vec<Need>, ServiceError> {
        name::check_stream(&input.log_stream_name)?;
        Ok(vec![on_logs(state, "logs:CreateLogStream", &input.log_group_name, &input.log_stream_name)?])
    }

    async fn run(state: &Logs, _: Permit<Self>, input: Input) -> Result<Reply, ServiceError> {
        let stream = Stream { name: input.log_stream_name, created: state.clock.now() };
        loop {
            let group = existing(state, &input.log_group_name)?;
            if state.shelf.create_stream(&group, &stream).await? {
                return Ok(Reply::nothing());
            }
            if state.shelf.stream(&group.name, &stream.name)?.is_some() {
                return Err(ServiceError::client("ResourceAlreadyExistsException", "The specified log stream already exists"));
            }
        }
    }

    fn example(_: &Scope) -> Value {
        json!({"logGroupName": "example", "logStreamName": "example"})
    }
}
