//! `TransactWriteItems`: writes that all happen or none; each needs the leave of its own kind.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>

use burgward_service::{Need, Scope, ServiceError};
use serde_json::{Value, json};

use crate::DynamoDb;
use crate::needs::Access;
use crate::request::{Body, list, object, table};

operation! {
    /// The operation `TransactWriteItems`.
    TransactWriteItems: Write, ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"], TRANSACT_WRITE_ITEMS, Write, transact_write_items
}

fn needs(state: &DynamoDb, body: &Body) -> Result<Vec<Need>, ServiceError> {
    let mut needs = Vec::new();
    let items = list(body, "TransactItems").iter().filter_map(Value::as_object).flatten();
    for (kind, write) in items {
        let action = match kind.as_str() {
            "Put" => "dynamodb:PutItem",
            "Update" => "dynamodb:UpdateItem",
            "Delete" => "dynamodb:DeleteItem",
            "ConditionCheck" => "dynamodb:ConditionCheckItem",
            _ => continue,
        };
        let Some(write) = write.as_object() else { continue };
        let access = Access::new(state, action, &table(&state.home, write)?, None)?;
        let access = access.key(object(write, "Item").or_else(|| object(write, "Key"))).attributes(write);
        let access = access.with("dynamodb:EnclosingOperation", "TransactWriteItems");
        needs.push(access.parameter(body, "ReturnConsumedCapacity").done());
    }
    crate::needs::some(needs, "transactItems")
}

fn example(_: &Scope) -> Value {
    json!({"TransactItems": [{"Delete": {"TableName": "example", "Key": {"id": {"S": "1"}}}}]})
}
