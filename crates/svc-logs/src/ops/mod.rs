//! The table of operations; a file each.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use burgward_service::{Need, ServiceError};

use crate::shelf::Group;
use crate::{Logs, name};

burgward_service::operations! {
    state: crate::Logs;
    create_log_group: CreateLogGroup,
    create_log_stream: CreateLogStream,
    delete_log_group: DeleteLogGroup,
    describe_log_groups: DescribeLogGroups,
    describe_log_streams: DescribeLogStreams,
    filter_log_events: FilterLogEvents,
    put_log_events: PutLogEvents,
    put_retention_policy: PutRetentionPolicy,
}

/// A need for a group, or with a stream's name for a stream of it, with the group's tags.
fn on_logs(state: &Logs, action: &'static str, group: &str, stream: &str) -> Result<Need, ServiceError> {
    name::check_group(group)?;
    let mut need = Need::new(action, name::arn(&state.scope, group, stream));
    for (key, value) in state.shelf.group(group)?.map(|group| group.tags).unwrap_or_default() {
        need = need.with(&format!("aws:ResourceTag/{key}"), value.as_str());
    }
    Ok(need)
}

fn existing(state: &Logs, group: &str) -> Result<Group, ServiceError> {
    state.shelf.group(group)?.ok_or_else(name::no_group)
}

/// How many results a page holds.
fn page_size(given: Option<u64>, default: u64, largest: u64) -> Result<usize, ServiceError> {
    let size = given.unwrap_or(default);
    if (1..=largest).contains(&size) {
        return Ok(usize::try_from(size).unwrap_or(usize::MAX));
    }
    Err(parameter(format!(
        "1 validation error detected: Value '{size}' at 'limit' failed to satisfy constraint: Member must have value between \
         1 and {largest}"
    )))
}

/// The text in a token of an earlier page.
fn from_token(token: Option<&str>) -> Result<Option<String>, ServiceError> {
    let Some(token) = token else { return Ok(None) };
    let text = STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.map(Some).ok_or_else(|| parameter("The specified nextToken is invalid."))
}

fn token(text: &str) -> String {
    STANDARD.encode(text)
}

fn parameter(message: impl Into<String>) -> ServiceError {
    ServiceError::client("InvalidParameterException", message)
}
