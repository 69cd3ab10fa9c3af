//! `CreateSecret`: a new secret, with or without a value.
//!
//! Source: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>

use burgward_service::{Access, Call, JsonOperation, Need, Operation, OperationInfo, Permit, Reply, Scope, ServiceError};
use serde::Deserialize;
use serde_json::{Value, json};

use burgward_types::Secret;

use super::{content, existing, on_secret, parameter, same_value, version_id};
use crate::record::{CURRENT, Content, Record};
use crate::shelf::Change;
use crate::{SecretsManager, id};

/// The operation `CreateSecret`.
#[derive(Debug)]
pub(crate) struct CreateSecret;

/// What it takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
    #[serde(default)]
    client_request_token: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    kms_key_id: Option<String>,
    #[serde(default, deserialize_with = "crate::record::secret")]
    secret_string: Option<Secret<String>>,
    #[serde(default, deserialize_with = "crate::record::secret")]
    secret_binary: Option<Secret<String>>,
    #[serde(default)]
    tags: Vec<Tag>,
}

impl Operation for CreateSecret {
    const INFO: OperationInfo = OperationInfo {
        service: "secretsmanager",
        name: "CreateSecret",
        actions: &["secretsmanager:CreateSecret", "secretsmanager:TagResource"],
        access: Access::Write,
    };
}

impl JsonOperation for CreateSecret {
    type State = SecretsManager;
    type Input = Input;

    fn parse(call: &Call) -> Result<Input, ServiceError> {
        call.json()
    }

    fn needs(state: &SecretsManager, input: &Input, _: &Scope) -> Result<Vec<Need>, ServiceError> {
        if input.name.starts_with("arn:") {
            return Err(parameter("A name, and no ARN, is needed for a new secret."));
        }
        let mut need = on_secret(state, "secretsmanager:CreateSecret", &input.name)?;
        need = need.with("secretsmanager:Name", input.name.as_str());
        if let Some(description) = &input.description {
            need = need.with("secretsmanager:Description", description.as_str());
        }
        if let Some(key) = &input.kms_key_id {
            need = need.with("secretsmanager:KmsKeyId", key.as_str());
        }
        if input.tags.is_empty() {
            return Ok(vec![need]);
        }
        let mut tagging = on_secret(state, "secretsmanager:TagResource", &input.name)?;
        for tag in &input.tags {
            let key = format!("aws:RequestTag/{}", tag.key);
            need = need.with(&key, tag.value.as_str());
            tagging = tagging.with(&key, tag.value.as_str());
        }
        let keys: Vec<String> = input.tags.iter().map(|tag| tag.key.clone()).collect();
        Ok(vec![need.with("aws:TagKeys", keys.clone()), tagging.with("aws:TagKeys", keys)])
    }

    async fn run(state: &SecretsManager, permit: Permit<Self>, input: Input) -> Result<Reply, ServiceError> {
        if input.kms_key_id.as_deref().is_some_and(|key| key != "alias/aws/secretsmanager") {
            return Err(parameter("Only the default key `alias/aws/secretsmanager` is served here."));
        }
        let content = content(input.secret_string, input.secret_binary)?;
        let version = version_id(input.client_request_token)?;
        let now = state.clock.now();
        let mut record = Record {
            name: input.name,
            description: input.description,
            tags: input.tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
            created: now,
            changed: now,
            deleted: None,
            versions: Vec::new(),
        };
        if content.is_some() {
            record.add(&version, &[CURRENT.to_owned()], now);
        }
        let value = content.as_ref().map(|content| (version.as_str(), content));
        if !state.shelf.replace(None, &Change { record: &record, value, gone: &[] }).await? {
            repeated(state, &record.name, value)?;
        }
        let mut answer = json!({"ARN": id::secret_arn(permit.scope(), &record.name), "Name": record.name});
        if let (Some(_), Some(members)) = (&content, answer.as_object_mut()) {
            members.insert("VersionId".to_owned(), Value::from(version));
        }
        Ok(Reply::json(&answer))
    }

    fn example(_: &Scope) -> Value {
        json!({"Name": "example", "SecretString": "1"})
    }
}

/// A tag.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Tag {
    key: String,
    value: String,
}

/// Passes if the secret exists because this very request was made before; a client repeats it when an answer is lost.
fn repeated(state: &SecretsManager, name: &str, value: Option<(&str, &Content)>) -> Result<(), ServiceError> {
    let known = existing(state, name)?;
    if let Some((version, content)) = value
        && known.versions.iter().any(|own| own.id == version)
        && same_value(state, name, version, content)?
    {
        return Ok(());
    }
    Err(ServiceError::client(
        "ResourceExistsException",
        format!("The operation failed because the secret {name} already exists."),
    ))
}
