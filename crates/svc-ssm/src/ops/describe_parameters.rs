//! `DescribeParameters`: every parameter without its value.
//!
//! Source: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html>

use burgward_service::{Access, Call, JsonOperation, Need, Operation, OperationInfo, Permit, Reply, Scope, ServiceError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::filter::Filter;
use super::{Paging, page};
use crate::Ssm;

/// The operation `DescribeParameters`.
#[derive(Debug)]
pub(crate) struct DescribeParameters;

/// What it takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    parameter_filters: Vec<Filter>,
    #[serde(default)]
    max_results: Option<u64>,
    #[serde(default)]
    next_token: Option<String>,
}

impl Operation for DescribeParameters {
    const INFO: OperationInfo =
        OperationInfo { service: "ssm", name: "DescribeParameters", actions: &["ssm:DescribeParameters"], access: Access::List };
}

impl JsonOperation for DescribeParameters {
    type State = Ssm;
    type Input = Input;

    fn parse(call: &Call) -> Result<Input, ServiceError> {
        call.json()
    }

    fn needs(_: &Ssm, _: &Input, scope: &Scope) -> Result<Vec<Need>, ServiceError> {
        Ok(vec![Need::new("ssm:DescribeParameters", scope.arn("ssm", "*"))])
    }

    async fn run(state: &Ssm, permit: Permit<Self>, input: Input) -> Result<Reply, ServiceError> {
        let kinds = input.parameter_filters.iter().map(Filter::kinds).collect::<Result<Vec<_>, _>>()?;
        let paging = Paging::new(input.next_token.as_deref(), input.max_results, 50)?;
        let answer = page(state, "", &paging, |record| {
            let passes = kinds.iter().all(|kinds| kinds.contains(&record.kind));
            Ok(passes.then(|| record.described(permit.scope())))
        })?;
        Ok(Reply::json(&answer))
    }

    fn example(_: &Scope) -> Value {
        json!({})
    }
}
