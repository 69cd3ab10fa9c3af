//! `UntagResource`: removes tags of a table.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UntagResource.html>

use burgward_service::{Need, Scope, ServiceError};
use serde_json::{Value, json};

use crate::DynamoDb;
use crate::needs::{on_table, with_request_tags};
use crate::request::{Body, tagged_table};

operation! {
    /// The operation `UntagResource`.
    UntagResource: Tagging, ["dynamodb:UntagResource"], UNTAG_RESOURCE, Control, untag_resource
}

fn needs(state: &DynamoDb, body: &Body) -> Result<Vec<Need>, ServiceError> {
    let need = on_table(state, "dynamodb:UntagResource", &tagged_table(&state.home, body)?)?;
    Ok(vec![with_request_tags(need, body)])
}

fn example(scope: &Scope) -> Value {
    json!({"ResourceArn": scope.arn("dynamodb", "table/example"), "TagKeys": ["a"]})
}
