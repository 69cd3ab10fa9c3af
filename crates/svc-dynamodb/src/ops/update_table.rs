//! `UpdateTable`: changes a table's layout.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html>

use burgward_service::{Need, Scope, ServiceError};
use serde_json::{Value, json};

use crate::DynamoDb;
use crate::needs::on_table;
use crate::request::{Body, table};

operation! {
    /// The operation `UpdateTable`.
    UpdateTable: Write, ["dynamodb:UpdateTable"], UPDATE_TABLE, Control, update_table
}

fn needs(state: &DynamoDb, body: &Body) -> Result<Vec<Need>, ServiceError> {
    Ok(vec![on_table(state, "dynamodb:UpdateTable", &table(&state.home, body)?)?])
}

fn example(_: &Scope) -> Value {
    json!({"TableName": "example", "BillingMode": "PAY_PER_REQUEST"})
}
