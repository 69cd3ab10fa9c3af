//! The JSON shapes of requests, checked before anything reads them.
//!
//! DynamoDB answers a member of the wrong JSON type with a `SerializationException` whose words come from its
//! decoder. A member that is not listed here is refused: it might ask for something that is not enforced.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html>

use serde_json::{Map, Value};

use burgward_service::ServiceError;

use crate::fault;

/// What a member may hold.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A string.
    Str,
    /// A number; the name is the decoder's: `Integer` or `Long`.
    Int(&'static str),
    /// A boolean, or a string that says one.
    Bool,
    /// A list.
    List(&'static Shape),
    /// A map with names of the client's choice; the text names its values' type.
    Map(&'static Shape, &'static str),
    /// A structure: its class, and its members.
    Struct(&'static str, Members),
    /// An attribute value; the engine judges its inside.
    Attribute,
}

/// The members of a structure.
pub(crate) type Members = &'static [(&'static str, &'static Shape)];

/// Where DynamoDB's own classes live.
const CLASSES: &str = "com.amazonaws.dynamodb.v20120810";

/// What the decoder says of a list or a map in place of another generic type.
const CAST: &str = "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class \
     java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module \
     java.base of loader 'bootstrap')";

const STRUCTURE: &str = "Start of structure or map found where not expected";
const FIELD: &str = "Unexpected field type";
const PAYLOAD: &str = "Unexpected value type in payload";

/// Whether a value stands alone in a member, or is an element of a list or map.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Member,
    Element,
}

/// Checks a request's body against the members of its operation.
pub(crate) fn check(body: &Map<String, Value>, members: Members) -> Result<(), ServiceError> {
    check_members(body, members)
}

fn check_members(given: &Map<String, Value>, members: Members) -> Result<(), ServiceError> {
    for (name, value) in given {
        match members.iter().find(|(known, _)| known == name) {
            Some((_, shape)) => check_value(value, shape, Place::Member)?,
            None if value.is_null() => {}
            None => {
                let shown: String = name.chars().take(64).collect();
                return Err(fault::validation(format!(
                    "the member `{shown}` is not supported here, and is refused rather than ignored"
                )));
            }
        }
    }
    Ok(())
}

fn check_value(value: &Value, shape: &Shape, place: Place) -> Result<(), ServiceError> {
    if value.is_null() {
        return Ok(());
    }
    match (shape, value) {
        (Shape::Str, Value::String(_))
        | (Shape::Int(_), Value::Number(_))
        | (Shape::Bool, Value::Bool(_))
        | (Shape::Attribute, Value::Object(_)) => Ok(()),
        (Shape::Bool, Value::String(text)) if says_a_boolean(text) => Ok(()),
        (Shape::List(inner), Value::Array(elements)) => {
            elements.iter().try_for_each(|element| check_value(element, inner, Place::Element))
        }
        (Shape::Map(inner, _), Value::Object(entries)) => {
            entries.values().try_for_each(|entry| check_value(entry, inner, Place::Element))
        }
        (Shape::Struct(_, members), Value::Object(given)) => check_members(given, members),
        _ => Err(fault::serialization(complaint(value, shape, place))),
    }
}

fn says_a_boolean(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

/// The decoder's words for a value of the wrong type.
fn complaint(value: &Value, shape: &Shape, place: Place) -> String {
    match shape {
        Shape::Str => scalar_complaint(value, "String"),
        Shape::Int(class) => scalar_complaint(value, class),
        Shape::Bool => scalar_complaint(value, "Boolean"),
        Shape::List(_) | Shape::Map(..) if place == Place::Element => CAST.to_owned(),
        Shape::List(_) => if value.is_object() { STRUCTURE } else { FIELD }.to_owned(),
        Shape::Map(_, class) if value.is_array() => {
            format!("Unrecognized collection type java.util.Map<java.lang.String, {}>", class_name(class))
        }
        Shape::Map(..) => FIELD.to_owned(),
        Shape::Struct(class, _) => structure_complaint(value, class, place),
        Shape::Attribute => structure_complaint(value, "AttributeValue", place),
    }
}

fn class_name(class: &str) -> String {
    if class.contains('.') { class.to_owned() } else { format!("{CLASSES}.{class}") }
}

fn structure_complaint(value: &Value, class: &str, place: Place) -> String {
    match (value, place) {
        (Value::Array(_), _) => format!("Unrecognized collection type class {}", class_name(class)),
        (_, Place::Element) => PAYLOAD.to_owned(),
        (_, Place::Member) => FIELD.to_owned(),
    }
}

fn scalar_complaint(value: &Value, wanted: &str) -> String {
    match value {
        Value::Array(_) => format!("Unrecognized collection type class java.lang.{wanted}"),
        Value::Object(_) => STRUCTURE.to_owned(),
        Value::Bool(true) => format!("TRUE_VALUE cannot be converted to {wanted}"),
        Value::Bool(false) => format!("FALSE_VALUE cannot be converted to {wanted}"),
        Value::Number(n) if n.is_f64() => format!("DECIMAL_VALUE cannot be converted to {wanted}"),
        Value::Number(_) => format!("NUMBER_VALUE cannot be converted to {wanted}"),
        Value::String(_) if wanted == "Boolean" => "Unexpected token received from parser".to_owned(),
        Value::String(_) => format!("STRING_VALUE cannot be converted to {wanted}"),
        Value::Null => FIELD.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shapes;
    use serde_json::json;

    fn words(body: &Value, members: Members) -> String {
        check(body.as_object().unwrap(), members).unwrap_err().message().to_owned()
    }

    #[test]
    fn wrong_types_get_the_decoders_words() {
        let get = shapes::GET_ITEM;
        assert_eq!(words(&json!({"TableName": 23}), get), "NUMBER_VALUE cannot be converted to String");
        assert_eq!(words(&json!({"TableName": true}), get), "TRUE_VALUE cannot be converted to String");
        assert_eq!(words(&json!({"ConsistentRead": "x"}), get), "Unexpected token received from parser");
        assert_eq!(
            words(&json!({"Key": ["a"]}), get),
            "Unrecognized collection type java.util.Map<java.lang.String, \
             com.amazonaws.dynamodb.v20120810.AttributeValue>"
        );
        assert_eq!(words(&json!({"Key": {"a": "b"}}), get), PAYLOAD);
        assert_eq!(words(&json!({"RequestItems": {"abc": "x"}}), shapes::BATCH_WRITE_ITEM), CAST);
    }

    #[test]
    fn unknown_members_are_refused() {
        assert_eq!(
            words(&json!({"TableName": "abc", "ResourcePolicy": "{}"}), shapes::CREATE_TABLE),
            "the member `ResourcePolicy` is not supported here, and is refused rather than ignored"
        );
        assert!(check(json!({"ResourcePolicy": null}).as_object().unwrap(), shapes::CREATE_TABLE).is_ok());
    }
}
