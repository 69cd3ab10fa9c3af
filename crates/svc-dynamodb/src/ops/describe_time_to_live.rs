//! `DescribeTimeToLive`: whether a table's items expire.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTimeToLive.html>

use burgward_service::{Need, Scope, ServiceError};
use serde_json::{Value, json};

use crate::DynamoDb;
use crate::needs::on_table;
use crate::request::{Body, table};

operation! {
    /// The operation `DescribeTimeToLive`.
    DescribeTimeToLive: Read, ["dynamodb:DescribeTimeToLive"], TABLE_ONLY, Point, describe_time_to_live
}

fn needs(state: &DynamoDb, body: &Body) -> Result<Vec<Need>, ServiceError> {
    Ok(vec![on_table(state, "dynamodb:DescribeTimeToLive", &table(&state.home, body)?)?])
}

fn example(_: &Scope) -> Value {
    json!({"TableName": "example"})
}
