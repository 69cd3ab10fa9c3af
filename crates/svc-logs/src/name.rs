//! Names of groups and streams, and their ARNs.
//!
//! Authorization sees `log-group:<group>:log-stream:<stream>`, with an empty stream where a whole group is meant: so do
//! AWS's own denials say, and so do policies on `log-group:<group>:*` match both.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html>

use burgward_service::{Scope, ServiceError};
use burgward_types::Arn;

/// The ARN of a stream, or with an empty stream of a group.
pub(crate) fn arn(scope: &Scope, group: &str, stream: &str) -> String {
    scope.arn("logs", &format!("log-group:{group}:log-stream:{stream}"))
}

/// The ARN of a group as descriptions show it.
pub(crate) fn group_arn(scope: &Scope, group: &str) -> String {
    scope.arn("logs", &format!("log-group:{group}:*"))
}

/// Groups have letters, digits and `_-/.#`.
pub(crate) fn check_group(name: &str) -> Result<(), ServiceError> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"_-/.#".contains(&b);
    if !name.is_empty() && name.len() <= 512 && name.bytes().all(fits) {
        return Ok(());
    }
    Err(invalid(name, "logGroupName", "[\\.\\-_/#A-Za-z0-9]+"))
}

/// Streams have anything but `:` and `*`; control characters are refused as well, since they end keys and fool terminals.
pub(crate) fn check_stream(name: &str) -> Result<(), ServiceError> {
    let fits = |c: char| !matches!(c, ':' | '*') && !c.is_control();
    if !name.is_empty() && name.len() <= 512 && name.chars().all(fits) {
        return Ok(());
    }
    Err(invalid(name, "logStreamName", "[^:*]*"))
}

/// The group that is given by name or as an ARN of this account and region.
pub(crate) fn group<'a>(
    scope: &Scope,
    name: Option<&'a str>,
    identifier: Option<&'a str>,
) -> Result<&'a str, ServiceError> {
    let given = match (name, identifier) {
        (Some(name), None) => name,
        (None, Some(identifier)) => match identifier.split_once(":log-group:") {
            None => identifier,
            Some((_, rest)) => {
                let arn = Arn::parse(identifier).map_err(|_| invalid(identifier, "logGroupIdentifier", "an ARN"))?;
                let here = arn.account() == scope.account.as_str() && arn.region() == scope.region.as_str();
                if !here || arn.service() != "logs" {
                    return Err(no_group());
                }
                rest.strip_suffix(":*").unwrap_or(rest)
            }
        },
        (Some(_), Some(_)) | (None, None) => {
            return Err(ServiceError::client(
                "InvalidParameterException",
                "Exactly one of logGroupName and logGroupIdentifier must be given.",
            ));
        }
    };
    check_group(given)?;
    Ok(given)
}

fn invalid(given: &str, member: &str, rule: &str) -> ServiceError {
    let shown: String = given.chars().take(64).collect();
    ServiceError::client(
        "InvalidParameterException",
        format!(
            "1 validation error detected: Value '{shown}' at '{member}' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: {rule}"
        ),
    )
}

pub(crate) fn no_group() -> ServiceError {
    ServiceError::client("ResourceNotFoundException", "The specified log group does not exist.")
}

pub(crate) fn no_stream() -> ServiceError {
    ServiceError::client("ResourceNotFoundException", "The specified log stream does not exist.")
}
