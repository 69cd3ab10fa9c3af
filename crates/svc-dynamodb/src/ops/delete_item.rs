//! `DeleteItem`: removes one item.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html>

use burgward_service::{Need, Scope, ServiceError};
use serde_json::{Value, json};

use crate::DynamoDb;
use crate::needs::Access;
use crate::request::{Body, object, table};

operation! {
    /// The operation `DeleteItem`.
    DeleteItem: Write, ["dynamodb:DeleteItem"], DELETE_ITEM, Write, delete_item
}

fn needs(state: &DynamoDb, body: &Body) -> Result<Vec<Need>, ServiceError> {
    let access = Access::new(state, "dynamodb:DeleteItem", &table(&state.home, body)?, None)?;
    let access = access.key(object(body, "Key")).attributes(body).parameter(body, "ReturnValues");
    Ok(vec![access.parameter(body, "ReturnConsumedCapacity").done()])
}

fn example(_: &Scope) -> Value {
    json!({"TableName": "example", "Key": {"id": {"S": "1"}}})
}
