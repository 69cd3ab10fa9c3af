//! The assumed breach's hands: AWS calls and look-outs from inside a function's sandbox.

mod call;

use std::sync::Arc;

use serde_json::{Value, json};

use crate::loot::Keys;
use crate::scene::Scene;
use burgward_types::Secret;

pub(crate) use call::{Call, Reply, base64};

const RELAY: &str = include_str!("python/relay.py");
const RECON: &str = include_str!("python/recon.py");

/// What a relay gave back.
pub(crate) struct Relayed {
    pub(crate) replies: Vec<Reply>,
    /// The keys of the sandbox, which ends with the probe.
    pub(crate) keys: Option<Keys>,
    /// Its environment, values and all: none of it may reach a report.
    pub(crate) environment: Value,
}

/// Sends AWS calls from inside a function's sandbox, in order.
pub(crate) async fn relay(scene: &Scene<'_>, function: &str, calls: &[Call]) -> Result<Relayed, String> {
    let calls: Vec<Value> = calls.iter().map(Call::event).collect();
    let answer = probe(scene, function, RELAY, json!({ "calls": calls })).await?;
    let replies = answer.get("answers").and_then(Value::as_array).map(|all| all.iter().map(Reply::read).collect());
    let key = |at: usize| answer.pointer(&format!("/keys/{at}")).and_then(Value::as_str).map(ToOwned::to_owned);
    let keys = match (key(0), key(1), key(2)) {
        (Some(id), Some(secret), Some(token)) => {
            Some(Keys { id, secret: Secret::new(secret), token: Secret::new(token) })
        }
        _ => None,
    };
    let environment = answer.get("environment").cloned().unwrap_or_default();
    Ok(Relayed { replies: replies.ok_or("the probe gave no answers")?, keys, environment })
}

/// Looks around inside a function's sandbox.
pub(crate) async fn recon(scene: &Scene<'_>, function: &str, event: Value) -> Result<Value, String> {
    probe(scene, function, RECON, event).await
}

async fn probe(scene: &Scene<'_>, function: &str, code: &'static str, event: Value) -> Result<Value, String> {
    let breach = scene.breach.as_ref().map(Arc::clone).ok_or("there is no way inside")?;
    let name = function.to_owned();
    let answer = tokio::task::spawn_blocking(move || breach.probe(&name, code, &event)).await;
    let answer = answer.map_err(|error| error.to_string())??;
    match answer.get("errorMessage").and_then(Value::as_str) {
        Some(message) => Err(message.to_owned()),
        None => Ok(answer),
    }
}
