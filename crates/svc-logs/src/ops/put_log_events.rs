//! `PutLogEvents`: a batch of events into a stream.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>

use burgward_service::{Access, Call, JsonOperation, Need, Operation, OperationInfo, Permit, Reply, Scope, ServiceError};
use serde::Deserialize;
use serde_json::{Value, json};

use burgward_types::Timestamp;
use serde_json::Map;

use super::{existing, on_logs, parameter};
use crate::shelf::DAY;
use crate::{Logs, name};

/// Sequence tokens are no longer needed; AWS still answers one.
const TOKEN: &str = "49590302512345678901234567890123456789012345678901234567";

/// The operation `PutLogEvents`.
#[derive(Debug)]
pub(crate) struct PutLogEvents;

/// What it takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
    log_stream_name: String,
    log_events: Vec<InputEvent>,
    #[serde(default, rename = "sequenceToken")]
    _sequence_token: Option<String>,
}

impl Operation for PutLogEvents {
    const INFO: OperationInfo =
        OperationInfo { service: "logs", name: "PutLogEvents", actions: &["logs:PutLogEvents"], access: Access::Write };
}

impl JsonOperation for PutLogEvents {
    type State = Logs;
    type Input = Input;

    fn parse(call: &Call) -> Result<Input, ServiceError> {
        call.json()
    }

    fn needs(state: &Logs, input: &Input, _: &Scope) -> Result<Vec<Need>, ServiceError> {
        name::check_stream(&input.log_stream_name)?;
        Ok(vec![on_logs(state, "logs:PutLogEvents", &input.log_group_name, &input.log_stream_name)?])
    }

    async fn run(state: &Logs, _: Permit<Self>, input: Input) -> Result<Reply, ServiceError> {
        let group = existing(state, &input.log_group_name)?;
        state.shelf.stream(&group.name, &input.log_stream_name)?.ok_or_else(name::no_stream)?;
        check(&input.log_events)?;
        let now = state.clock.now();
        let oldest = now.plus_millis(-i64::from(group.retention_days.unwrap_or(14).min(14)) * DAY);
        let newest = now.plus_millis(2 * 60 * 60 * 1000);
        let events: Vec<_> = input.log_events.into_iter().map(|event| (Timestamp(event.timestamp), event.message)).collect();
        // The batch is in the order of time, so that what is too old or too new stands at its ends.
        let start = events.partition_point(|(at, _)| *at < oldest);
        let end = events.partition_point(|(at, _)| *at <= newest);
        let kept = events.get(start..end).unwrap_or(&[]);
        state.shelf.append(&group.name, &input.log_stream_name, kept, now).await?;
        let mut answer = json!({"nextSequenceToken": TOKEN});
        let mut rejected = Map::new();
        if start > 0 {
            rejected.insert("tooOldLogEventEndIndex".to_owned(), Value::from(start));
        }
        if end < events.len() {
            rejected.insert("tooNewLogEventStartIndex".to_owned(), Value::from(end));
        }
        if let (false, Some(members)) = (rejected.is_empty(), answer.as_object_mut()) {
            members.insert("rejectedLogEventsInfo".to_owned(), Value::Object(rejected));
        }
        Ok(Reply::json(&answer))
    }

    fn example(_: &Scope) -> Value {
        json!({
            "logGroupName": "example",
            "logStreamName": "example",
            "logEvents": [{"timestamp": 0, "message": "1"}]
        })
    }
}

/// One event, as it comes in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct InputEvent {
    timestamp: i64,
    message: String,
}

impl std::fmt::Debug for InputEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InputEvent").field("timestamp", &self.timestamp).finish_non_exhaustive()
    }
}

/// The rules for a batch.
fn check(events: &[InputEvent]) -> Result<(), ServiceError> {
    let size: usize = events.iter().map(|event| event.message.len() + 26).sum();
    let (Some(first), Some(last)) = (events.first(), events.last()) else {
        return Err(parameter("1 validation error detected: 'logEvents' must have at least one element"));
    };
    if events.len() > 10_000 || size > 1 << 20 {
        return Err(parameter("A batch has at most 10000 events and 1048576 bytes, counting 26 bytes for each event."));
    }
    if events.iter().any(|event| event.message.is_empty() || event.timestamp < 0) {
        return Err(parameter("Each event needs a message, and a timestamp that is not negative."));
    }
    if !events.is_sorted_by_key(|event| event.timestamp) {
        return Err(parameter("Log events in a single PutLogEvents request must be in chronological order."));
    }
    if last.timestamp - first.timestamp > DAY {
        return Err(parameter("The batch of log events in a single PutLogEvents request cannot span more than 24 hours."));
    }
    Ok(())
}
