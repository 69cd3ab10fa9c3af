//! `PutSecretValue`: a new version of a secret, by default the current one.
//!
//! Source: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html>

use burgward_service::{Access, Call, JsonOperation, Need, Operation, OperationInfo, Permit, Reply, Scope, ServiceError};
use serde::Deserialize;
use serde_json::{Value, json};

use burgward_types::Secret;

use super::{content, existing, on_secret, parameter, same_value, version_id};
use crate::record::{CURRENT, Version};
use crate::shelf::Change;
use crate::{SecretsManager, id};

/// The operation `PutSecretValue`.
#[derive(Debug)]
pub(crate) struct PutSecretValue;

/// What it takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    secret_id: String,
    #[serde(default)]
    client_request_token: Option<String>,
    #[serde(default, deserialize_with = "crate::record::secret")]
    secret_string: Option<Secret<String>>,
    #[serde(default, deserialize_with = "crate::record::secret")]
    secret_binary: Option<Secret<String>>,
    #[serde(default)]
    version_stages: Option<Vec<String>>,
}

impl Operation for PutSecretValue {
    const INFO: OperationInfo = OperationInfo {
        service: "secretsmanager",
        name: "PutSecretValue",
        actions: &["secretsmanager:PutSecretValue"],
        access: Access::Write,
    };
}

impl JsonOperation for PutSecretValue {
    type State = SecretsManager;
    type Input = Input;

    fn parse(call: &Call) -> Result<Input, ServiceError> {
        call.json()
    }

    fn needs(state: &SecretsManager, input: &Input, _: &Scope) -> Result<Vec<Need>, ServiceError> {
        Ok(vec![on_secret(state, "secretsmanager:PutSecretValue", &input.secret_id)?])
    }

    async fn run(state: &SecretsManager, permit: Permit<Self>, input: Input) -> Result<Reply, ServiceError> {
        let Some(content) = content(input.secret_string, input.secret_binary)? else {
            return Err(parameter("You must provide either SecretString or SecretBinary."));
        };
        let stages = input.version_stages.unwrap_or_else(|| vec![CURRENT.to_owned()]);
        if stages.is_empty() || stages.len() > 20 || stages.iter().any(|stage| stage.is_empty() || stage.len() > 256) {
            return Err(parameter("VersionStages must have 1 to 20 labels of 1 to 256 characters."));
        }
        let version = version_id(input.client_request_token)?;
        loop {
            let before = existing(state, &input.secret_id)?;
            let arn = id::secret_arn(permit.scope(), &before.name);
            if let Some(known) = before.versions.iter().find(|known| known.id == version) {
                if same_value(state, &before.name, &version, &content)? {
                    return Ok(Reply::json(&answer(&arn, &before.name, known)));
                }
                return Err(ServiceError::client(
                    "ResourceExistsException",
                    "You can't use ClientRequestToken because that value is already in use for a version of this secret.",
                ));
            }
            let mut record = before.clone();
            record.add(&version, &stages, state.clock.now());
            let gone = record.prune();
            let change = Change { record: &record, value: Some((&version, &content)), gone: &gone };
            if state.shelf.replace(Some(&before), &change).await? {
                let added = record.versions.iter().find(|added| added.id == version);
                let added = added.ok_or_else(|| ServiceError::internal("the new version is gone"))?;
                return Ok(Reply::json(&answer(&arn, &record.name, added)));
            }
        }
    }

    fn example(_: &Scope) -> Value {
        json!({"SecretId": "example", "SecretString": "1"})
    }
}

fn answer(arn: &str, name: &str, version: &Version) -> Value {
    json!({"ARN": arn, "Name": name, "VersionId": version.id, "VersionStages": version.stages})
}
