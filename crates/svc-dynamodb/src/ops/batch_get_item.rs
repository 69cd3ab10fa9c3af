//! `BatchGetItem`: items of several tables by their keys; every table needs its own leave.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>

use burgward_service::{Need, Scope, ServiceError};
use serde_json::{Value, json};

use crate::DynamoDb;
use crate::needs::Access;
use crate::request::{Body, list, missing, object};

operation! {
    /// The operation `BatchGetItem`.
    BatchGetItem: Read, ["dynamodb:BatchGetItem"], BATCH_GET_ITEM, Point, batch_get_item
}

fn needs(state: &DynamoDb, body: &Body) -> Result<Vec<Need>, ServiceError> {
    let tables = object(body, "RequestItems").ok_or_else(|| missing("requestItems"))?;
    let mut needs = Vec::new();
    for (given, request) in tables {
        let table = state.home.table_name(given)?;
        let mut access = Access::new(state, "dynamodb:BatchGetItem", &table, None)?;
        if let Some(request) = request.as_object() {
            for key in list(request, "Keys") {
                access = access.key(key.as_object());
            }
            access = access.attributes(request).select(request);
        }
        needs.push(access.parameter(body, "ReturnConsumedCapacity").done());
    }
    crate::needs::some(needs, "requestItems")
}

fn example(_: &Scope) -> Value {
    json!({"RequestItems": {"example": {"Keys": [{"id": {"S": "1"}}]}}})
}
