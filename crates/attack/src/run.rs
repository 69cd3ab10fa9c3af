//! One run of the whole suite.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use burgward_template::model::App;
use burgward_types::Clock;
use futures_util::future::join_all;
use thiserror::Error;

use crate::beacon::Beacon;
use crate::code::Code;
use crate::http::{Answer, Client};
use crate::scene::{Scene, brief};
use crate::tries::injection::Injected;
use crate::tries::keys::{self, Stolen};
use crate::tries::{flood, injection, residue, sandbox, signatures, stores, tokens};
use crate::{Attack, Breach, Report, Target, normal};

/// Why there is no report at all.
#[derive(Debug, Error)]
pub enum AttackError {
    /// The certificate cannot be used.
    #[error("the CA certificate cannot be used: {0}\n  hint: is the state folder that of the running app?")]
    Certificate(String),
}

/// Everything that a run needs.
#[expect(missing_debug_implementations, reason = "the breach and the clock are traits of others")]
pub struct Suite<'a> {
    /// The app's model.
    pub app: &'a App,
    /// The folder that paths of the model start from; its `events` folder holds the normal requests.
    pub folder: &'a Path,
    /// The running app.
    pub target: Target,
    /// The way inside; without it the assumed breach is left out, and a note says so.
    pub breach: Option<Arc<dyn Breach>>,
    /// The time that signatures carry.
    pub clock: Arc<dyn Clock>,
}

/// Tries everything that the app gives rise to.
pub async fn run(suite: Suite<'_>) -> Result<Report, AttackError> {
    let Suite { app, folder, target, breach, clock } = suite;
    let client = Client::new(&target.ca_pem)?;
    let codes = app.functions.iter().map(|f| (f.logical_id.clone(), Code::read(folder, f))).collect();
    let (normals, notes) = normal::all(app, folder, &codes);
    let scene = Scene { app, target, client, codes, normals, breach, clock, notes: Mutex::new(notes) };
    let beacon = Beacon::start().await;
    let mut attacks = Vec::new();
    baseline(&scene).await;
    let (of_tokens, of_requests, inside) =
        tokio::join!(tokens::all(&scene), requests(&scene, &beacon), from_inside(&scene, &beacon));
    attacks.extend(of_tokens);
    attacks.extend(of_requests.attacks);
    attacks.extend(inside.attacks);
    let theft = |by_injection: bool| move |(function, keys)| Stolen { function, keys, by_injection };
    let live = of_requests.keys.into_iter().map(theft(true));
    let stolen: Vec<Stolen> = live.chain(inside.keys.into_iter().map(theft(false))).collect();
    attacks.extend(keys::all(&scene, &stolen).await);
    // Last and alone: it would have the others throttled.
    attacks.extend(flood::all(&scene).await);
    attacks.sort_by(|a, b| (a.attacker, &a.id).cmp(&(b.attacker, &b.id)));
    let notes = scene.notes.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Report { attacks, notes })
}

/// Each normal request must pass before attacks that are built on it mean anything.
async fn baseline(scene: &Scene<'_>) {
    for normal in &scene.normals {
        let answer = scene.as_customer(normal).await;
        if let (false, Some(file)) = (answer.as_ref().is_ok_and(Answer::is_success), &normal.file) {
            let why = brief(&answer);
            scene.note(format!("the normal request `{file}` does not pass ({why}): tries built on it say little"));
        }
    }
}

/// Requests that are crafted: each function's one after the other, the functions side by side.
async fn requests(scene: &Scene<'_>, beacon: &Beacon) -> Injected {
    let chains = scene.app.functions.iter().map(|function| async move {
        let left: Vec<Attack> = residue::function(scene, function).await.into_iter().collect();
        let mut injected = injection::function(scene, function, beacon).await;
        injected.attacks.extend(left);
        injected
    });
    let mut all = Injected::default();
    for injected in join_all(chains).await {
        all.attacks.extend(injected.attacks);
        all.keys.extend(injected.keys);
    }
    all
}

/// What code inside a sandbox may do.
async fn from_inside(scene: &Scene<'_>, beacon: &Beacon) -> stores::Tried {
    let mut tried = stores::Tried::default();
    let Some(function) = scene.app.functions.first() else { return tried };
    if scene.breach.is_none() {
        scene.note("there is no way into a sandbox: the assumed breach is left out".to_owned());
        return tried;
    }
    tried.attacks.extend(sandbox::all(scene, function, beacon).await);
    tried.attacks.extend(signatures::all(scene, function).await);
    tried.attacks.extend(sandbox::packages(scene, function).await);
    let of_stores = stores::all(scene).await;
    tried.attacks.extend(of_stores.attacks);
    // Several probes of one function: one key of each role is enough.
    tried.keys = of_stores.keys;
    tried.keys.sort_by(|(a, _), (b, _)| a.cmp(b));
    tried.keys.dedup_by(|(a, _), (b, _)| a == b);
    tried
}
