//! Calls every operation of every service, to prove that each is guarded.

use burgward_sigv4::{SignPayload, Signer};
use burgward_types::Secret;
use http::header::HOST;
use http::{HeaderValue, Request, StatusCode};

use crate::{Front, IssuedKey, OperationInfo, Origin, collect, full};

/// What an operation answered.
#[derive(Clone, Debug)]
pub struct Walked {
    /// The operation.
    pub operation: &'static OperationInfo,
    /// The status.
    pub status: StatusCode,
    /// The error's code: JSON's `__type` without its namespace, or XML's `<Code>`; empty for a success.
    pub code: String,
}

/// The longest answer that is read for its code.
const MAX_ANSWER: usize = 1 << 20;

/// Calls every operation with its example request: signed with `key`, or without any credentials.
///
/// With a key whose principal has no policy, every operation that declares an action must answer a denial; without
/// credentials, every operation must be refused.
pub async fn walk(front: &Front, origin: Origin, key: Option<&IssuedKey>) -> Vec<Walked> {
    let mut walked = Vec::new();
    let scope = front.guard().scope().clone();
    for service in front.services() {
        for operation in service.operations() {
            let (mut parts, body) = service.example(operation, &scope).into_parts();
            let body = collect(body, MAX_ANSWER).await.unwrap_or_default();
            parts.headers.entry(HOST).or_insert(HeaderValue::from_static("localhost"));
            if let Some(key) = key {
                let signer = Signer {
                    access_key_id: key.access_key_id.clone(),
                    secret: key.secret.clone(),
                    token: Some(Secret::new(key.token.expose().clone())),
                    region: scope.region.as_str().to_owned(),
                    service: service.signing_name().to_owned(),
                };
                // A request that cannot be signed is sent unsigned: then it is refused, which the caller sees.
                let _ = signer.sign(&mut parts, &SignPayload::Bytes(&body), front.guard().clock().now());
            }
            let response = front.handle(origin, Request::from_parts(parts, full(body))).await;
            let status = response.status();
            let answer = collect(response.into_body(), MAX_ANSWER).await.unwrap_or_default();
            walked.push(Walked { operation, status, code: code_of(&String::from_utf8_lossy(&answer)) });
        }
    }
    walked
}

/// The error code of an answer in any protocol.
fn code_of(answer: &str) -> String {
    let json = serde_json::from_str::<serde_json::Value>(answer).ok();
    if let Some(kind) = json.as_ref().and_then(|value| value.get("__type")).and_then(serde_json::Value::as_str) {
        return kind.rsplit('#').next().unwrap_or(kind).to_owned();
    }
    let after = answer.split_once("<Code>").map_or("", |(_, after)| after);
    after.split_once("</Code>").map_or(String::new(), |(code, _)| code.to_owned())
}
