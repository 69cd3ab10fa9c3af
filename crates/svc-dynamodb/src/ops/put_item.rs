//! `PutItem`: writes one item whole.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html>

use burgward_service::{Need, Scope, ServiceError};
use serde_json::{Value, json};

use crate::DynamoDb;
use crate::needs::Access;
use crate::request::{Body, object, table};

operation! {
    /// The operation `PutItem`.
    PutItem: Write, ["dynamodb:PutItem"], PUT_ITEM, Write, put_item
}

fn needs(state: &DynamoDb, body: &Body) -> Result<Vec<Need>, ServiceError> {
    let access = Access::new(state, "dynamodb:PutItem", &table(&state.home, body)?, None)?;
    let access = access.key(object(body, "Item")).attributes(body).parameter(body, "ReturnValues");
    Ok(vec![access.parameter(body, "ReturnConsumedCapacity").done()])
}

fn example(_: &Scope) -> Value {
    json!({"TableName": "example", "Item": {"id": {"S": "1"}}})
}
