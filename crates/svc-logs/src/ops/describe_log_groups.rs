//! `DescribeLogGroups`: the log groups, by the start of their names.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>

use burgward_service::{Access, Call, JsonOperation, Need, Operation, OperationInfo, Permit, Reply, Scope, ServiceError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{from_token, page_size, token};
use crate::shelf::Group;
use crate::{Logs, name};

/// The operation `DescribeLogGroups`.
#[derive(Debug)]
pub(crate) struct DescribeLogGroups;

/// What it takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    log_group_name_prefix: Option<String>,
    #[serde(default)]
    limit: Option<u64>,
    #[serde(default)]
    next_token: Option<String>,
}

impl Operation for DescribeLogGroups {
    const INFO: OperationInfo =
        OperationInfo { service: "logs", name: "DescribeLogGroups", actions: &["logs:DescribeLogGroups"], access: Access::List };
}

impl JsonOperation for DescribeLogGroups {
    type State = Logs;
    type Input = Input;

    fn parse(call: &Call) -> Result<Input, ServiceError> {
        call.json()
    }

    fn needs(_: &Logs, _: &Input, scope: &Scope) -> Result<Vec<Need>, ServiceError> {
        Ok(vec![Need::new("logs:DescribeLogGroups", name::arn(scope, "", ""))])
    }

    async fn run(state: &Logs, permit: Permit<Self>, input: Input) -> Result<Reply, ServiceError> {
        let size = page_size(input.limit, 50, 50)?;
        let after = from_token(input.next_token.as_deref())?;
        let prefix = input.log_group_name_prefix.unwrap_or_default();
        let groups = state.shelf.groups(&prefix, after.as_deref(), size)?;
        let shown: Vec<Value> = groups.iter().map(|group| shown(permit.scope(), group)).collect();
        let mut answer = json!({"logGroups": shown});
        if let (true, Some(last), Some(members)) = (groups.len() == size, groups.last(), answer.as_object_mut()) {
            members.insert("nextToken".to_owned(), Value::from(token(&last.name)));
        }
        Ok(Reply::json(&answer))
    }

    fn example(_: &Scope) -> Value {
        json!({})
    }
}

fn shown(scope: &Scope, group: &Group) -> Value {
    let mut shown = json!({
        "logGroupName": group.name,
        "creationTime": group.created.0,
        "metricFilterCount": 0,
        "arn": name::group_arn(scope, &group.name),
        "logGroupClass": "STANDARD",
    });
    if let (Some(days), Some(members)) = (group.retention_days, shown.as_object_mut()) {
        members.insert("retentionInDays".to_owned(), Value::from(days));
    }
    shown
}
