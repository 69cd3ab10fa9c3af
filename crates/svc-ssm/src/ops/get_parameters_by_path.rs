//! `GetParametersByPath`: the parameters under a path. Leave for a path is leave for everything under it.
//!
//! Source: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html>

use burgward_service::{Access, Call, JsonOperation, Need, Operation, OperationInfo, Permit, Reply, Scope, ServiceError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::filter::Filter;
use super::{Paging, page};
use crate::{Ssm, name};

/// The operation `GetParametersByPath`.
#[derive(Debug)]
pub(crate) struct GetParametersByPath;

/// What it takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    path: String,
    #[serde(default)]
    recursive: Option<bool>,
    #[serde(default)]
    with_decryption: Option<bool>,
    #[serde(default)]
    parameter_filters: Vec<Filter>,
    #[serde(default)]
    max_results: Option<u64>,
    #[serde(default)]
    next_token: Option<String>,
}

impl Operation for GetParametersByPath {
    const INFO: OperationInfo =
        OperationInfo { service: "ssm", name: "GetParametersByPath", actions: &["ssm:GetParametersByPath"], access: Access::Read };
}

impl JsonOperation for GetParametersByPath {
    type State = Ssm;
    type Input = Input;

    fn parse(call: &Call) -> Result<Input, ServiceError> {
        call.json()
    }

    fn needs(_: &Ssm, input: &Input, scope: &Scope) -> Result<Vec<Need>, ServiceError> {
        check_path(&input.path)?;
        let recursive = input.recursive.unwrap_or(false);
        let need = Need::new("ssm:GetParametersByPath", name::path_arn(scope, &input.path));
        Ok(vec![need.with("ssm:Recursive", recursive)])
    }

    async fn run(state: &Ssm, permit: Permit<Self>, input: Input) -> Result<Reply, ServiceError> {
        let prefix = format!("{}/", input.path.trim_end_matches('/'));
        let kinds = input.parameter_filters.iter().map(Filter::kinds).collect::<Result<Vec<_>, _>>()?;
        let paging = Paging::new(input.next_token.as_deref(), input.max_results, 10)?;
        let recursive = input.recursive.unwrap_or(false);
        let answer = page(state, &prefix, &paging, |record| {
            let level = record.name.strip_prefix(&prefix).is_some_and(|rest| recursive || !rest.contains('/'));
            if !level || !kinds.iter().all(|kinds| kinds.contains(&record.kind)) {
                return Ok(None);
            }
            let value = state.shelf.value(record, input.with_decryption.unwrap_or(false))?;
            Ok(Some(record.shown(permit.scope(), &value, None)))
        })?;
        Ok(Reply::json(&answer))
    }

    fn example(_: &Scope) -> Value {
        json!({"Path": "/example"})
    }
}

fn check_path(path: &str) -> Result<(), ServiceError> {
    let trimmed = path.trim_end_matches('/');
    if path.starts_with('/') && (trimmed.is_empty() || name::check(trimmed).is_ok()) {
        return Ok(());
    }
    Err(ServiceError::client(
        "ValidationException",
        "The parameter path must begin with a forward slash, and hold letters, digits and `.-_` between slashes.",
    ))
}
