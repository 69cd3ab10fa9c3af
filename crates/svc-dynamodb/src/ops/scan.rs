//! `Scan`: every item of a table or an index. It has no leading key: policies by `dynamodb:LeadingKeys` do not fence a scan.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html>

use burgward_service::{Need, Scope, ServiceError};
use serde_json::{Value, json};

use crate::DynamoDb;
use crate::needs::Access;
use crate::request::{Body, table, text};

operation! {
    /// The operation `Scan`.
    Scan: Read, ["dynamodb:Scan"], SCAN, Range, scan
}

fn needs(state: &DynamoDb, body: &Body) -> Result<Vec<Need>, ServiceError> {
    let table = table(&state.home, body)?;
    let access = Access::new(state, "dynamodb:Scan", &table, text(body, "IndexName"))?;
    let access = access.attributes(body).select(body);
    Ok(vec![access.parameter(body, "ReturnConsumedCapacity").done()])
}

fn example(_: &Scope) -> Value {
    json!({"TableName": "example"})
}
