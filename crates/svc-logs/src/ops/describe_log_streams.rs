//! `DescribeLogStreams`: the streams of a log group, by the start of their names.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html>

use burgward_service::{Access, Call, JsonOperation, Need, Operation, OperationInfo, Permit, Reply, Scope, ServiceError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{existing, from_token, on_logs, page_size, parameter, token};
use crate::{Logs, name};

/// The operation `DescribeLogStreams`.
#[derive(Debug)]
pub(crate) struct DescribeLogStreams;

/// What it takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    log_group_name: Option<String>,
    #[serde(default)]
    log_group_identifier: Option<String>,
    #[serde(default)]
    log_stream_name_prefix: Option<String>,
    #[serde(default)]
    order_by: Option<String>,
    #[serde(default)]
    descending: Option<bool>,
    #[serde(default)]
    limit: Option<u64>,
    #[serde(default)]
    next_token: Option<String>,
}

impl Operation for DescribeLogStreams {
    const INFO: OperationInfo =
        OperationInfo { service: "logs", name: "DescribeLogStreams", actions: &["logs:DescribeLogStreams"], access: Access::List };
}

impl JsonOperation for DescribeLogStreams {
    type State = Logs;
    type Input = Input;

    fn parse(call: &Call) -> Result<Input, ServiceError> {
        call.json()
    }

    fn needs(state: &Logs, input: &Input, scope: &Scope) -> Result<Vec<Need>, ServiceError> {
        let group = name::group(scope, input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
        Ok(vec![on_logs(state, "logs:DescribeLogStreams", group, "")?])
    }

    async fn run(state: &Logs, permit: Permit<Self>, input: Input) -> Result<Reply, ServiceError> {
        let scope = permit.scope();
        let group = name::group(scope, input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
        let group = existing(state, group)?;
        if input.order_by.as_deref().is_some_and(|order| order != "LogStreamName") || input.descending == Some(true) {
            return Err(parameter("Only the ascending order by LogStreamName is served here."));
        }
        let size = page_size(input.limit, 50, 50)?;
        let after = from_token(input.next_token.as_deref())?;
        let prefix = input.log_stream_name_prefix.unwrap_or_default();
        let streams = state.shelf.streams(&group.name, &prefix, after.as_deref(), size)?;
        let shown = streams.iter().map(|stream| {
            let arn = name::arn(scope, &group.name, &stream.name);
            json!({"logStreamName": stream.name, "creationTime": stream.created.0, "arn": arn, "storedBytes": 0})
        });
        let mut answer = json!({"logStreams": shown.collect::<Vec<_>>()});
        if let (true, Some(last), Some(members)) = (streams.len() == size, streams.last(), answer.as_object_mut()) {
            members.insert("nextToken".to_owned(), Value::from(token(&last.name)));
        }
        Ok(Reply::json(&answer))
    }

    fn example(_: &Scope) -> Value {
        json!({"logGroupName": "example"})
    }
}
