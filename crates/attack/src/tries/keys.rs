//! Stolen keys: a role's keys used from elsewhere.

use burgward_sigv4::{SignPayload, Signer};
use burgward_template::model::Function;
use bytes::Bytes;
use http::Request;

use crate::http::Answer;
use crate::inside::{Call, Reply, relay};
use crate::loot::Keys;
use crate::report::{Attack, Attacker, OnAws, StoppedBy};
use crate::scene::Scene;

const SETTING: &str = "a condition in the policies, such as aws:SourceVpc";

/// Keys and how they were come by.
pub(crate) struct Stolen {
    pub(crate) function: String,
    pub(crate) keys: Keys,
    /// True if injection brought them out: then their sandbox lives on.
    pub(crate) by_injection: bool,
}

/// Uses each function's keys from outside, and one function's inside another.
pub(crate) async fn all(scene: &Scene<'_>, stolen: &[Stolen]) -> Vec<Attack> {
    let mut attacks = Vec::new();
    for theft in stolen {
        attacks.push(outside(scene, theft).await);
    }
    // Keys of a sandbox that lives say more than those of one that is gone.
    let best = stolen.iter().find(|theft| theft.by_injection).or_else(|| stolen.first());
    let other =
        best.and_then(|theft| scene.app.functions.iter().find(|function| function.logical_id != theft.function));
    if let (Some(theft), Some(other)) = (best, other) {
        attacks.extend(inside(scene, theft, other).await);
    }
    attacks
}

async fn outside(scene: &Scene<'_>, theft: &Stolen) -> Attack {
    let calls =
        [Call::identity(), Call::dynamodb("ListTables", &serde_json::json!({})), Call::s3("GET", "/".to_owned(), "")];
    let mut last = Reply::default();
    for call in &calls {
        last = match send(scene, &theft.keys, call).await {
            Ok(answer) => Reply { status: answer.status, body: answer.text() },
            Err(error) => Reply { status: 0, body: error },
        };
        if last.is_success() {
            break;
        }
    }
    attack(theft, "from outside", &last)
}

async fn inside(scene: &Scene<'_>, theft: &Stolen, other: &Function) -> Option<Attack> {
    let call = Call { keys: Some(theft.keys.clone()), ..Call::identity() };
    let relayed = relay(scene, &other.logical_id, &[call]).await.ok()?;
    Some(attack(theft, &format!("inside {}", other.logical_id), relayed.replies.first()?))
}

fn attack(theft: &Stolen, place: &str, reply: &Reply) -> Attack {
    let through = reply.is_success();
    let way = if theft.by_injection { "brought out by injection" } else { "of a sandbox that has ended" };
    let kind = if theft.by_injection { "live" } else { "ended" };
    Attack {
        id: format!("stolen-keys/{}/{kind}/{place}", theft.function),
        attacker: if theft.by_injection && place == "from outside" {
            Attacker::Customer
        } else {
            Attacker::AssumedBreach
        },
        target: format!("role of {}", theft.function),
        tried: format!("keys {way}, used {place}"),
        came_back: if through { "the role's identity".to_owned() } else { reply.brief() },
        through,
        stopped_by: if through { StoppedBy::None } else { reply.stopped_by() },
        on_aws: OnAws::Needs(SETTING.into()),
        place: None,
    }
}

async fn send(scene: &Scene<'_>, keys: &Keys, call: &Call) -> Result<Answer, String> {
    let signer = Signer {
        access_key_id: keys.id.clone(),
        secret: keys.secret.clone(),
        token: Some(keys.token.clone()),
        region: scene.target.region.clone(),
        service: call.service.to_owned(),
    };
    let headers: Vec<(String, String)> =
        call.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let url = format!("{}{}", scene.target.aws_endpoint.trim_end_matches('/'), call.path);
    let request = crate::http::request(call.method, &url, &headers, Bytes::from(call.body.clone()))?;
    let (mut head, body) = request.into_parts();
    let done = signer.sign(&mut head, &SignPayload::Bytes(call.body.as_bytes()), scene.clock.now());
    done.map_err(|error| error.to_string())?;
    scene.client.send(Request::from_parts(head, body)).await
}
