//! What functions answer, read as API Gateway reads it.
//!
//! Sources: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use burgward_template::model::PayloadFormat;
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde_json::{Map, Value};

/// An answer for the client.
pub(crate) type Answer = Response<Bytes>;

/// Headers that a REST API passes on under another name, `x-amzn-Remapped-...`:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>
const REMAPPED: [&str; 10] = [
    "authorization",
    "connection",
    "content-length",
    "content-md5",
    "date",
    "expect",
    "host",
    "server",
    "user-agent",
    "www-authenticate",
];

/// Headers that belong to our connection with the client, or that only the gateway may say.
const DROPPED: [&str; 14] = [
    "apigw-requestid",
    "connection",
    "content-length",
    "keep-alive",
    "proxy-authenticate",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-amz-apigw-id",
    "x-amzn-requestid",
    "x-amzn-trace-id",
    "x-burgward-stopped-by",
];

/// A REST API's fields; an answer with any other is malformed.
const REST_FIELDS: [&str; 5] = ["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"];

/// Reads an answer for a REST API.
pub(crate) fn rest(payload: &[u8], binary: &[String], accept: Option<&str>) -> Result<Answer, String> {
    let answer = object(payload)?;
    if let Some(field) = answer.keys().find(|field| !REST_FIELDS.contains(&field.as_str())) {
        return Err(format!("malformed proxy response: unknown field `{}`", field.escape_debug()));
    }
    let mut headers = HeaderMap::new();
    fill(&mut headers, &answer, true)?;
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    // Base64 is decoded only for clients that ask for a binary media type with the first type they accept.
    let wanted = accept.and_then(|accept| accept.split(',').next()).unwrap_or("");
    let decode = is_binary(binary, wanted);
    Ok(build(status(&answer, Some(200))?, headers, body(&answer, decode)?))
}

/// Reads an answer for an HTTP API.
pub(crate) fn http_api(payload: &[u8], format: PayloadFormat) -> Result<Answer, String> {
    let value: Value = serde_json::from_slice(payload).map_err(|_| "the function's answer is no JSON")?;
    let answer = match (&value, format) {
        (Value::Object(answer), PayloadFormat::V1) => answer,
        (Value::Object(answer), PayloadFormat::V2) if answer.contains_key("statusCode") => answer,
        (_, PayloadFormat::V1) => return Err("the function's answer is no object".into()),
        (_, PayloadFormat::V2) => return Ok(inferred(payload, &value)),
    };
    let mut headers = HeaderMap::new();
    fill(&mut headers, answer, false)?;
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static("text/plain;charset=UTF-8"));
    if format == PayloadFormat::V2 {
        for cookie in list(answer.get("cookies"))? {
            headers.append(header::SET_COOKIE, header_value(&cookie)?);
        }
    }
    Ok(build(status(answer, None)?, headers, body(answer, true)?))
}

/// Format 2.0 without a status: all of the answer is the body.
fn inferred(payload: &[u8], value: &Value) -> Answer {
    let body = match value {
        Value::String(text) => Bytes::from(text.clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Bytes::copy_from_slice(payload)
        }
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    build(StatusCode::OK, headers, body)
}

/// The answer of an `OPTIONS` method that SAM made.
pub(crate) fn mock(headers: &[(String, String)]) -> Answer {
    let mut answer = Response::new(Bytes::from_static(b"{}\n"));
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}

/// Whether a media type is one of the API's binary ones.
pub(crate) fn is_binary(binary: &[String], media: &str) -> bool {
    let media = media.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    binary.iter().any(|known| match known.strip_suffix("/*") {
        Some("*") => true,
        Some(group) => media.split('/').next() == Some(group),
        None => *known == media,
    })
}

fn object(payload: &[u8]) -> Result<Map<String, Value>, String> {
    match serde_json::from_slice(payload) {
        Ok(Value::Object(answer)) => Ok(answer),
        Ok(_) => Err("malformed proxy response: no object".into()),
        Err(_) => Err("malformed proxy response: no JSON".into()),
    }
}

fn build(status: StatusCode, headers: HeaderMap, body: Bytes) -> Answer {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    answer
}

fn status(answer: &Map<String, Value>, default: Option<u16>) -> Result<StatusCode, String> {
    let code = match answer.get("statusCode") {
        None | Some(Value::Null) => default,
        Some(Value::Number(number)) => number.as_u64().and_then(|number| u16::try_from(number).ok()),
        Some(Value::String(text)) => text.parse().ok(),
        Some(_) => None,
    };
    // 1xx would leave the client waiting for the real answer.
    code.filter(|code| (200..=599).contains(code))
        .and_then(|code| StatusCode::from_u16(code).ok())
        .ok_or_else(|| "malformed proxy response: `statusCode` is no status".to_owned())
}

fn body(answer: &Map<String, Value>, decode: bool) -> Result<Bytes, String> {
    let encoded = match answer.get("isBase64Encoded") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(encoded)) => *encoded,
        Some(Value::String(text)) if text == "true" || text == "false" => text == "true",
        Some(_) => return Err("malformed proxy response: `isBase64Encoded` is no boolean".into()),
    };
    let text = match answer.get("body") {
        None | Some(Value::Null) => return Ok(Bytes::new()),
        Some(Value::String(text)) => text,
        Some(_) => return Err("malformed proxy response: `body` is no text".into()),
    };
    if encoded && decode {
        let bytes = STANDARD.decode(text).map_err(|_| "malformed proxy response: `body` is no base64")?;
        return Ok(bytes.into());
    }
    Ok(Bytes::copy_from_slice(text.as_bytes()))
}

/// Single headers, then lists; a name in both has the values of the list.
fn fill(headers: &mut HeaderMap, answer: &Map<String, Value>, remap: bool) -> Result<(), String> {
    for (name, value) in fields(answer.get("headers"), "headers")? {
        if let Some(name) = passed(name, remap)? {
            headers.insert(name, header_value(&scalar(value)?)?);
        }
    }
    for (name, values) in fields(answer.get("multiValueHeaders"), "multiValueHeaders")? {
        let Some(name) = passed(name, remap)? else { continue };
        headers.remove(&name);
        for value in list(Some(values))? {
            headers.append(name.clone(), header_value(&value)?);
        }
    }
    Ok(())
}

fn fields<'a>(value: Option<&'a Value>, what: &str) -> Result<Vec<(&'a String, &'a Value)>, String> {
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(fields)) => Ok(fields.iter().collect()),
        Some(_) => Err(format!("malformed proxy response: `{what}` is no object")),
    }
}

/// The name a header goes out under; none if it does not go out.
fn passed(name: &str, remap: bool) -> Result<Option<HeaderName>, String> {
    let name = HeaderName::try_from(name).map_err(|_| "malformed proxy response: a header's name is not valid")?;
    if remap && REMAPPED.contains(&name.as_str()) {
        let remapped = format!("x-amzn-remapped-{name}");
        return HeaderName::try_from(remapped).map(Some).map_err(|error| error.to_string());
    }
    Ok((!DROPPED.contains(&name.as_str())).then_some(name))
}

fn list(value: Option<&Value>) -> Result<Vec<String>, String> {
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(values)) => values.iter().map(scalar).collect(),
        Some(single) => Ok(vec![scalar(single)?]),
    }
}

fn scalar(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err("malformed proxy response: a header's value is no text".into())
        }
    }
}

/// Line breaks and other control characters make an answer malformed, so that no function can be made to split it.
fn header_value(text: &str) -> Result<HeaderValue, String> {
    HeaderValue::try_from(text).map_err(|_| "malformed proxy response: a header's value is not valid".to_owned())
}
