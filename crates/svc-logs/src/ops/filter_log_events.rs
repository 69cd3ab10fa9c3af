//! `FilterLogEvents`: the events of a group, by time, stream and pattern.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>

use burgward_service::{Access, Call, JsonOperation, Need, Operation, OperationInfo, Permit, Reply, Scope, ServiceError};
use serde::Deserialize;
use serde_json::{Value, json};

use burgward_types::Timestamp;

use super::{existing, from_token, on_logs, page_size, parameter, token};
use crate::pattern::Pattern;
use crate::shelf::{Event, Position};
use crate::{Logs, name};

/// How many bytes of messages an answer holds at most.
const BYTES: usize = 1 << 20;
/// How many events one call looks at; the next page goes on from there.
const LOOKED_AT: usize = 50_000;

/// The operation `FilterLogEvents`.
#[derive(Debug)]
pub(crate) struct FilterLogEvents;

/// What it takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    log_group_name: Option<String>,
    #[serde(default)]
    log_group_identifier: Option<String>,
    #[serde(default)]
    log_stream_names: Option<Vec<String>>,
    #[serde(default)]
    log_stream_name_prefix: Option<String>,
    #[serde(default)]
    start_time: Option<i64>,
    #[serde(default)]
    end_time: Option<i64>,
    #[serde(default)]
    filter_pattern: Option<String>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    limit: Option<u64>,
    /// Events of several streams come in the order of time, with or without it.
    #[serde(default, rename = "interleaved")]
    _interleaved: Option<bool>,
}

impl Operation for FilterLogEvents {
    const INFO: OperationInfo =
        OperationInfo { service: "logs", name: "FilterLogEvents", actions: &["logs:FilterLogEvents"], access: Access::List };
}

impl JsonOperation for FilterLogEvents {
    type State = Logs;
    type Input = Input;

    fn parse(call: &Call) -> Result<Input, ServiceError> {
        call.json()
    }

    fn needs(state: &Logs, input: &Input, scope: &Scope) -> Result<Vec<Need>, ServiceError> {
        let group = name::group(scope, input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
        Ok(vec![on_logs(state, "logs:FilterLogEvents", group, "")?])
    }

    async fn run(state: &Logs, permit: Permit<Self>, input: Input) -> Result<Reply, ServiceError> {
        let given = (input.log_group_name.as_deref(), input.log_group_identifier.as_deref());
        let group = existing(state, name::group(permit.scope(), given.0, given.1)?)?;
        let pattern = Pattern::parse(input.filter_pattern.as_deref().unwrap_or(""))?;
        let size = page_size(input.limit, 10_000, 10_000)?;
        if input.log_stream_names.is_some() && input.log_stream_name_prefix.is_some() {
            return Err(parameter("logStreamNames and logStreamNamePrefix cannot be given together."));
        }
        let position = match from_token(input.next_token.as_deref())? {
            Some(id) => Position::After(id),
            None => Position::At(Timestamp(input.start_time.unwrap_or(0).max(0))),
        };
        let wanted = |event: &Event| {
            event.at.0 >= input.start_time.unwrap_or(0)
                && input.log_stream_names.as_ref().is_none_or(|names| names.contains(&event.stream))
                && input.log_stream_name_prefix.as_ref().is_none_or(|prefix| event.stream.starts_with(prefix.as_str()))
                && pattern.matches(&event.message)
        };
        let found = search(state, &group.name, position, size, wanted, input.end_time).await?;
        let shown: Vec<Value> = found.events.iter().map(shown).collect();
        let mut answer = json!({"events": shown, "searchedLogStreams": []});
        if let (Some(next), Some(members)) = (found.next, answer.as_object_mut()) {
            members.insert("nextToken".to_owned(), Value::from(token(&next)));
        }
        Ok(Reply::json(&answer))
    }

    fn example(_: &Scope) -> Value {
        json!({"logGroupName": "example"})
    }
}

/// A page of events.
struct Found {
    events: Vec<Event>,
    /// The last event looked at, if there may be more.
    next: Option<String>,
}

async fn search(
    state: &Logs,
    group: &str,
    mut position: Position,
    size: usize,
    wanted: impl Fn(&Event) -> bool + Send,
    end: Option<i64>,
) -> Result<Found, ServiceError> {
    let (mut events, mut bytes, mut looked_at) = (Vec::new(), 0, 0);
    loop {
        let chunk = state.shelf.events(group, &position)?;
        if chunk.is_empty() {
            return Ok(Found { events, next: None });
        }
        // A long search must not keep others from the thread.
        tokio::task::yield_now().await;
        for event in chunk {
            if end.is_some_and(|end| event.at.0 > end) {
                return Ok(Found { events, next: None });
            }
            looked_at += 1;
            let id = event.id.clone();
            if wanted(&event) {
                bytes += event.message.len();
                events.push(event);
            }
            if events.len() >= size || bytes >= BYTES || looked_at >= LOOKED_AT {
                return Ok(Found { events, next: Some(id) });
            }
            position = Position::After(id);
        }
    }
}

fn shown(event: &Event) -> Value {
    json!({
        "logStreamName": event.stream,
        "timestamp": event.at.0,
        "message": event.message,
        "ingestionTime": event.ingested.0,
        "eventId": event.id,
    })
}
