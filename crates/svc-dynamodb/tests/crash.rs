//! A power cut: what was acknowledged is there afterwards, down to the table itself.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on panics, in its helpers too")]

use std::path::Path;
use std::sync::Arc;

use burgward_svc_dynamodb::DynamoDb;
use burgward_testkit::{House, PowerCut, scope};
use serde_json::{Value, json};

const DIR: &str = "DYNAMODB_CRASH_DIR";

fn house(dir: &Path) -> House {
    House::new(Arc::new(DynamoDb::open(&dir.join("data/tables.db"), &[7; 32], &scope()).unwrap()))
}

async fn ask(house: &House, operation: &str, body: Value) -> Value {
    house.call(&house.admin(), "dynamodb", operation, body).await.unwrap()
}

/// Writes in every way that items are written, and says which items are there for sure.
async fn write(house: &House, number: u32) -> Vec<String> {
    let item = |name: String| json!({"id": {"S": name}, "filling": {"S": "x".repeat(900)}});
    let put = |name: String| json!({"Put": {"TableName": "counts", "Item": item(name)}});
    match number % 4 {
        0 => {
            ask(house, "PutItem", json!({"TableName": "counts", "Item": item(format!("put-{number}"))})).await;
            vec![format!("put-{number}")]
        }
        1 => {
            let name = format!("update-{number}");
            let set = json!({
                "TableName": "counts", "Key": {"id": {"S": name}},
                "UpdateExpression": "SET n = :n", "ExpressionAttributeValues": {":n": {"N": "1"}}
            });
            ask(house, "UpdateItem", set).await;
            vec![name]
        }
        2 => {
            let names = vec![format!("batch-{number}-a"), format!("batch-{number}-b")];
            let puts: Vec<Value> =
                names.iter().map(|name| json!({"PutRequest": {"Item": item(name.clone())}})).collect();
            ask(house, "BatchWriteItem", json!({"RequestItems": {"counts": puts}})).await;
            names
        }
        _ => {
            let names = vec![format!("transact-{number}-a"), format!("transact-{number}-b")];
            let puts: Vec<Value> = names.iter().map(|name| put(name.clone())).collect();
            ask(house, "TransactWriteItems", json!({"TransactItems": puts})).await;
            names
        }
    }
}

/// Not a test by itself: what the power is taken from.
#[tokio::test]
async fn child_writes_for_ever() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let house = house(Path::new(&dir));
    let table = json!({
        "TableName": "counts",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST"
    });
    ask(&house, "CreateTable", table).await;
    for number in 0.. {
        for name in write(&house, number).await {
            println!("\nacknowledged {name}");
        }
    }
}

/// The engine brings its own database library, so its syncs are seen where they reach the system.
#[tokio::test]
async fn nothing_acknowledged_is_lost_by_a_power_cut() {
    let power = PowerCut::new();
    let acknowledged = power.run("child_writes_for_ever", DIR, 40);
    let house = house(&power.after());
    for name in &acknowledged {
        let got = ask(&house, "GetItem", json!({"TableName": "counts", "Key": {"id": {"S": name}}})).await;
        assert!(got["Item"].is_object(), "`{name}` was acknowledged and is lost");
    }
}
