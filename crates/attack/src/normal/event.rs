//! Event files: Lambda proxy events of version 1.0 and 2.0, as `sam local generate-event` writes them.
//!
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// The request that an event stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<String>,
}

/// All events of the folder `events` with their files' names, sorted; and what could not be used.
pub(crate) fn read(folder: &Path) -> (Vec<(String, Event)>, Vec<String>) {
    let entries = std::fs::read_dir(folder).map(|entries| entries.filter_map(Result::ok).collect());
    let mut paths: Vec<_> = entries.unwrap_or_else(|_| Vec::new()).into_iter().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort();
    let (mut events, mut notes) = (Vec::new(), Vec::new());
    for path in paths {
        let name = format!("events/{}", path.file_name().unwrap_or_default().to_string_lossy());
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string());
        match text.and_then(|text| parse(&text)) {
            Ok(event) => events.push((name, event)),
            Err(why) => notes.push(format!("`{name}` is no normal request: {why}")),
        }
    }
    (events, notes)
}

fn parse(text: &str) -> Result<Event, String> {
    let event: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let text_at = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    let method = text_at("/httpMethod").or_else(|| text_at("/requestContext/http/method"));
    let path = text_at("/path").or_else(|| text_at("/rawPath")).or_else(|| text_at("/requestContext/http/path"));
    let (Some(method), Some(path)) = (method, path) else {
        return Err("it names no method and path, as an event of API Gateway does".to_owned());
    };
    let body = text_at("/body").map(|body| decoded(body, event.get("isBase64Encoded"))).transpose()?;
    let mut headers = pairs(event.get("headers"));
    // The client computes these anew.
    headers.retain(|(name, _)| !["host", "content-length", "connection"].contains(&name.to_ascii_lowercase().as_str()));
    if let Some(cookies) = event.get("cookies").and_then(Value::as_array) {
        let cookies: Vec<&str> = cookies.iter().filter_map(Value::as_str).collect();
        headers.push(("cookie".to_owned(), cookies.join("; ")));
    }
    let query = pairs(event.get("queryStringParameters"));
    Ok(Event { method: method.to_ascii_uppercase(), path: path.to_owned(), query, headers, body })
}

fn decoded(body: &str, is_base64: Option<&Value>) -> Result<String, String> {
    if is_base64.and_then(Value::as_bool) != Some(true) {
        return Ok(body.to_owned());
    }
    let bytes = STANDARD.decode(body).map_err(|error| format!("its body: {error}"))?;
    String::from_utf8(bytes).map_err(|_| "its body is not text".to_owned())
}

fn pairs(object: Option<&Value>) -> Vec<(String, String)> {
    let fields = object.and_then(Value::as_object).into_iter().flatten();
    fields.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}
