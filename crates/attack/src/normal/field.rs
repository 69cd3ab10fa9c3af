//! The parts of a request that its sender chooses.

use std::fmt;

use serde_json::Value;

use super::Normal;

/// A string that a request carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// In the JSON body, as a JSON pointer (RFC 6901).
    Body(String),
    /// The body itself, where it is no JSON.
    WholeBody,
    /// A query parameter.
    Query(String),
    /// A segment of the path.
    Segment(usize),
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Body(pointer) => write!(f, "body{}", pointer.replace('/', ".")),
            Self::WholeBody => f.write_str("body"),
            Self::Query(name) => write!(f, "query.{name}"),
            Self::Segment(at) => write!(f, "path segment {}", at + 1),
        }
    }
}

impl Normal {
    fn json(&self) -> Option<Value> {
        serde_json::from_str(self.body.as_deref()?).ok()
    }

    /// Every string that the sender chooses.
    pub(crate) fn fields(&self) -> Vec<Field> {
        let mut fields = Vec::new();
        match self.json() {
            Some(json) => strings(&json, "", &mut fields),
            None if self.body.as_ref().is_some_and(|body| !body.is_empty()) => fields.push(Field::WholeBody),
            None => {}
        }
        fields.extend(self.query.iter().map(|(name, _)| Field::Query(name.clone())));
        fields.extend(self.parameters.iter().map(|at| Field::Segment(*at)));
        fields
    }

    /// The value of a field.
    pub(crate) fn value(&self, field: &Field) -> String {
        let value = match field {
            Field::Body(pointer) => self.json().and_then(|json| Some(json.pointer(pointer)?.as_str()?.to_owned())),
            Field::WholeBody => self.body.clone(),
            Field::Query(name) => self.query.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone()),
            Field::Segment(at) => self.segments.get(*at).cloned(),
        };
        value.unwrap_or_default()
    }

    /// The same request with another value in a field.
    pub(crate) fn with(&self, field: &Field, value: &str) -> Self {
        let mut changed = self.clone();
        match field {
            Field::Body(pointer) => {
                let mut json = self.json().unwrap_or_default();
                if let Some(slot) = json.pointer_mut(pointer) {
                    *slot = Value::String(value.to_owned());
                }
                changed.body = Some(json.to_string());
            }
            Field::WholeBody => changed.body = Some(value.to_owned()),
            Field::Query(name) => {
                changed.query.iter_mut().filter(|(n, _)| n == name).for_each(|(_, v)| value.clone_into(v));
            }
            Field::Segment(at) => {
                if let Some(slot) = changed.segments.get_mut(*at) {
                    value.clone_into(slot);
                }
            }
        }
        changed
    }

    /// The same request without a field; none if a request cannot be without it.
    pub(crate) fn without(&self, field: &Field) -> Option<Self> {
        let mut changed = self.clone();
        match field {
            Field::Body(pointer) => {
                let (parent, name) = pointer.rsplit_once('/')?;
                let mut json = self.json()?;
                json.pointer_mut(parent)?.as_object_mut()?.shift_remove(&unescape(name))?;
                changed.body = Some(json.to_string());
            }
            Field::Query(name) => changed.query.retain(|(n, _)| n != name),
            Field::WholeBody | Field::Segment(_) => return None,
        }
        Some(changed)
    }
}

fn strings(value: &Value, pointer: &str, into: &mut Vec<Field>) {
    match value {
        Value::String(_) => into.push(Field::Body(pointer.to_owned())),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| strings(item, &format!("{pointer}/{at}"), into));
        }
        Value::Object(fields) => {
            for (name, item) in fields {
                strings(item, &format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), into);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn unescape(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}
