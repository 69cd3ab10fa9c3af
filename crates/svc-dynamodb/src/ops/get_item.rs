//! `GetItem`: one item by its key.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html>

use burgward_service::{Need, Scope, ServiceError};
use serde_json::{Value, json};

use crate::DynamoDb;
use crate::needs::Access;
use crate::request::{Body, object, table};

operation! {
    /// The operation `GetItem`.
    GetItem: Read, ["dynamodb:GetItem"], GET_ITEM, Point, get_item
}

fn needs(state: &DynamoDb, body: &Body) -> Result<Vec<Need>, ServiceError> {
    let access = Access::new(state, "dynamodb:GetItem", &table(&state.home, body)?, None)?;
    let access = access.key(object(body, "Key")).attributes(body).select(body);
    Ok(vec![access.parameter(body, "ReturnConsumedCapacity").done()])
}

fn example(_: &Scope) -> Value {
    json!({"TableName": "example", "Key": {"id": {"S": "1"}}})
}
