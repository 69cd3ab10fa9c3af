//! Which actions on which ARNs a request needs, and the condition keys that go with them.
//!
//! A parameter that the client leaves out appears in its condition key with DynamoDB's default: a policy that demands
//! `dynamodb:Select` = `SPECIFIC_ATTRIBUTES` must not be escaped by leaving `Select` out.
//!
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html> and
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html>

use std::sync::Arc;

use burgward_service::{Need, ServiceError};
use serde_json::Value;

use crate::DynamoDb;
use crate::expression::{self, UNKNOWN_KEY};
use crate::fault;
use crate::names::is_name;
use crate::request::{Body, list, object, text};
use crate::tables::Table;

/// Expressions that name attributes.
const EXPRESSIONS: [&str; 5] =
    ["ProjectionExpression", "ConditionExpression", "UpdateExpression", "FilterExpression", "KeyConditionExpression"];

/// Members whose own members are attribute names.
const BY_ATTRIBUTE: [&str; 7] =
    ["Key", "Item", "Expected", "AttributeUpdates", "KeyConditions", "QueryFilter", "ScanFilter"];

/// A need for a table as a whole; `table` is a plain name.
pub(crate) fn on_table(state: &DynamoDb, action: &'static str, table: &str) -> Result<Need, ServiceError> {
    Ok(tagged(Need::new(action, state.home.table_arn(table)), state.table(table)?.as_deref()))
}

fn tagged(mut need: Need, table: Option<&Table>) -> Need {
    for (key, value) in table.iter().flat_map(|table| &table.tags) {
        need = need.with(&format!("aws:ResourceTag/{key}"), value.as_str());
    }
    need
}

/// Adds what a request says of new or doomed tags.
pub(crate) fn with_request_tags(mut need: Need, body: &Body) -> Need {
    let mut keys: Vec<String> = list(body, "TagKeys").iter().filter_map(Value::as_str).map(str::to_owned).collect();
    for tag in list(body, "Tags").iter().filter_map(Value::as_object) {
        if let (Some(key), Some(value)) = (text(tag, "Key"), text(tag, "Value")) {
            need = need.with(&format!("aws:RequestTag/{key}"), value);
            keys.push(key.to_owned());
        }
    }
    if keys.is_empty() { need } else { need.with("aws:TagKeys", keys) }
}

/// The needs, if there are any: a request that names no table must not be authorized by asking nothing.
pub(crate) fn some(needs: Vec<Need>, member: &str) -> Result<Vec<Need>, ServiceError> {
    if !needs.is_empty() {
        return Ok(needs);
    }
    Err(fault::validation(format!(
        "1 validation error detected: Value '[]' at '{member}' failed to satisfy constraint: Member must have length \
         greater than or equal to 1"
    )))
}

/// Keys and attributes of one table in one request.
pub(crate) struct Access<'a> {
    state: &'a DynamoDb,
    need: Need,
    table: Option<Arc<Table>>,
    leading: Vec<String>,
    attributes: Vec<String>,
}

impl<'a> Access<'a> {
    /// An access to a table, or to an index of it: then the index's ARN is what needs authorization.
    pub(crate) fn new(
        state: &'a DynamoDb,
        action: &'static str,
        table: &str,
        index: Option<&str>,
    ) -> Result<Self, ServiceError> {
        let resource = match index {
            None => state.home.table_arn(table),
            Some(index) if is_name(index) => state.home.index_arn(table, index),
            Some(_) => return Err(fault::validation("the `IndexName` has characters that no index name has")),
        };
        let facts = state.table(table)?;
        let need = tagged(Need::new(action, resource), facts.as_deref());
        Ok(Self { state, need, table: facts, leading: Vec::new(), attributes: Vec::new() })
    }

    /// Counts a key or an item: its partition key leads. That of a table that is not there is unknown, not absent: a
    /// condition on all leading keys holds where there are none.
    pub(crate) fn key(mut self, key: Option<&Body>) -> Self {
        let partition = self.table.as_ref().and_then(|table| table.partition(None));
        let value = partition.and_then(|partition| key?.get(partition));
        self.leading.push(value.map_or_else(|| UNKNOWN_KEY.to_owned(), expression::key_text));
        self
    }

    /// Counts the partition keys that a query asks for.
    pub(crate) fn query(mut self, body: &Body) -> Self {
        let partition = self.table.as_ref().and_then(|table| table.partition(text(body, "IndexName")));
        let Some(partition) = partition else {
            self.leading.push(UNKNOWN_KEY.to_owned());
            return self;
        };
        if let Some(condition) = text(body, "KeyConditionExpression") {
            let (names, values) = (object(body, "ExpressionAttributeNames"), object(body, "ExpressionAttributeValues"));
            self.leading = expression::partition_keys(condition, partition, names, values);
        }
        // Both at once are not allowed; the engine says so, and until then both count.
        if let Some(conditions) = object(body, "KeyConditions") {
            let condition = conditions.get(partition);
            let equals = condition.and_then(|c| c.get("ComparisonOperator")).and_then(Value::as_str) == Some("EQ");
            let values = condition.and_then(|c| c.get("AttributeValueList")).and_then(Value::as_array);
            self.leading.extend(values.filter(|_| equals).into_iter().flatten().map(expression::key_text));
        }
        if self.leading.is_empty() {
            self.leading.push(UNKNOWN_KEY.to_owned());
        }
        self
    }

    /// Counts the attributes that a request, or a part of one, names.
    pub(crate) fn attributes(mut self, body: &Body) -> Self {
        let names = object(body, "ExpressionAttributeNames");
        for expression in EXPRESSIONS.iter().filter_map(|name| text(body, name)) {
            expression::attributes(expression, names, &mut self.attributes);
        }
        let keyed = BY_ATTRIBUTE.iter().filter_map(|name| object(body, name));
        let keyed = keyed.chain(list(body, "Keys").iter().filter_map(Value::as_object));
        self.attributes.extend(keyed.flat_map(|members| members.keys().cloned()));
        let plain = list(body, "AttributesToGet").iter().filter_map(Value::as_str);
        // A legacy name may hold a path, whose first step is the attribute.
        self.attributes.extend(plain.map(|path| path.split(['.', '[']).next().unwrap_or(path).to_owned()));
        self
    }

    /// Sets `dynamodb:Select`, given or by default.
    pub(crate) fn select(self, body: &Body) -> Self {
        let partial = text(body, "ProjectionExpression").is_some() || !list(body, "AttributesToGet").is_empty();
        let select = match (text(body, "Select"), partial, text(body, "IndexName")) {
            (Some(select), _, _) => select,
            (None, true, _) => "SPECIFIC_ATTRIBUTES",
            (None, false, Some(_)) => "ALL_PROJECTED_ATTRIBUTES",
            (None, false, None) => "ALL_ATTRIBUTES",
        };
        let select = select.to_owned();
        self.with("dynamodb:Select", &select)
    }

    /// Sets a parameter's condition key, given or by its default `NONE`.
    pub(crate) fn parameter(self, body: &Body, member: &str) -> Self {
        let value = text(body, member).unwrap_or("NONE").to_owned();
        self.with(&format!("dynamodb:{member}"), &value)
    }

    /// Sets a condition key.
    pub(crate) fn with(mut self, key: &str, value: &str) -> Self {
        self.need = self.need.with(key, value);
        self
    }

    /// The need.
    pub(crate) fn done(mut self) -> Need {
        debug_assert!(self.need.resource.starts_with(&self.state.home.prefix()), "every table lives here");
        for found in [&mut self.leading, &mut self.attributes] {
            found.sort_unstable();
            found.dedup();
        }
        if !self.leading.is_empty() {
            self.need = self.need.with("dynamodb:LeadingKeys", self.leading);
        }
        if !self.attributes.is_empty() {
            self.need = self.need.with("dynamodb:Attributes", self.attributes);
        }
        self.need
    }
}
