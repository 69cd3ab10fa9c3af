//! Normal requests from an OpenAPI file's examples.
//!
//! Source: <https://spec.openapis.org/oas/v3.0.3.html>; `example` and `default` of Swagger 2.0 parameters are read as well.

use std::path::Path;

use burgward_diag::SourceFile;
use burgward_template::tree::{ReadLimits, read as read_tree};
use serde_json::{Map, Value};

use super::event::Event;

/// Names that such a file has by custom.
const NAMES: [&str; 6] = ["openapi.yaml", "openapi.yml", "openapi.json", "swagger.yaml", "swagger.yml", "swagger.json"];
const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];
/// References that are followed one after the other.
const MOST_HOPS: usize = 8;

/// The examples of the file in an app's folder, each with its place; and what could not be used.
pub(crate) fn read(folder: &Path) -> (Vec<(String, Event)>, Vec<String>) {
    let Some(name) = NAMES.iter().find(|name| folder.join(name).is_file()) else { return (Vec::new(), Vec::new()) };
    let document = match document(&folder.join(name), name) {
        Ok(document) => document,
        Err(why) => return (Vec::new(), vec![format!("`{name}` is not read: {why}")]),
    };
    let (mut events, mut notes) = (Vec::new(), Vec::new());
    for (path, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        let operations = item.as_object().into_iter().flatten();
        for (method, operation) in operations.filter(|(method, _)| METHODS.contains(&method.as_str())) {
            let label = format!("{name}: {} {path}", method.to_uppercase());
            match (Operation { document: &document, item, says: operation }).events(method, path) {
                Ok(found) => events.extend(found.into_iter().map(|event| (label.clone(), event))),
                Err(why) => notes.push(format!("`{label}` is no normal request: {why}")),
            }
        }
    }
    (events, notes)
}

fn document(path: &Path, name: &str) -> Result<Value, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let mut refused = Vec::new();
    let tree = read_tree(&SourceFile::new(name, text), ReadLimits::default(), &mut refused, &mut Vec::new());
    match (refused.first(), tree) {
        (None, Some(tree)) => Ok(tree.to_json()),
        (Some(fault), _) => Err(fault.message.clone()),
        (None, None) => Err("it is empty".to_owned()),
    }
}

struct Operation<'a> {
    document: &'a Value,
    item: &'a Value,
    says: &'a Value,
}

impl Operation<'_> {
    /// One request for each example of the body; one alone if it takes none.
    fn events(&self, method: &str, path: &str) -> Result<Vec<Event>, String> {
        let mut event = Event { method: method.to_uppercase(), path: path.to_owned(), ..Event::default() };
        let shared = self.item.get("parameters").and_then(Value::as_array).into_iter().flatten();
        let own = self.says.get("parameters").and_then(Value::as_array).into_iter().flatten();
        for parameter in shared.chain(own).filter_map(|parameter| self.resolved(parameter)) {
            self.parameter(parameter, &mut event)?;
        }
        if event.path.contains('{') {
            return Err("a parameter of its path has no example".to_owned());
        }
        let Some(body) = self.says.get("requestBody").and_then(|body| self.resolved(body)) else {
            return Ok(vec![event]);
        };
        let contents = body.get("content").and_then(Value::as_object).into_iter().flatten();
        let bodies = contents.flat_map(|(kind, content)| self.examples(content).into_iter().map(move |v| (kind, v)));
        let bodies: Vec<Event> = bodies.map(|(kind, value)| with_body(&event, kind, &value)).collect();
        match (bodies.is_empty(), body.get("required").and_then(Value::as_bool)) {
            (true, Some(true)) => Err("its body has no example".to_owned()),
            (true, _) => Ok(vec![event]),
            (false, _) => Ok(bodies),
        }
    }

    fn parameter(&self, parameter: &Value, event: &mut Event) -> Result<(), String> {
        let text = |key: &str| parameter.get(key).and_then(Value::as_str).unwrap_or_default();
        let (name, place) = (text("name"), text("in"));
        let required = parameter.get("required").and_then(Value::as_bool) == Some(true);
        let Some(value) = self.examples(parameter).into_iter().next().map(|value| plain(&value)) else {
            return if required { Err(format!("its parameter `{name}` has no example")) } else { Ok(()) };
        };
        match place {
            "path" => event.path = event.path.replace(&format!("{{{name}}}"), &value),
            "query" => event.query.push((name.to_owned(), value)),
            "header" => event.headers.push((name.to_owned(), value)),
            "cookie" => event.headers.push(("cookie".to_owned(), format!("{name}={value}"))),
            _ => {}
        }
        Ok(())
    }

    /// `example`, `examples`, the schema's `example` or `default`, or an object put together from its properties'.
    fn examples(&self, holder: &Value) -> Vec<Value> {
        if let Some(example) = holder.get("example").or_else(|| holder.get("default")) {
            return vec![example.clone()];
        }
        let named = holder.get("examples").and_then(Value::as_object).into_iter().flatten();
        let named: Vec<Value> =
            named.filter_map(|(_, example)| self.resolved(example)?.get("value").cloned()).collect();
        if !named.is_empty() {
            return named;
        }
        let schema = holder.get("schema").and_then(|schema| self.resolved(schema));
        schema.and_then(|schema| self.of_schema(schema, MOST_HOPS)).into_iter().collect()
    }

    fn of_schema(&self, schema: &Value, hops: usize) -> Option<Value> {
        let schema = self.resolved(schema)?;
        let listed = schema.get("examples").and_then(Value::as_array).and_then(|all| all.first());
        let direct = schema.get("example").or(listed).or_else(|| schema.get("default"));
        let first = || schema.get("enum").and_then(Value::as_array).and_then(|all| all.first());
        if let Some(value) = direct.or_else(first) {
            return Some(value.clone());
        }
        let hops = hops.checked_sub(1)?;
        if let Some(items) = schema.get("items") {
            return Some(Value::Array(vec![self.of_schema(items, hops)?]));
        }
        let properties = schema.get("properties").and_then(Value::as_object)?;
        let filled = properties.iter().filter_map(|(name, of)| Some((name.clone(), self.of_schema(of, hops)?)));
        let filled: Map<String, Value> = filled.collect();
        (!filled.is_empty()).then_some(Value::Object(filled))
    }

    /// What a local `$ref` means; others are left out.
    fn resolved<'v>(&'v self, value: &'v Value) -> Option<&'v Value> {
        let mut value = value;
        for _ in 0..MOST_HOPS {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return Some(value) };
            value = self.document.pointer(reference.strip_prefix('#')?)?;
        }
        None
    }
}

fn with_body(event: &Event, kind: &str, value: &Value) -> Event {
    let mut event = event.clone();
    event.headers.push(("content-type".to_owned(), kind.to_owned()));
    event.body = Some(plain(value));
    event
}

/// A string as it is, everything else as JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_become_requests() {
        let folder = tempfile::tempdir().unwrap();
        let text = "openapi: 3.0.3
paths:
  /shelves/{shelf}:
    parameters:
      - {name: shelf, in: path, required: true, schema: {type: string, example: top}}
    get:
      parameters: [{$ref: '#/components/parameters/Page'}]
    put:
      requestBody:
        content:
          application/json:
            examples: {one: {value: {size: 3}}, two: {value: {size: 4}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Box'}}}}
    delete:
      parameters: [{name: sure, in: query, required: true, schema: {type: string}}]
components:
  parameters: {Page: {name: page, in: query, example: 2}}
  schemas: {Box: {properties: {name: {type: string, default: box}, odd: {type: string}}}}
";
        std::fs::write(folder.path().join("openapi.yaml"), text).unwrap();
        let (events, notes) = read(folder.path());
        let shown = |(_, e): &(String, Event)| format!("{} {} {:?} {:?}", e.method, e.path, e.query, e.body);
        insta::assert_snapshot!(events.iter().map(shown).collect::<Vec<_>>().join("\n"), @r#"
        GET /shelves/top [("page", "2")] None
        PUT /shelves/top [] Some("{\"size\":3}")
        PUT /shelves/top [] Some("{\"size\":4}")
        POST /shelves/top [] Some("{\"name\":\"box\"}")
        "#);
        assert_eq!(
            notes,
            ["`openapi.yaml: DELETE /shelves/{shelf}` is no normal request: its parameter `sure` has no example"]
        );
    }
}
