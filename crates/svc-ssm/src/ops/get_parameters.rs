//! `GetParameters`: up to ten parameters by their names; each needs leave.
//!
//! Source: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html>

use burgward_service::{Access, Call, JsonOperation, Need, Operation, OperationInfo, Permit, Reply, Scope, ServiceError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{look_up, on_parameter};
use crate::{Ssm, name};

/// The operation `GetParameters`.
#[derive(Debug)]
pub(crate) struct GetParameters;

/// What it takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    names: Vec<String>,
    #[serde(default)]
    with_decryption: Option<bool>,
}

impl Operation for GetParameters {
    const INFO: OperationInfo =
        OperationInfo { service: "ssm", name: "GetParameters", actions: &["ssm:GetParameters"], access: Access::Read };
}

impl JsonOperation for GetParameters {
    type State = Ssm;
    type Input = Input;

    fn parse(call: &Call) -> Result<Input, ServiceError> {
        call.json()
    }

    fn needs(state: &Ssm, input: &Input, scope: &Scope) -> Result<Vec<Need>, ServiceError> {
        if input.names.is_empty() || input.names.len() > 10 {
            return Err(ServiceError::client(
                "ValidationException",
                "1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length between \
                 1 and 10",
            ));
        }
        let needs = input.names.iter().map(|given| match name::wanted(scope, given) {
            Ok(wanted) => on_parameter(state, "ssm:GetParameters", &wanted.name),
            // A selector that no version matches is answered as an invalid name; the parameter still needs leave.
            Err(error) if error.code() == "ParameterVersionNotFound" => {
                let name = given.rsplit_once(':').map_or(given.as_str(), |(name, _)| name);
                on_parameter(state, "ssm:GetParameters", &name::wanted(scope, name)?.name)
            }
            Err(error) => Err(error),
        });
        needs.collect()
    }

    async fn run(state: &Ssm, permit: Permit<Self>, input: Input) -> Result<Reply, ServiceError> {
        let (mut found, mut invalid) = (Vec::new(), Vec::new());
        for given in &input.names {
            let decrypted = input.with_decryption.unwrap_or(false);
            match name::wanted(permit.scope(), given).and_then(|wanted| look_up(state, &wanted, decrypted)) {
                Ok(Some(parameter)) => found.push(parameter),
                Ok(None) => invalid.push(given),
                Err(error) if error.code() == "ParameterVersionNotFound" => invalid.push(given),
                Err(error) => return Err(error),
            }
        }
        Ok(Reply::json(&json!({"Parameters": found, "InvalidParameters": invalid})))
    }

    fn example(_: &Scope) -> Value {
        json!({"Names": ["example"]})
    }
}
