//! `GetParameter`: one parameter by its name, or a version of it.
//!
//! Source: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html>

use burgward_service::{Access, Call, JsonOperation, Need, Operation, OperationInfo, Permit, Reply, Scope, ServiceError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{look_up, on_parameter};
use crate::{Ssm, name};

/// The operation `GetParameter`.
#[derive(Debug)]
pub(crate) struct GetParameter;

/// What it takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
    #[serde(default)]
    with_decryption: Option<bool>,
}

impl Operation for GetParameter {
    const INFO: OperationInfo =
        OperationInfo { service: "ssm", name: "GetParameter", actions: &["ssm:GetParameter"], access: Access::Read };
}

impl JsonOperation for GetParameter {
    type State = Ssm;
    type Input = Input;

    fn parse(call: &Call) -> Result<Input, ServiceError> {
        call.json()
    }

    fn needs(state: &Ssm, input: &Input, scope: &Scope) -> Result<Vec<Need>, ServiceError> {
        Ok(vec![on_parameter(state, "ssm:GetParameter", &name::wanted(scope, &input.name)?.name)?])
    }

    async fn run(state: &Ssm, permit: Permit<Self>, input: Input) -> Result<Reply, ServiceError> {
        let wanted = name::wanted(permit.scope(), &input.name)?;
        let found = look_up(state, &wanted, input.with_decryption.unwrap_or(false))?;
        let found = found.ok_or_else(|| ServiceError::client("ParameterNotFound", "Parameter not found."))?;
        Ok(Reply::json(&json!({"Parameter": found})))
    }

    fn example(_: &Scope) -> Value {
        json!({"Name": "example"})
    }
}
