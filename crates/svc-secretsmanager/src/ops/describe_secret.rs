//! `DescribeSecret`: everything of a secret but its values.
//!
//! Source: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html>

use burgward_service::{Access, Call, JsonOperation, Need, Operation, OperationInfo, Permit, Reply, Scope, ServiceError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::on_secret;
use crate::record::seconds;
use crate::{SecretsManager, id};

/// The operation `DescribeSecret`.
#[derive(Debug)]
pub(crate) struct DescribeSecret;

/// What it takes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    secret_id: String,
}

impl Operation for DescribeSecret {
    const INFO: OperationInfo = OperationInfo {
        service: "secretsmanager",
        name: "DescribeSecret",
        actions: &["secretsmanager:DescribeSecret"],
        access: Access::Read,
    };
}

impl JsonOperation for DescribeSecret {
    type State = SecretsManager;
    type Input = Input;

    fn parse(call: &Call) -> Result<Input, ServiceError> {
        call.json()
    }

    fn needs(state: &SecretsManager, input: &Input, _: &Scope) -> Result<Vec<Need>, ServiceError> {
        Ok(vec![on_secret(state, "secretsmanager:DescribeSecret", &input.secret_id)?])
    }

    async fn run(state: &SecretsManager, permit: Permit<Self>, input: Input) -> Result<Reply, ServiceError> {
        let name = id::name_of(permit.scope(), &input.secret_id)?;
        let record = state.shelf.record(&name)?.ok_or_else(id::not_found)?;
        let tags: Vec<Value> = record.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
        let mut answer = json!({
            "ARN": id::secret_arn(permit.scope(), &record.name),
            "Name": record.name,
            "LastChangedDate": seconds(record.changed),
            "CreatedDate": seconds(record.created),
            "Tags": tags,
            "VersionIdsToStages": record.stages(),
        });
        if let (Some(description), Some(members)) = (record.description, answer.as_object_mut()) {
            members.insert("Description".to_owned(), Value::from(description));
        }
        Ok(Reply::json(&answer))
    }

    fn example(_: &Scope) -> Value {
        json!({"SecretId": "example"})
    }
}
