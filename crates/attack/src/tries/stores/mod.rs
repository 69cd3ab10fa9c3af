//! What a function may do that its code does not: verbs on its own stores, and any verb on the stores of others.
//!
//! Nothing real is touched: canaries are put, read and deleted; a parameter is written with what it holds already.

mod secrets;
mod verdict;

use std::collections::HashMap;

use burgward_template::model::Function;
use futures_util::future::join_all;
use serde_json::Value;

use self::verdict::attack;
use crate::chance;
use crate::inside::{Call, Relayed, Reply, relay};
use crate::loot::Keys;
use crate::report::Attack;
use crate::scene::Scene;
use crate::stores::{self, Kind, Store, Verb};

/// Functions whose roles are tried; each costs two starts of a sandbox.
const MOST_FUNCTIONS: usize = 24;

/// What the tries gave.
#[derive(Default)]
pub(crate) struct Tried {
    pub(crate) attacks: Vec<Attack>,
    /// The keys of each probe's sandbox.
    pub(crate) keys: Vec<(String, Keys)>,
    /// The environment that each probe found.
    environments: Vec<(String, Value)>,
}

/// One function's try of one verb on one store.
#[derive(Clone)]
struct Try<'a> {
    function: &'a Function,
    store: &'a Store,
    verb: Verb,
    /// The canary of this function in this store.
    word: String,
}

impl Try<'_> {
    fn canary(&self) -> String {
        format!("{}/{}", self.function.logical_id, self.store.logical_id)
    }

    /// True if the code needs it: then it is no attack.
    fn is_needed(&self, scene: &Scene<'_>) -> bool {
        let code = scene.code(&self.function.logical_id);
        self.store.is_of(self.function, code) && self.verb.is_in(code)
    }

    /// Verbs that put or tell something come first; the others need what those left.
    fn is_first(&self) -> bool {
        matches!(
            self.verb.name,
            "PutItem" | "PutObject" | "CreateTable" | "GetParameter" | "GetSecretValue" | "FilterLogEvents"
        )
    }
}

/// All functions, all stores.
pub(crate) async fn all(scene: &Scene<'_>) -> Tried {
    let stores = stores::all(scene.app);
    let functions: Vec<&Function> = scene.app.functions.iter().take(MOST_FUNCTIONS).collect();
    let mut tried = Tried::default();
    let (first, later): (Vec<Try<'_>>, Vec<Try<'_>>) = tries(&functions, &stores).into_iter().partition(Try::is_first);
    let found = send(scene, &functions, &first, &HashMap::new(), &mut tried).await;
    for (function, environment) in std::mem::take(&mut tried.environments) {
        tried.attacks.extend(secrets::attack(scene, &function, &environment));
    }
    let values = parameter_values(&found);
    let placed = place_missing(scene, &functions, &found).await;
    let mut results = send(scene, &functions, &later, &values, &mut tried).await;
    clean_up(scene, &functions, &placed, &results).await;
    results.extend(found);
    for (attempt, reply) in results.iter().filter(|(attempt, _)| !attempt.is_needed(scene)) {
        let has_canary = placed.iter().any(|put| put.canary() == attempt.canary());
        tried.attacks.push(attack(scene, attempt, reply.as_ref(), has_canary));
    }
    tried
}

fn tries<'a>(functions: &[&'a Function], stores: &'a [Store]) -> Vec<Try<'a>> {
    let mut tries = Vec::new();
    for function in functions {
        for store in stores.iter().filter(|store| store.kind != Kind::LogGroup || store.name != function.log_group) {
            let word = chance::word();
            let of = |verb: &Verb| Try { function, store, verb: *verb, word: word.clone() };
            tries.extend(store.kind.verbs().iter().map(of));
        }
    }
    tries
}

type Result_<'a> = (Try<'a>, Option<Reply>);

/// Sends each function's calls from inside its own sandbox.
async fn send<'a>(
    scene: &Scene<'_>,
    functions: &[&Function],
    attempts: &[Try<'a>],
    values: &HashMap<String, String>,
    tried: &mut Tried,
) -> Vec<Result_<'a>> {
    let of_each = functions.iter().map(|function| async move {
        let mine = attempts.iter().filter(|attempt| attempt.function.logical_id == function.logical_id);
        let mine: Vec<&Try<'_>> = mine.collect();
        let value = |attempt: &Try<'_>| values.get(&attempt.store.name).map(String::as_str);
        let calls: Vec<Option<Call>> =
            mine.iter().map(|attempt| attempt.store.call(attempt.verb, &attempt.word, value(attempt))).collect();
        let sent: Vec<Call> = calls.iter().flatten().cloned().collect();
        let relayed = relay(scene, &function.logical_id, &sent).await;
        (function.logical_id.clone(), mine, calls, relayed)
    });
    let mut results = Vec::new();
    for (function, mine, calls, relayed) in join_all(of_each).await {
        let Relayed { replies, keys, environment } = relayed.unwrap_or_else(|why| {
            scene.note(format!("`{function}` could not be probed: {why}"));
            Relayed { replies: Vec::new(), keys: None, environment: Value::Null }
        });
        tried.environments.push((function.clone(), environment));
        tried.keys.extend(keys.map(|keys| (function, keys)));
        let mut replies = replies.into_iter();
        let of = |(attempt, call): (&Try<'a>, Option<Call>)| (attempt.clone(), call.and_then(|_| replies.next()));
        results.extend(mine.into_iter().zip(calls).map(of));
    }
    results
}

/// What parameters hold, as far as some function may read them.
fn parameter_values(found: &[Result_<'_>]) -> HashMap<String, String> {
    let told = found.iter().filter(|(attempt, _)| attempt.verb.name == "GetParameter");
    let values = told.filter_map(|(attempt, reply)| {
        let json = reply.as_ref()?.json();
        Some((attempt.store.name.clone(), json.pointer("/Parameter/Value")?.as_str()?.to_owned()))
    });
    values.collect()
}

fn is_put(attempt: &Try<'_>) -> bool {
    matches!(attempt.verb.name, "PutItem" | "PutObject" | "CreateTable")
}

fn is_done(reply: Option<&Reply>) -> bool {
    reply.is_some_and(Reply::is_success)
}

/// Puts the canaries of functions that may not put any, by way of one that may. Gives all canaries that are there.
async fn place_missing<'a>(scene: &Scene<'_>, functions: &[&Function], found: &[Result_<'a>]) -> Vec<Try<'a>> {
    let puts = || found.iter().filter(|(attempt, _)| is_put(attempt));
    let mut placed: Vec<Try<'a>> =
        puts().filter(|(_, reply)| is_done(reply.as_ref())).map(|(t, _)| t.clone()).collect();
    let missing: Vec<Try<'a>> = puts().filter(|(_, reply)| !is_done(reply.as_ref())).map(|(t, _)| t.clone()).collect();
    let helpers = placed.clone();
    for function in functions {
        let helps = |attempt: &&Try<'a>| {
            let helper = helpers.iter().find(|put| put.store.logical_id == attempt.store.logical_id);
            helper.is_some_and(|put| put.function.logical_id == function.logical_id)
        };
        let mine: Vec<&Try<'a>> = missing.iter().filter(helps).collect();
        let calls: Vec<Call> = mine.iter().filter_map(|t| t.store.call(t.verb, &t.word, None)).collect();
        if calls.is_empty() {
            continue;
        }
        if let Ok(relayed) = relay(scene, &function.logical_id, &calls).await {
            let done = mine.into_iter().zip(relayed.replies).filter(|(_, reply)| reply.is_success());
            placed.extend(done.map(|(attempt, _)| attempt.clone()));
        }
    }
    placed
}

/// Takes away canaries that no try deleted, by way of a function that may delete.
async fn clean_up(scene: &Scene<'_>, functions: &[&Function], placed: &[Try<'_>], later: &[Result_<'_>]) {
    let is_delete = |name: &str| matches!(name, "DeleteItem" | "DeleteObject" | "DeleteTable");
    let deletes = || later.iter().filter(|(attempt, _)| is_delete(attempt.verb.name));
    let is_gone = |put: &Try<'_>| deletes().any(|(t, reply)| t.canary() == put.canary() && is_done(reply.as_ref()));
    let left: Vec<&Try<'_>> = placed.iter().filter(|put| !is_gone(put)).collect();
    let mut remaining = left.len();
    for function in functions {
        let can = |put: &Try<'_>| {
            let helper =
                deletes().find(|(t, reply)| t.store.logical_id == put.store.logical_id && is_done(reply.as_ref()));
            helper.map(|(attempt, _)| attempt).filter(|attempt| attempt.function.logical_id == function.logical_id)
        };
        let calls: Vec<Call> =
            left.iter().filter_map(|put| can(put).and_then(|by| put.store.call(by.verb, &put.word, None))).collect();
        if !calls.is_empty() && relay(scene, &function.logical_id, &calls).await.is_ok() {
            remaining = remaining.saturating_sub(calls.len());
        }
    }
    if remaining > 0 {
        scene.note(format!(
            "{remaining} canaries named `burgward-attack` are left in stores: no function may delete them"
        ));
    }
}
