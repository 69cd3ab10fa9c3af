//! Parameters as clients see them, asked through the front.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::sync::Arc;

use burgward_store::SqlStore;
use burgward_svc_ssm::Ssm;
use burgward_testkit::{House, clock, scope};
use burgward_types::Principal;
use burgward_vault::Vault;
use serde_json::{Value, json};

fn house() -> (House, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::ephemeral().unwrap();
    let store = SqlStore::open(&dir.path().join("state.db"), &vault.key("store").unwrap()).unwrap();
    let ssm = Ssm::new(Arc::new(store), vault.key("ssm").unwrap(), clock(), scope());
    (House::new(Arc::new(ssm)), dir)
}

async fn ask(house: &House, who: &Principal, operation: &str, body: Value) -> Result<Value, String> {
    house.call(who, "ssm", operation, body).await
}

#[tokio::test]
async fn versions_and_overwrite() {
    let (house, _dir) = house();
    let admin = house.admin();
    let put = |value: &str, overwrite: bool| json!({"Name": "/app/x", "Value": value, "Type": "String", "Overwrite": overwrite});
    let first = ask(&house, &admin, "PutParameter", put("1", false)).await.unwrap();
    assert_eq!(first, json!({"Version": 1, "Tier": "Standard"}));
    let again = ask(&house, &admin, "PutParameter", put("2", false)).await.unwrap_err();
    assert!(again.starts_with("ParameterAlreadyExists"), "{again}");
    ask(&house, &admin, "PutParameter", put("2", true)).await.unwrap();
    let newest = ask(&house, &admin, "GetParameter", json!({"Name": "/app/x"})).await.unwrap();
    assert_eq!(
        newest,
        json!({"Parameter": {
            "Name": "/app/x", "Type": "String", "Value": "2", "Version": 2, "LastModifiedDate": 1_795_350_896.789,
            "ARN": "arn:aws:ssm:eu-west-1:123456789012:parameter/app/x", "DataType": "text"
        }})
    );
    let old = ask(&house, &admin, "GetParameter", json!({"Name": "/app/x:1"})).await.unwrap();
    assert_eq!((&old["Parameter"]["Value"], &old["Parameter"]["Selector"]), (&json!("1"), &json!(":1")));
    let names = json!({"Names": ["/app/x", "/app/missing", "/app/x:9"]});
    let several = ask(&house, &admin, "GetParameters", names).await.unwrap();
    assert_eq!(several["Parameters"].as_array().unwrap().len(), 1);
    assert_eq!(several["InvalidParameters"], json!(["/app/missing", "/app/x:9"]));
    ask(&house, &admin, "DeleteParameter", json!({"Name": "/app/x"})).await.unwrap();
    let gone = ask(&house, &admin, "GetParameter", json!({"Name": "/app/x:1"})).await.unwrap_err();
    assert!(gone.starts_with("ParameterNotFound"), "{gone}");
}

#[tokio::test]
async fn a_secure_string_comes_out_only_when_asked_for() {
    let (house, _dir) = house();
    let admin = house.admin();
    let put = json!({"Name": "/app/key", "Value": "hunter2", "Type": "SecureString"});
    ask(&house, &admin, "PutParameter", put).await.unwrap();
    let sealed = ask(&house, &admin, "GetParameter", json!({"Name": "/app/key"})).await.unwrap();
    assert!(!sealed.to_string().contains("hunter2"));
    let open = json!({"Name": "/app/key", "WithDecryption": true});
    assert_eq!(ask(&house, &admin, "GetParameter", open).await.unwrap()["Parameter"]["Value"], "hunter2");
    let plain = json!({"Name": "/app/key", "Value": "x", "Type": "String", "Overwrite": true});
    assert!(ask(&house, &admin, "PutParameter", plain).await.unwrap_err().starts_with("HierarchyTypeMismatch"));
}

#[tokio::test]
async fn paths_page_and_fence() {
    let (house, _dir) = house();
    let admin = house.admin();
    for n in 0..12 {
        let put = json!({"Name": format!("/app/a/{n:02}"), "Value": "v", "Type": "String"});
        ask(&house, &admin, "PutParameter", put).await.unwrap();
    }
    let put = json!({"Name": "/app2/x", "Value": "v", "Type": "String"});
    ask(&house, &admin, "PutParameter", put).await.unwrap();
    let flat = ask(&house, &admin, "GetParametersByPath", json!({"Path": "/app"})).await.unwrap();
    assert_eq!(flat, json!({"Parameters": []}));
    let mut names = Vec::new();
    let mut body = json!({"Path": "/app", "Recursive": true, "MaxResults": 5});
    loop {
        let page = ask(&house, &admin, "GetParametersByPath", body.clone()).await.unwrap();
        let shown = page["Parameters"].as_array().unwrap();
        assert!(shown.len() <= 5);
        names.extend(shown.iter().map(|p| p["Name"].as_str().unwrap().to_owned()));
        match page.get("NextToken") {
            Some(token) => body["NextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(names, (0..12).map(|n| format!("/app/a/{n:02}")).collect::<Vec<_>>());
    let role = house.role(
        "flat",
        &json!([{
            "Effect": "Allow",
            "Action": "ssm:GetParametersByPath",
            "Resource": "arn:aws:ssm:eu-west-1:123456789012:parameter/app/a",
            "Condition": {"StringEquals": {"ssm:Recursive": "false"}}
        }]),
    );
    assert!(ask(&house, &role, "GetParametersByPath", json!({"Path": "/app/a/"})).await.is_ok());
    for body in [json!({"Path": "/app"}), json!({"Path": "/app/a", "Recursive": true})] {
        let denied = ask(&house, &role, "GetParametersByPath", body).await.unwrap_err();
        assert!(denied.starts_with("AccessDeniedException"), "{denied}");
    }
}

#[tokio::test]
async fn what_is_not_enforced_is_refused() {
    let (house, _dir) = house();
    let admin = house.admin();
    for (member, value) in [
        ("KeyId", json!("alias/mine")),
        ("AllowedPattern", json!("[a-z]+")),
        ("Policies", json!("[{\"Type\":\"Expiration\"}]")),
        ("DataType", json!("aws:ec2:image")),
        ("Unheard", json!(true)),
    ] {
        let mut put = json!({"Name": "/app/x", "Value": "v", "Type": "String"});
        put[member] = value;
        assert!(ask(&house, &admin, "PutParameter", put).await.is_err(), "{member}");
    }
    let filter = json!({"Path": "/app", "ParameterFilters": [{"Key": "Label", "Values": ["x"]}]});
    assert!(ask(&house, &admin, "GetParametersByPath", filter).await.unwrap_err().starts_with("InvalidFilterKey"));
}
