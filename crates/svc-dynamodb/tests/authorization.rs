//! What policies by table, index, key and attribute let through, asked through the front.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::sync::Arc;

use burgward_svc_dynamodb::DynamoDb;
use burgward_testkit::{House, scope};
use burgward_types::Principal;
use serde_json::{Value, json};

const TABLES: &str = "arn:aws:dynamodb:eu-west-1:123456789012:table";

fn house() -> (House, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let tables = DynamoDb::open(&dir.path().join("tables.db"), &[7; 32], &scope()).unwrap();
    (House::new(Arc::new(tables)), dir)
}

async fn ask(house: &House, who: &Principal, operation: &str, body: Value) -> Result<Value, String> {
    house.call(who, "dynamodb", operation, body).await
}

async fn filled() -> (House, Principal, tempfile::TempDir) {
    let (house, dir) = house();
    let admin = house.admin();
    let table = json!({
        "TableName": "notes",
        "AttributeDefinitions": [
            {"AttributeName": "owner", "AttributeType": "S"},
            {"AttributeName": "at", "AttributeType": "N"},
            {"AttributeName": "topic", "AttributeType": "S"}
        ],
        "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        "GlobalSecondaryIndexes": [{
            "IndexName": "by-topic",
            "KeySchema": [{"AttributeName": "topic", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"}
        }],
        "BillingMode": "PAY_PER_REQUEST"
    });
    ask(&house, &admin, "CreateTable", table).await.unwrap();
    for (owner, at, topic) in [("ann", "1", "tea"), ("bob", "2", "tea")] {
        let item = json!({"owner": {"S": owner}, "at": {"N": at}, "topic": {"S": topic}, "secret": {"S": "x"}});
        ask(&house, &admin, "PutItem", json!({"TableName": "notes", "Item": item})).await.unwrap();
    }
    (house, admin, dir)
}

fn key(owner: &str, at: &str) -> Value {
    json!({"owner": {"S": owner}, "at": {"N": at}})
}

fn denied(outcome: &Result<Value, String>) -> bool {
    matches!(outcome, Err(error) if error.starts_with("AccessDeniedException"))
}

#[tokio::test]
async fn leading_keys_fence_every_way_in() {
    let (house, _, _dir) = filled().await;
    let ann = house.role(
        "ann",
        &json!([{
            "Effect": "Allow",
            "Action": ["dynamodb:*Item*", "dynamodb:Query"],
            "Resource": format!("{TABLES}/notes"),
            "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["ann"]}}
        }]),
    );
    let own = ask(&house, &ann, "GetItem", json!({"TableName": "notes", "Key": key("ann", "1")})).await.unwrap();
    assert_eq!(own["Item"]["topic"]["S"], "tea");
    let query = |condition: &str, owner: &str| {
        json!({
            "TableName": "notes",
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": {"#o": "owner"},
            "ExpressionAttributeValues": {":o": {"S": owner}}
        })
    };
    assert_eq!(ask(&house, &ann, "Query", query("#o = :o", "ann")).await.unwrap()["Count"], 1);
    let write = |owner: &str| json!({"owner": {"S": owner}, "at": {"N": "9"}});
    for (operation, body) in [
        ("GetItem", json!({"TableName": "notes", "Key": key("bob", "2")})),
        ("Query", query("#o = :o", "bob")),
        ("Query", query("begins_with(#o, :o)", "ann")),
        ("PutItem", json!({"TableName": "notes", "Item": write("bob")})),
        ("PutItem", json!({"TableName": "notes", "Item": {"at": {"N": "1"}}})),
        ("DeleteItem", json!({"TableName": "notes", "Key": key("bob", "2")})),
        ("UpdateItem", json!({"TableName": "notes", "Key": key("bob", "2"), "UpdateExpression": "REMOVE topic"})),
        ("BatchGetItem", json!({"RequestItems": {"notes": {"Keys": [key("ann", "1"), key("bob", "2")]}}})),
        ("BatchWriteItem", json!({"RequestItems": {"notes": [{"PutRequest": {"Item": write("bob")}}]}})),
        ("TransactGetItems", json!({"TransactItems": [{"Get": {"TableName": "notes", "Key": key("bob", "2")}}]})),
        ("TransactWriteItems", json!({"TransactItems": [{"Delete": {"TableName": "notes", "Key": key("bob", "2")}}]})),
    ] {
        let outcome = ask(&house, &ann, operation, body).await;
        assert!(denied(&outcome), "{operation}: {outcome:?}");
    }
}

#[tokio::test]
async fn an_index_is_authorized_by_its_own_arn() {
    let (house, _, _dir) = filled().await;
    let table_only = house
        .role("t", &json!([{"Effect": "Allow", "Action": "dynamodb:Query", "Resource": format!("{TABLES}/notes")}]));
    let index_only = house.role(
        "i",
        &json!([{"Effect": "Allow", "Action": "dynamodb:Query", "Resource": format!("{TABLES}/notes/index/by-topic")}]),
    );
    let query = json!({
        "TableName": "notes",
        "IndexName": "by-topic",
        "KeyConditionExpression": "topic = :t",
        "ExpressionAttributeValues": {":t": {"S": "tea"}}
    });
    assert!(denied(&ask(&house, &table_only, "Query", query.clone()).await));
    assert_eq!(ask(&house, &index_only, "Query", query).await.unwrap()["Count"], 2);
}

#[tokio::test]
async fn attributes_are_fenced_even_when_none_are_named() {
    let (house, _, _dir) = filled().await;
    let role = house.role(
        "a",
        &json!([{
            "Effect": "Allow",
            "Action": ["dynamodb:GetItem", "dynamodb:Scan"],
            "Resource": format!("{TABLES}/notes"),
            "Condition": {
                "ForAllValues:StringEquals": {"dynamodb:Attributes": ["owner", "at", "topic"]},
                "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}
            }
        }]),
    );
    let get = |projection: Option<&str>| {
        json!({
            "TableName": "notes",
            "Key": key("ann", "1"),
            "ProjectionExpression": projection,
            "ExpressionAttributeNames": projection.map(|_| json!({"#s": "secret", "#t": "topic"}))
        })
    };
    assert!(denied(&ask(&house, &role, "GetItem", get(None)).await));
    assert!(denied(&ask(&house, &role, "GetItem", get(Some("#t, #s"))).await));
    assert!(denied(&ask(&house, &role, "Scan", json!({"TableName": "notes"})).await));
    let filtered = json!({
        "TableName": "notes",
        "ProjectionExpression": "topic",
        "FilterExpression": "begins_with(secret, :x)",
        "ExpressionAttributeValues": {":x": {"S": "x"}}
    });
    assert!(denied(&ask(&house, &role, "Scan", filtered).await));
    let seen = json!({"TableName": "notes", "ProjectionExpression": "topic"});
    assert_eq!(ask(&house, &role, "Scan", seen).await.unwrap()["Count"], 2);
}

#[tokio::test]
async fn a_transaction_needs_the_leave_of_each_of_its_items() {
    let (house, _, _dir) = filled().await;
    let role = house
        .role("w", &json!([{"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": format!("{TABLES}/notes")}]));
    let put = json!({"Put": {"TableName": "notes", "Item": key("cid", "1")}});
    let check = json!({"ConditionCheck": {
        "TableName": "notes", "Key": key("ann", "1"), "ConditionExpression": "attribute_exists(topic)"
    }});
    ask(&house, &role, "TransactWriteItems", json!({"TransactItems": [put.clone()]})).await.unwrap();
    let both = ask(&house, &role, "TransactWriteItems", json!({"TransactItems": [put, check]})).await;
    assert!(denied(&both), "{both:?}");
    assert!(both.unwrap_err().contains("dynamodb:ConditionCheckItem"));
    let empty = ask(&house, &role, "TransactWriteItems", json!({"TransactItems": []})).await.unwrap_err();
    assert!(empty.starts_with("ValidationException"), "{empty}");
}

#[tokio::test]
async fn tags_of_a_table_decide() {
    let (house, admin, _dir) = filled().await;
    let role = house.role(
        "tagged",
        &json!([{
            "Effect": "Allow",
            "Action": "dynamodb:GetItem",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/team": "blue"}}
        }]),
    );
    let get = json!({"TableName": format!("{TABLES}/notes"), "Key": key("ann", "1")});
    assert!(denied(&ask(&house, &role, "GetItem", get.clone()).await));
    let tag = json!({"ResourceArn": format!("{TABLES}/notes"), "Tags": [{"Key": "team", "Value": "blue"}]});
    ask(&house, &admin, "TagResource", tag).await.unwrap();
    assert_eq!(ask(&house, &role, "GetItem", get).await.unwrap()["Item"]["owner"]["S"], "ann");
}

#[tokio::test]
async fn tables_elsewhere_are_not_served() {
    let (house, admin, _dir) = filled().await;
    for arn in
        ["arn:aws:dynamodb:us-east-1:123456789012:table/notes", "arn:aws:dynamodb:eu-west-1:999999999999:table/notes"]
    {
        let outcome = ask(&house, &admin, "GetItem", json!({"TableName": arn, "Key": key("ann", "1")})).await;
        assert!(outcome.unwrap_err().starts_with("ResourceNotFoundException"));
    }
    let two = json!({"RequestItems": {
        "notes": {"Keys": [key("ann", "1")]},
        format!("{TABLES}/notes"): {"Keys": [key("bob", "2")]}
    }});
    assert!(ask(&house, &admin, "BatchGetItem", two).await.unwrap_err().contains("duplicates"));
}
