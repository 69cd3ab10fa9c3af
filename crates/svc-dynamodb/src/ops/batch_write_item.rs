//! `BatchWriteItem`: puts and deletes in several tables; every table needs its own leave.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html>

use burgward_service::{Need, Scope, ServiceError};
use serde_json::{Value, json};

use crate::DynamoDb;
use crate::needs::Access;
use crate::request::{Body, missing, object};

operation! {
    /// The operation `BatchWriteItem`.
    BatchWriteItem: Write, ["dynamodb:BatchWriteItem"], BATCH_WRITE_ITEM, Write, batch_write_item
}

fn needs(state: &DynamoDb, body: &Body) -> Result<Vec<Need>, ServiceError> {
    let tables = object(body, "RequestItems").ok_or_else(|| missing("requestItems"))?;
    let mut needs = Vec::new();
    for (given, writes) in tables {
        let table = state.home.table_name(given)?;
        let mut access = Access::new(state, "dynamodb:BatchWriteItem", &table, None)?;
        let writes = writes.as_array().map_or(&[][..], Vec::as_slice).iter().filter_map(Value::as_object);
        for write in writes.flat_map(|write| write.values()).filter_map(Value::as_object) {
            access = access.key(object(write, "Item").or_else(|| object(write, "Key"))).attributes(write);
        }
        needs.push(access.parameter(body, "ReturnConsumedCapacity").done());
    }
    crate::needs::some(needs, "requestItems")
}

fn example(_: &Scope) -> Value {
    json!({"RequestItems": {"example": [{"DeleteRequest": {"Key": {"id": {"S": "1"}}}}]}})
}
