//! `DescribeTable`: how a table is laid out.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html>

use burgward_service::{Need, Scope, ServiceError};
use serde_json::{Value, json};

use crate::DynamoDb;
use crate::needs::on_table;
use crate::request::{Body, table};

operation! {
    /// The operation `DescribeTable`.
    DescribeTable: Read, ["dynamodb:DescribeTable"], TABLE_ONLY, Point, describe_table
}

fn needs(state: &DynamoDb, body: &Body) -> Result<Vec<Need>, ServiceError> {
    Ok(vec![on_table(state, "dynamodb:DescribeTable", &table(&state.home, body)?)?])
}

fn example(_: &Scope) -> Value {
    json!({"TableName": "example"})
}
