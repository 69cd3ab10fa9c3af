//! `Query`: items of one partition, of a table or an index; an index is authorized by its own ARN.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html>

use burgward_service::{Need, Scope, ServiceError};
use serde_json::{Value, json};

use crate::DynamoDb;
use crate::needs::Access;
use crate::request::{Body, table, text};

operation! {
    /// The operation `Query`.
    Query: Read, ["dynamodb:Query"], QUERY, Range, query
}

fn needs(state: &DynamoDb, body: &Body) -> Result<Vec<Need>, ServiceError> {
    let table = table(&state.home, body)?;
    let access = Access::new(state, "dynamodb:Query", &table, text(body, "IndexName"))?;
    let access = access.query(body).attributes(body).select(body);
    Ok(vec![access.parameter(body, "ReturnConsumedCapacity").done()])
}

fn example(_: &Scope) -> Value {
    json!({
        "TableName": "example",
        "KeyConditionExpression": "id = :id",
        "ExpressionAttributeValues": {":id": {"S": "1"}}
    })
}
