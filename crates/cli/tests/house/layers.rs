//! What changes when a layer is put on or taken away.

use std::path::Path;

use burgward_app::Paths;
use serde_json::Value;

use crate::place::{Place, Up, app};

/// A copy of the app with a `burgward.toml` beside its template.
fn with_settings(place: &Place, settings: &str) -> std::path::PathBuf {
    let from = app("faults-rest");
    let read = |name: &str| std::fs::read_to_string(from.join(name)).unwrap();
    let (template, leak) = (read("template.yaml"), read("src/leak.py"));
    let (faults, broken) = (read("src/faults.py"), read("src/broken.py"));
    place.write_app(&[
        ("template.yaml", &template),
        ("src/leak.py", &leak),
        ("src/faults.py", &faults),
        ("src/broken.py", &broken),
        ("burgward.toml", settings),
    ])
}

fn get(up: &Up, path: &str) -> String {
    up.client("get.py", &[("GET_PATH".into(), path.into())])
}

fn isolation(up: &Up, function: &str) -> String {
    let levels = up.ready["enforcement"]["isolation"].as_array().unwrap();
    levels.iter().find(|pair| pair[0] == function).unwrap()[1].as_str().unwrap().to_owned()
}

#[test]
fn a_sandbox_is_reused_by_default_as_lambda_does() {
    let place = Place::new();
    let up = place.up(&app("faults-rest"), &[]);
    assert_eq!(isolation(&up, "ScratchFunction"), "function");
    assert_eq!([get(&up, "/scratch"), get(&up, "/scratch")], ["200 nothing", "200 left by an earlier request"]);
}

#[test]
fn one_line_gives_every_request_a_sandbox_of_its_own() {
    let place = Place::new();
    let folder = with_settings(&place, "isolation = \"invocation\"\n");
    let up = place.up(&folder, &[]);
    assert_eq!(isolation(&up, "ScratchFunction"), "invocation");
    assert_eq!([get(&up, "/scratch"), get(&up, "/scratch")], ["200 nothing", "200 nothing"]);
}

#[test]
fn a_level_can_be_set_for_one_function() {
    let place = Place::new();
    let folder = with_settings(&place, "[functions.ScratchFunction]\nisolation = \"invocation\"\n");
    let up = place.up(&folder, &[]);
    assert_eq!([isolation(&up, "ScratchFunction"), isolation(&up, "LeakFunction")], ["invocation", "function"]);
    assert_eq!([get(&up, "/scratch"), get(&up, "/scratch")], ["200 nothing", "200 nothing"]);
}

/// IAM lifted: what was denied is done, and the record says both.
#[test]
fn permissive_lets_a_denial_through_and_records_it() {
    let (place, app) = (Place::new(), app("notes-rest"));
    let up = place.up(&app, &[]);
    assert_eq!(wipe(&up), "403");
    up.stop();
    let up = place.up(&app, &["--permissive"]);
    assert_eq!(wipe(&up), "200");
    assert_eq!(up.ready["enforcement"]["iam"], "permissive");
    let relaxed = &up.ready["enforcement"]["relaxed"];
    assert_eq!(relaxed[0], "--permissive: IAM denials are recorded and let through");
    assert!(up.log().contains("WARNING: --permissive lets calls through that IAM denies"), "{}", up.log());
    up.stop();
    assert_eq!(deletions(&place, &app), [("ImplicitDeny".to_owned(), false), ("ImplicitDeny".to_owned(), true)]);
}

fn wipe(up: &Up) -> String {
    let answer = up.client("get.py", &[("GET_PATH".into(), "/notes/ada".into()), ("METHOD".into(), "DELETE".into())]);
    answer.split(' ').next().unwrap().to_owned()
}

/// Effect of each decision on a deletion, and whether it was let through all the same.
fn deletions(place: &Place, app: &Path) -> Vec<(String, bool)> {
    let records = place.records(app);
    let decisions = records.iter().filter_map(|record| record["additionalEventData"]["decisions"].as_array()).flatten();
    let deletions = decisions.filter(|decision| decision["action"] == "dynamodb:DeleteItem");
    deletions.map(|decision| (decision["effect"].as_str().unwrap().to_owned(), truth(decision))).collect()
}

fn truth(decision: &Value) -> bool {
    decision["permitted_despite_denial"].as_bool().unwrap_or(false)
}

/// What was seen with `--observe` in any run stays known; a run without it adds nothing.
#[test]
fn observations_add_up_over_runs() {
    let (place, app) = (Place::new(), app("settings-http"));
    let seen = |more: &[&str]| {
        let up = place.up(&app, more);
        crate::place::succeed(&mut up.python(&[app.join("check.py")], &[]));
        assert!(up.stop().success());
        let paths = Paths {
            data: place.data(),
            root_key: place.path("home/.config/burgward/root.key"),
            cache: place.path("cache"),
            control: place.path("control"),
        };
        let calls = burgward_app::observed(&paths, &burgward_app::unlock(&paths).unwrap()).unwrap();
        let of = |action: &str, allowed: bool| {
            calls.iter().find(|call| call.action == action && call.allowed == allowed).map(|call| call.count)
        };
        (of("ssm:GetParametersByPath", true), of("ssm:PutParameter", false))
    };
    assert_eq!(seen(&[]), (None, None));
    assert_eq!(seen(&["--observe"]), (Some(1), Some(1)));
    assert_eq!(seen(&["--observe"]), (Some(2), Some(2)));
    assert_eq!(seen(&[]), (Some(2), Some(2)));
}
