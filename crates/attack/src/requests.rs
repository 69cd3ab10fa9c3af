//! The normal requests of an app, sent as its clients send them: what must go on working.

use std::path::Path;
use std::sync::{Arc, Mutex};

use burgward_template::model::App;
use burgward_types::Clock;
use serde::Serialize;

use crate::code::Code;
use crate::http::Client;
use crate::scene::{Scene, brief};
use crate::{AttackError, Target, normal};

/// Requests may build on one another: those that fail are sent again as long as others have passed since.
const MOST_ROUNDS: usize = 4;

/// What came of one normal request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NormalRequest {
    /// Where it is written, such as `events/create.json`.
    pub source: String,
    /// The route.
    pub route: String,
    /// True if the answer was a success.
    pub ok: bool,
    /// The answer in a few words, nothing secret among them.
    pub answer: String,
}

/// All normal requests that the app's author wrote down, and what there is to say about the others.
#[derive(Clone, Debug, Default)]
pub struct NormalRequests {
    /// In the order of their files.
    pub requests: Vec<NormalRequest>,
    /// What is no request of this app, and why.
    pub notes: Vec<String>,
}

impl NormalRequests {
    /// How many passed.
    #[must_use]
    pub fn ok(&self) -> usize {
        self.requests.iter().filter(|request| request.ok).count()
    }
}

/// Sends every normal request that is written down, in the order of the files.
pub async fn normal_requests(
    app: &App,
    folder: &Path,
    target: Target,
    clock: Arc<dyn Clock>,
) -> Result<NormalRequests, AttackError> {
    let client = Client::new(&target.ca_pem)?;
    let codes = app.functions.iter().map(|f| (f.logical_id.clone(), Code::read(folder, f))).collect();
    let (mut normals, notes) = normal::all(app, folder, &codes);
    normals.retain(|normal| normal.file.is_some());
    let scene = Scene { app, target, client, codes, normals, breach: None, clock, notes: Mutex::default() };
    let mut requests: Vec<Option<NormalRequest>> = scene.normals.iter().map(|_| None).collect();
    for _ in 0..MOST_ROUNDS {
        let mut progress = false;
        for (normal, slot) in scene.normals.iter().zip(&mut requests) {
            if slot.as_ref().is_some_and(|request| request.ok) {
                continue;
            }
            let answer = scene.as_customer(normal).await;
            let ok = answer.as_ref().is_ok_and(|answer| (200..400).contains(&answer.status));
            progress |= ok;
            *slot = Some(NormalRequest {
                source: normal.file.clone().unwrap_or_default(),
                route: normal.target(),
                ok,
                answer: brief(&answer),
            });
        }
        let failed = requests.iter().flatten().any(|request| !request.ok);
        if !progress || !failed {
            break;
        }
    }
    let notes = notes.into_iter().filter(|note| !note.contains("a request is made up")).collect();
    Ok(NormalRequests { requests: requests.into_iter().flatten().collect(), notes })
}
