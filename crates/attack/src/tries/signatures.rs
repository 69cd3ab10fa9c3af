//! Signatures that were altered, outdated or left out, sent with valid keys from where those keys work.

use burgward_template::model::Function;

use crate::chance;
use crate::inside::{Call, Reply, relay};
use crate::report::{Attack, Attacker, OnAws, StoppedBy};
use crate::scene::Scene;

/// What is spoiled, in the relay's words and for people.
const SPOILED: [(&str, &str); 7] = [
    ("signature", "a digit of the signature changed"),
    ("payload", "the body changed after signing"),
    ("path", "the path changed after signing"),
    ("unsigned-payload", "the payload's hash replaced by `UNSIGNED-PAYLOAD` after signing"),
    ("old", "a signed request replayed 20 minutes later"),
    ("version-2", "a signature of version 2"),
    ("unsigned", "no signature"),
];

/// Spoils requests inside one function: the front that judges them is the same for all.
pub(crate) async fn all(scene: &Scene<'_>, function: &Function) -> Vec<Attack> {
    let path = format!("/{}/burgward-attack/{}", bucket(scene), chance::word());
    let object = || Call::s3("PUT", path.clone(), "canary");
    let mut calls: Vec<Call> = vec![Call::identity(), object()];
    calls.extend(SPOILED.iter().map(|(how, _)| match *how {
        // Only S3 lets a client say that the payload is not signed, and only its paths name something.
        "path" | "payload" | "unsigned-payload" => object().spoiled(how),
        how => Call::identity().spoiled(how),
    }));
    calls.push(object().spoiled("presign-expired"));
    calls.push(Call::s3("DELETE", path.clone(), ""));
    let replies = match relay(scene, &function.logical_id, &calls).await {
        Ok(relayed) => relayed.replies,
        Err(why) => {
            scene.note(format!("signatures could not be tried: {why}"));
            return Vec::new();
        }
    };
    if !replies.first().is_some_and(Reply::is_success) {
        scene.note("signatures: a well signed request was refused, so refusals of spoiled ones say nothing".to_owned());
        return Vec::new();
    }
    let spoiled = SPOILED.iter().copied().chain([("presign-expired", "a presigned PUT used after its expiry")]);
    spoiled.zip(replies.iter().skip(2)).map(|((how, tried), reply)| attack(function, how, tried, reply)).collect()
}

/// A bucket of the app, or a name that nobody has: signatures are judged before names.
fn bucket(scene: &Scene<'_>) -> String {
    let named = scene.app.buckets.first().map(|bucket| bucket.name.clone());
    named.unwrap_or_else(|| format!("burgward-attack-{}", chance::word()))
}

fn attack(function: &Function, how: &str, tried: &str, reply: &Reply) -> Attack {
    let through = reply.is_success();
    let stopped_by = if through { StoppedBy::None } else { reply.stopped_by() };
    Attack {
        id: format!("signature/{how}"),
        attacker: Attacker::AssumedBreach,
        target: format!("{} -> AWS endpoint", function.logical_id),
        tried: tried.to_owned(),
        came_back: reply.brief(),
        through,
        // An error of another kind would say that the signature was believed.
        stopped_by,
        on_aws: OnAws::Holds,
        place: None,
    }
}
