//! `CreateTable`: a new table; with tags it needs the leave to tag as well.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html>

use burgward_service::{Need, Scope, ServiceError};
use serde_json::{Value, json};

use crate::DynamoDb;
use crate::needs::{on_table, with_request_tags};
use crate::request::{Body, list, table};

operation! {
    /// The operation `CreateTable`.
    CreateTable: Write, ["dynamodb:CreateTable", "dynamodb:TagResource"], CREATE_TABLE, Control, create_table
}

fn needs(state: &DynamoDb, body: &Body) -> Result<Vec<Need>, ServiceError> {
    let table = table(&state.home, body)?;
    let mut needs = vec![with_request_tags(on_table(state, "dynamodb:CreateTable", &table)?, body)];
    if !list(body, "Tags").is_empty() {
        needs.push(with_request_tags(on_table(state, "dynamodb:TagResource", &table)?, body));
    }
    Ok(needs)
}

fn example(_: &Scope) -> Value {
    json!({
        "TableName": "example",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST"
    })
}
