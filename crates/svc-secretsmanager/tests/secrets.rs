//! Secrets as clients see them, asked through the front.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::sync::Arc;

use burgward_store::SqlStore;
use burgward_svc_secretsmanager::{SecretsManager, secret_arn};
use burgward_testkit::{House, clock, scope};
use burgward_types::Principal;
use burgward_vault::Vault;
use serde_json::{Value, json};

fn house() -> (House, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::ephemeral().unwrap();
    let store = SqlStore::open(&dir.path().join("state.db"), &vault.key("store").unwrap()).unwrap();
    let service = SecretsManager::new(Arc::new(store), vault.key("secretsmanager").unwrap(), clock(), scope());
    (House::new(Arc::new(service)), dir)
}

async fn ask(house: &House, who: &Principal, operation: &str, body: Value) -> Result<Value, String> {
    house.call(who, "secretsmanager", operation, body).await
}

const TOKEN: &str = "11111111-1111-1111-1111-111111111111";

#[tokio::test]
async fn a_secret_by_name_and_arn_and_stage() {
    let (house, _dir) = house();
    let admin = house.admin();
    let create = json!({"Name": "app/db", "SecretString": "one", "ClientRequestToken": TOKEN});
    let arn = secret_arn(&scope(), "app/db");
    let made = ask(&house, &admin, "CreateSecret", create.clone()).await.unwrap();
    assert_eq!(made, json!({"ARN": arn, "Name": "app/db", "VersionId": TOKEN}));
    assert_eq!(ask(&house, &admin, "CreateSecret", create).await.unwrap(), made);
    let other = json!({"Name": "app/db", "SecretString": "other"});
    assert!(ask(&house, &admin, "CreateSecret", other).await.unwrap_err().starts_with("ResourceExistsException"));
    ask(&house, &admin, "PutSecretValue", json!({"SecretId": arn, "SecretString": "two"})).await.unwrap();
    let partial = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db";
    for id in ["app/db", arn.as_str(), partial] {
        let got = ask(&house, &admin, "GetSecretValue", json!({"SecretId": id})).await.unwrap();
        assert_eq!((&got["SecretString"], &got["VersionStages"]), (&json!("two"), &json!(["AWSCURRENT"])));
    }
    let previous = json!({"SecretId": "app/db", "VersionStage": "AWSPREVIOUS"});
    assert_eq!(ask(&house, &admin, "GetSecretValue", previous).await.unwrap()["SecretString"], "one");
    let by_id = json!({"SecretId": "app/db", "VersionId": TOKEN, "VersionStage": "AWSCURRENT"});
    assert!(ask(&house, &admin, "GetSecretValue", by_id).await.unwrap_err().starts_with("InvalidRequestException"));
    let missing = ask(&house, &admin, "GetSecretValue", json!({"SecretId": "nope"})).await.unwrap_err();
    assert_eq!(missing, "ResourceNotFoundException: Secrets Manager can't find the specified secret.");
}

#[tokio::test]
async fn binary_values_round_trip() {
    let (house, _dir) = house();
    let admin = house.admin();
    ask(&house, &admin, "CreateSecret", json!({"Name": "bin", "SecretBinary": "AAEC/w=="})).await.unwrap();
    let got = ask(&house, &admin, "GetSecretValue", json!({"SecretId": "bin"})).await.unwrap();
    assert_eq!(got["SecretBinary"], "AAEC/w==");
    assert!(got.get("SecretString").is_none());
}

#[tokio::test]
async fn stages_and_tags_fence() {
    let (house, _dir) = house();
    let admin = house.admin();
    let tags = json!([{"Key": "team", "Value": "blue"}]);
    ask(&house, &admin, "CreateSecret", json!({"Name": "s", "SecretString": "one", "Tags": tags})).await.unwrap();
    ask(&house, &admin, "PutSecretValue", json!({"SecretId": "s", "SecretString": "two"})).await.unwrap();
    let role = house.role(
        "r",
        &json!([{
            "Effect": "Allow",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:s-??????",
            "Condition": {"StringEquals": {
                "secretsmanager:VersionStage": "AWSCURRENT",
                "secretsmanager:ResourceTag/team": "blue"
            }}
        }]),
    );
    assert!(ask(&house, &role, "GetSecretValue", json!({"SecretId": "s"})).await.is_ok());
    let previous = json!({"SecretId": "s", "VersionStage": "AWSPREVIOUS"});
    assert!(ask(&house, &role, "GetSecretValue", previous).await.unwrap_err().starts_with("AccessDeniedException"));
    let missing = ask(&house, &role, "GetSecretValue", json!({"SecretId": "other"})).await.unwrap_err();
    assert!(missing.starts_with("AccessDeniedException"), "{missing}");
    let green = json!({"Name": "g", "SecretString": "x", "KmsKeyId": "alias/mine"});
    assert!(ask(&house, &admin, "CreateSecret", green).await.unwrap_err().starts_with("InvalidParameterException"));
}
