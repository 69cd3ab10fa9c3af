//! Tables and items as clients see them.

use std::sync::Arc;

use burgward_svc_dynamodb::DynamoDb;
use burgward_testkit::{House, scope};
use serde_json::{Value, json};

fn open(dir: &std::path::Path, key: u8) -> Result<DynamoDb, burgward_svc_dynamodb::OpenError> {
    DynamoDb::open(&dir.join("tables.db"), &[key; 32], &scope())
}

fn table() -> Value {
    json!({
        "TableName": "counts",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST"
    })
}

#[tokio::test]
async fn arns_are_of_this_account_and_region() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::new(Arc::new(open(dir.path(), 1).unwrap()));
    let admin = house.admin();
    let made = house.call(&admin, "dynamodb", "CreateTable", table()).await.unwrap();
    assert_eq!(made["TableDescription"]["TableArn"], "arn:aws:dynamodb:eu-west-1:123456789012:table/counts");
    let described = house.call(&admin, "dynamodb", "DescribeTable", json!({"TableName": "counts"})).await.unwrap();
    assert_eq!(described["Table"]["TableStatus"], "ACTIVE");
    assert!(!described.to_string().contains("000000000000"), "{described}");
    let names = house.call(&admin, "dynamodb", "ListTables", json!({})).await.unwrap();
    assert_eq!(names, json!({"TableNames": ["counts"]}));
}

#[tokio::test]
async fn readers_see_writes_and_changed_layouts() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::new(Arc::new(open(dir.path(), 1).unwrap()));
    let admin = house.admin();
    let call = |operation: &'static str, body: Value| house.call(&admin, "dynamodb", operation, body);
    let get = json!({"TableName": "counts", "Key": {"id": {"S": "a"}}});
    call("CreateTable", table()).await.unwrap();
    assert_eq!(call("GetItem", get.clone()).await.unwrap(), json!({}));
    let add = json!({
        "TableName": "counts", "Key": {"id": {"S": "a"}},
        "UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": {"N": "1"}}
    });
    for n in 1..=3 {
        call("UpdateItem", add.clone()).await.unwrap();
        assert_eq!(call("GetItem", get.clone()).await.unwrap()["Item"]["n"]["N"], n.to_string());
    }
    call("DeleteTable", json!({"TableName": "counts"})).await.unwrap();
    assert!(call("GetItem", get.clone()).await.unwrap_err().starts_with("ResourceNotFoundException"));
    let mut other = table();
    other["AttributeDefinitions"][0]["AttributeName"] = json!("key");
    other["KeySchema"][0]["AttributeName"] = json!("key");
    call("CreateTable", other).await.unwrap();
    assert!(call("GetItem", get).await.unwrap_err().contains("key element does not match the schema"));
}

#[tokio::test]
async fn errors_are_dynamodbs() {
    let dir = tempfile::tempdir().unwrap();
    let house = House::new(Arc::new(open(dir.path(), 1).unwrap()));
    let admin = house.admin();
    let call = |operation: &'static str, body: Value| house.call(&admin, "dynamodb", operation, body);
    call("CreateTable", table()).await.unwrap();
    let item =
        json!({"TableName": "counts", "Item": {"id": {"S": "a"}}, "ConditionExpression": "attribute_not_exists(id)"});
    call("PutItem", item.clone()).await.unwrap();
    assert_eq!(
        call("PutItem", item).await.unwrap_err(),
        "ConditionalCheckFailedException: The conditional request failed"
    );
    assert_eq!(
        call("GetItem", json!({"TableName": 5, "Key": {}})).await.unwrap_err(),
        "SerializationException: NUMBER_VALUE cannot be converted to String"
    );
    let mut deep = json!({"S": "x"});
    for _ in 0..40 {
        deep = json!({"L": [deep]});
    }
    let nested = call("PutItem", json!({"TableName": "counts", "Item": {"id": {"S": "a"}, "d": deep}})).await;
    assert!(nested.unwrap_err().contains("Nesting Levels have exceeded supported limits"));
    assert_eq!(
        call("ExecuteStatement", json!({"Statement": "SELECT * FROM counts"})).await.unwrap_err().split(':').next(),
        Some("UnknownOperationException")
    );
}

#[tokio::test]
async fn the_file_opens_with_its_key_alone_and_holds_nothing_readable() {
    let dir = tempfile::tempdir().unwrap();
    {
        let house = House::new(Arc::new(open(dir.path(), 1).unwrap()));
        let admin = house.admin();
        house.call(&admin, "dynamodb", "CreateTable", table()).await.unwrap();
        let item = json!({"TableName": "counts", "Item": {"id": {"S": "canary-in-the-file"}}});
        house.call(&admin, "dynamodb", "PutItem", item).await.unwrap();
    }
    assert!(open(dir.path(), 2).is_err());
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(18).any(|window| window == b"canary-in-the-file"));
    }
    let house = House::new(Arc::new(open(dir.path(), 1).unwrap()));
    let get = json!({"TableName": "counts", "Key": {"id": {"S": "canary-in-the-file"}}});
    assert!(house.call(&house.admin(), "dynamodb", "GetItem", get).await.unwrap()["Item"].is_object());
}
