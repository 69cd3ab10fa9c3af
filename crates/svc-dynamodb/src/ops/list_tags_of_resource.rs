//! `ListTagsOfResource`: the tags of a table.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTagsOfResource.html>

use burgward_service::{Need, Scope, ServiceError};
use serde_json::{Value, json};

use crate::DynamoDb;
use crate::needs::on_table;
use crate::request::{Body, tagged_table};

operation! {
    /// The operation `ListTagsOfResource`.
    ListTagsOfResource: Read, ["dynamodb:ListTagsOfResource"], LIST_TAGS, Point, list_tags_of_resource
}

fn needs(state: &DynamoDb, body: &Body) -> Result<Vec<Need>, ServiceError> {
    Ok(vec![on_table(state, "dynamodb:ListTagsOfResource", &tagged_table(&state.home, body)?)?])
}

fn example(scope: &Scope) -> Value {
    json!({"ResourceArn": scope.arn("dynamodb", "table/example")})
}
