//! `GetSecretValue`: the value of a secret, of its current version or of another.
//!
//! Source: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html>

use burgward_service::{Access, Call, JsonOperation, Need, Operation, OperationInfo, Permit, Reply, Scope, ServiceError};
use serde::Deserialize;
use serde_json::{Value, json};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{existing, on_secret};
use crate::record::{CURRENT, Content, Record, Version, seconds};
use crate::{SecretsManager, id};

/// The operation `GetSecretValue`.
#[derive(Debug)]
pub(crate) struct GetSecretValue;

/// What it takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    secret_id: String,
    #[serde(default)]
    version_id: Option<String>,
    #[serde(default)]
    version_stage: Option<String>,
}

impl Operation for GetSecretValue {
    const INFO: OperationInfo = OperationInfo {
        service: "secretsmanager",
        name: "GetSecretValue",
        actions: &["secretsmanager:GetSecretValue"],
        access: Access::Read,
    };
}

impl JsonOperation for GetSecretValue {
    type State = SecretsManager;
    type Input = Input;

    fn parse(call: &Call) -> Result<Input, ServiceError> {
        call.json()
    }

    fn needs(state: &SecretsManager, input: &Input, _: &Scope) -> Result<Vec<Need>, ServiceError> {
        let mut need = on_secret(state, "secretsmanager:GetSecretValue", &input.secret_id)?;
        if let Some(id) = &input.version_id {
            need = need.with("secretsmanager:VersionId", id.as_str());
        }
        // Without id and stage, the current version is what is asked for.
        let default = if input.version_id.is_none() { Some(CURRENT) } else { None };
        if let Some(stage) = input.version_stage.as_deref().or(default) {
            need = need.with("secretsmanager:VersionStage", stage);
        }
        Ok(vec![need])
    }

    async fn run(state: &SecretsManager, permit: Permit<Self>, input: Input) -> Result<Reply, ServiceError> {
        let record = existing(state, &input.secret_id)?;
        let version = choose(&record, &input)?;
        let content = state.shelf.value(&record.name, &version.id)?;
        let mut answer = json!({
            "ARN": id::secret_arn(permit.scope(), &record.name),
            "Name": record.name,
            "VersionId": version.id,
            "VersionStages": version.stages,
            "CreatedDate": seconds(version.created),
        });
        if let Some(members) = answer.as_object_mut() {
            match content {
                Content::Text(text) => members.insert("SecretString".to_owned(), Value::from(text.expose().as_str())),
                Content::Binary(bytes) => {
                    members.insert("SecretBinary".to_owned(), Value::from(STANDARD.encode(bytes.expose())))
                }
            };
        }
        Ok(Reply::json(&answer))
    }

    fn example(_: &Scope) -> Value {
        json!({"SecretId": "example"})
    }
}

/// The version asked for: by id, by stage, or both, which must then agree.
fn choose<'a>(record: &'a Record, input: &Input) -> Result<&'a Version, ServiceError> {
    let missing = |what: String| {
        ServiceError::client(
            "ResourceNotFoundException",
            format!("Secrets Manager can't find the specified secret value for {what}"),
        )
    };
    let Some(id) = &input.version_id else {
        let stage = input.version_stage.as_deref().unwrap_or(CURRENT);
        return record.staged(stage).ok_or_else(|| missing(format!("staging label: {stage}")));
    };
    let version = record.versions.iter().find(|version| version.id == *id);
    let version = version.ok_or_else(|| missing(format!("VersionId: {id}")))?;
    match &input.version_stage {
        Some(stage) if !version.stages.contains(stage) => Err(ServiceError::client(
            "InvalidRequestException",
            "You provided a VersionStage that is not associated to the provided VersionId.",
        )),
        _ => Ok(version),
    }
}
