//! `DeleteTable`: a table and everything in it goes.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html>

use burgward_service::{Need, Scope, ServiceError};
use serde_json::{Value, json};

use crate::DynamoDb;
use crate::needs::on_table;
use crate::request::{Body, table};

operation! {
    /// The operation `DeleteTable`.
    DeleteTable: Write, ["dynamodb:DeleteTable"], TABLE_ONLY, Control, delete_table
}

fn needs(state: &DynamoDb, body: &Body) -> Result<Vec<Need>, ServiceError> {
    Ok(vec![on_table(state, "dynamodb:DeleteTable", &table(&state.home, body)?)?])
}

fn example(_: &Scope) -> Value {
    json!({"TableName": "example"})
}
