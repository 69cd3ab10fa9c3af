//! A request's body: read, checked, and brought to plain table names.

use burgward_service::{Call, ServiceError};
use serde_json::{Map, Value};

use crate::fault;
use crate::names::Home;
use crate::shape::{self, Members};

/// A JSON object whose members have the right types.
pub(crate) type Body = Map<String, Value>;

/// Reads the body of an operation with these members.
pub(crate) fn read(call: &Call, members: Members) -> Result<Body, ServiceError> {
    let value: Value = serde_json::from_slice(call.body()).map_err(|error| {
        if error.to_string().starts_with("recursion limit") {
            return fault::validation(crate::engine::TOO_DEEP);
        }
        ServiceError::client("com.amazon.coral.service#SerializationException", "the body is not JSON")
    })?;
    let Value::Object(body) = value else {
        return Err(fault::serialization("the body is no JSON object"));
    };
    shape::check(&body, members)?;
    Ok(body)
}

/// A member that is a string; absent and null are the same.
pub(crate) fn text<'a>(body: &'a Body, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Value::as_str)
}

/// A member that is an object.
pub(crate) fn object<'a>(body: &'a Body, name: &str) -> Option<&'a Body> {
    body.get(name).and_then(Value::as_object)
}

/// A member that is a list, or nothing.
pub(crate) fn list<'a>(body: &'a Body, name: &str) -> &'a [Value] {
    body.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The plain name of the table that `TableName` gives, as a name or an ARN.
pub(crate) fn table(home: &Home, body: &Body) -> Result<String, ServiceError> {
    home.table_name(text(body, "TableName").ok_or_else(|| missing("tableName"))?)
}

/// The error for a member that must be there.
pub(crate) fn missing(member: &str) -> ServiceError {
    fault::validation(format!(
        "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
    ))
}

/// The plain name of the table that `ResourceArn` gives.
pub(crate) fn tagged_table(home: &Home, body: &Body) -> Result<String, ServiceError> {
    match text(body, "ResourceArn") {
        Some(arn) if arn.starts_with("arn:") => home.table_name(arn),
        _ => Err(fault::validation("Invalid TableArn")),
    }
}

/// Rewrites every table that a request names to its plain name, as the engine knows it.
///
/// It is the same translation that authorization used, so a table cannot be authorized by one name and served by
/// another.
pub(crate) fn localise(home: &Home, body: &mut Body) -> Result<(), ServiceError> {
    if let Some(Value::String(given)) = body.get_mut("TableName") {
        *given = home.table_name(given)?;
    }
    if let Some(Value::Object(tables)) = body.get_mut("RequestItems") {
        let mut local = Body::new();
        for (given, request) in std::mem::take(tables) {
            if local.insert(home.table_name(&given)?, request).is_some() {
                return Err(fault::validation("Provided list of tables contains duplicates"));
            }
        }
        *tables = local;
    }
    let Some(Value::Array(items)) = body.get_mut("TransactItems") else { return Ok(()) };
    for action in items.iter_mut().filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        if let Some(Value::String(given)) = action.get_mut("TableName") {
            *given = home.table_name(given)?;
        }
    }
    Ok(())
}
