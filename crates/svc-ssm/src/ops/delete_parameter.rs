//! `DeleteParameter`: removes a parameter with all its versions.
//!
//! Source: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameter.html>

use burgward_service::{Access, Call, JsonOperation, Need, Operation, OperationInfo, Permit, Reply, Scope, ServiceError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::on_parameter;
use crate::{Ssm, name};

/// The operation `DeleteParameter`.
#[derive(Debug)]
pub(crate) struct DeleteParameter;

/// What it takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
}

impl Operation for DeleteParameter {
    const INFO: OperationInfo =
        OperationInfo { service: "ssm", name: "DeleteParameter", actions: &["ssm:DeleteParameter"], access: Access::Write };
}

impl JsonOperation for DeleteParameter {
    type State = Ssm;
    type Input = Input;

    fn parse(call: &Call) -> Result<Input, ServiceError> {
        call.json()
    }

    fn needs(state: &Ssm, input: &Input, scope: &Scope) -> Result<Vec<Need>, ServiceError> {
        Ok(vec![on_parameter(state, "ssm:DeleteParameter", &name::wanted(scope, &input.name)?.name)?])
    }

    async fn run(state: &Ssm, permit: Permit<Self>, input: Input) -> Result<Reply, ServiceError> {
        let wanted = name::wanted(permit.scope(), &input.name)?;
        if wanted.version.is_none() && state.shelf.remove(&wanted.name).await? {
            return Ok(Reply::empty_object());
        }
        Err(ServiceError::client("ParameterNotFound", "Parameter not found."))
    }

    fn example(_: &Scope) -> Value {
        json!({"Name": "example"})
    }
}
