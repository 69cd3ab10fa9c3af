//! What one request leaves for the next: a customer's text in `/tmp`, read back by somebody else's request.

use burgward_template::model::Function;

use crate::chance;
use crate::http::Answer;
use crate::normal::{Field, Normal};
use crate::report::{Attack, Attacker, OnAws, StoppedBy};
use crate::scene::{Scene, brief};

/// Requests that are replayed for one function.
const MOST_PAIRS: usize = 24;
/// Signs that code keeps files between requests.
const SIGNS: [&str; 4] = ["/tmp", "tempfile", "gettempdir", "TMPDIR"];

/// Replays each normal request with a canary in one field, then without that field: nothing of the canary may come back.
/// Only for functions whose code writes temporary files: what others give back, they were meant to store.
pub(crate) async fn function(scene: &Scene<'_>, function: &Function) -> Option<Attack> {
    let code = scene.code(&function.logical_id)?;
    let place = code.place_of(&SIGNS)?;
    let mut last = Err("no normal request has a field that can be left out".to_owned());
    let mut found = None;
    for (normal, field, later) in pairs(scene, function) {
        let canary = format!("kept-{}", chance::word());
        let first = scene.as_customer(&normal.with(&field, &canary)).await;
        last = scene.as_customer(&later).await;
        let read_back = last.as_ref().is_ok_and(|answer| answer.text().contains(&canary));
        if read_back && first.is_ok() {
            found = Some(field);
            break;
        }
    }
    Some(attack(scene, function, place, &last, found.as_ref()))
}

fn pairs<'a>(scene: &'a Scene<'_>, function: &Function) -> Vec<(&'a Normal, Field, Normal)> {
    let normals = scene.normals.iter().filter(|normal| normal.function == function.logical_id);
    let pairs = normals.flat_map(|normal| {
        normal.fields().into_iter().filter_map(move |field| {
            let later = normal.without(&field)?;
            Some((normal, field, later))
        })
    });
    pairs.take(MOST_PAIRS).collect()
}

fn attack(
    scene: &Scene<'_>,
    function: &Function,
    place: String,
    last: &Result<Answer, String>,
    found: Option<&Field>,
) -> Attack {
    let isolated = scene.target.isolated.contains(&function.logical_id);
    let normal = scene.normals.iter().find(|normal| normal.function == function.logical_id);
    let (stopped_by, on_aws) = match (found, last, normal) {
        (Some(_), _, _) => {
            (StoppedBy::None, OnAws::Needs("code that leaves nothing in /tmp for the next request".into()))
        }
        (None, _, _) if isolated => (StoppedBy::Isolation, OnAws::OnlyUnderBurgward),
        (None, Ok(answer), Some(normal)) => (scene.layer(normal, answer), OnAws::Holds),
        (None, _, _) => (StoppedBy::Application, OnAws::Holds),
    };
    let came_back = match found {
        Some(field) => format!("the text that the former request had in `{field}`"),
        None => format!("{}, without the former request's text", brief(last)),
    };
    Attack {
        id: format!("residue/{}", function.logical_id),
        attacker: Attacker::Customer,
        target: function.logical_id.clone(),
        tried: "another request's temporary files".to_owned(),
        came_back,
        through: found.is_some(),
        stopped_by,
        on_aws,
        place: Some(place),
    }
}
