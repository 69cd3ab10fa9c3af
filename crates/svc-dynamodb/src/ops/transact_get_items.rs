//! `TransactGetItems`: items read at one moment; each is a `GetItem`.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html>

use burgward_service::{Need, Scope, ServiceError};
use serde_json::{Value, json};

use crate::DynamoDb;
use crate::needs::Access;
use crate::request::{Body, list, object, table};

operation! {
    /// The operation `TransactGetItems`.
    TransactGetItems: Read, ["dynamodb:GetItem"], TRANSACT_GET_ITEMS, Write, transact_get_items
}

fn needs(state: &DynamoDb, body: &Body) -> Result<Vec<Need>, ServiceError> {
    let mut needs = Vec::new();
    for get in list(body, "TransactItems").iter().filter_map(|item| item.get("Get")?.as_object()) {
        let access = Access::new(state, "dynamodb:GetItem", &table(&state.home, get)?, None)?;
        let access = access.key(object(get, "Key")).attributes(get).select(get);
        let access = access.with("dynamodb:EnclosingOperation", "TransactGetItems");
        needs.push(access.parameter(body, "ReturnConsumedCapacity").done());
    }
    crate::needs::some(needs, "transactItems")
}

fn example(_: &Scope) -> Value {
    json!({"TransactItems": [{"Get": {"TableName": "example", "Key": {"id": {"S": "1"}}}}]})
}
