//! `UpdateTimeToLive`: makes a table's items expire, or not.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html>

use burgward_service::{Need, Scope, ServiceError};
use serde_json::{Value, json};

use crate::DynamoDb;
use crate::needs::on_table;
use crate::request::{Body, table};

operation! {
    /// The operation `UpdateTimeToLive`.
    UpdateTimeToLive: Write, ["dynamodb:UpdateTimeToLive"], UPDATE_TIME_TO_LIVE, Control, update_time_to_live
}

fn needs(state: &DynamoDb, body: &Body) -> Result<Vec<Need>, ServiceError> {
    Ok(vec![on_table(state, "dynamodb:UpdateTimeToLive", &table(&state.home, body)?)?])
}

fn example(_: &Scope) -> Value {
    json!({"TableName": "example", "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "expires"}})
}
