//! The table of operations; a file each.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use burgward_service::{Need, ServiceError};
use serde_json::{Value, json};

use crate::Ssm;
use crate::name::{self, Wanted};
use crate::record::Record;

mod filter;

burgward_service::operations! {
    state: crate::Ssm;
    delete_parameter: DeleteParameter,
    describe_parameters: DescribeParameters,
    get_parameter: GetParameter,
    get_parameters: GetParameters,
    get_parameters_by_path: GetParametersByPath,
    put_parameter: PutParameter,
}

/// A need for one parameter, with its tags.
fn on_parameter(state: &Ssm, action: &'static str, name: &str) -> Result<Need, ServiceError> {
    let mut need = Need::new(action, name::arn(&state.scope, name));
    for (key, value) in state.shelf.head(name)?.map(|head| head.tags).unwrap_or_default() {
        need = need.with(&format!("aws:ResourceTag/{key}"), value.as_str());
        need = need.with(&format!("ssm:resourceTag/{key}"), value.as_str());
    }
    Ok(need)
}

/// A parameter's version as clients see it; `None` if there is no such parameter.
fn look_up(state: &Ssm, wanted: &Wanted, decrypted: bool) -> Result<Option<Value>, ServiceError> {
    let Some(head) = state.shelf.head(&wanted.name)? else { return Ok(None) };
    let record = match wanted.version {
        None => head,
        Some(version) => state.shelf.version(&head, version)?.ok_or_else(|| {
            let name = &wanted.name;
            ServiceError::client(
                "ParameterVersionNotFound",
                format!(
                    "Systems Manager could not find version {version} of {name}. Verify the version and try again."
                ),
            )
        })?,
    };
    let value = state.shelf.value(&record, decrypted)?;
    Ok(Some(record.shown(&state.scope, &value, wanted.selector.as_deref())))
}

/// How many parameters are read from the store at once.
const CHUNK: usize = 100;

/// A page of parameters: at most `size` of those under `prefix` that `show` shows.
fn page(
    state: &Ssm,
    prefix: &str,
    paging: &Paging,
    show: impl Fn(&Record) -> Result<Option<Value>, ServiceError>,
) -> Result<Value, ServiceError> {
    let (mut shown, mut after) = (Vec::new(), paging.after.clone());
    loop {
        let chunk = state.shelf.heads(prefix, after.as_deref(), CHUNK)?;
        let last = chunk.len() < CHUNK;
        for record in chunk {
            let Some(value) = show(&record)? else { continue };
            if shown.len() == paging.size {
                // `after` is the last one shown or skipped, so that the next page starts with this one.
                return Ok(json!({"Parameters": shown, "NextToken": token(after.as_deref().unwrap_or(""))}));
            }
            shown.push(value);
            after = Some(record.name);
        }
        if last {
            return Ok(json!({"Parameters": shown}));
        }
    }
}

/// Which page is asked for.
struct Paging {
    after: Option<String>,
    size: usize,
}

impl Paging {
    fn new(next_token: Option<&str>, max_results: Option<u64>, largest: u64) -> Result<Self, ServiceError> {
        Ok(Self { after: from_token(next_token)?, size: page_size(max_results, largest)? })
    }
}

fn token(name: &str) -> String {
    STANDARD.encode(name)
}

/// The name that a token of [`page`] holds.
fn from_token(token: Option<&str>) -> Result<Option<String>, ServiceError> {
    let Some(token) = token else { return Ok(None) };
    let bytes = STANDARD.decode(token).ok();
    let name = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let invalid = || ServiceError::client("InvalidNextToken", "The specified token isn't valid.");
    name.map(Some).ok_or_else(invalid)
}

/// How many results a page holds.
fn page_size(given: Option<u64>, largest: u64) -> Result<usize, ServiceError> {
    let size = given.unwrap_or(largest);
    if (1..=largest).contains(&size) {
        return Ok(usize::try_from(size).unwrap_or(usize::MAX));
    }
    Err(ServiceError::client(
        "ValidationException",
        format!(
            "1 validation error detected: Value '{size}' at 'maxResults' failed to satisfy constraint: Member must have \
             value between 1 and {largest}"
        ),
    ))
}
