//! `ListTables`: the names of all tables. It has no resource: leave for it is leave for `*`.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html>

use burgward_service::{Need, Scope, ServiceError};
use serde_json::{Value, json};

use crate::DynamoDb;
use crate::request::Body;

operation! {
    /// The operation `ListTables`.
    ListTables: List, ["dynamodb:ListTables"], LIST_TABLES, Point, list_tables
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that every operation has")]
fn needs(_: &DynamoDb, _: &Body) -> Result<Vec<Need>, ServiceError> {
    Ok(vec![Need::new("dynamodb:ListTables", "*")])
}

fn example(_: &Scope) -> Value {
    json!({})
}
