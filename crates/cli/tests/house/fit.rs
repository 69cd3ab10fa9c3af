//! `burgward fit`: permissions out of code, confirmed by what was observed, and never widened by it.

use serde_json::Value;

use crate::check::copy;
use crate::place::{Place, app, example};

fn json(place: &Place, folder: &std::path::Path, more: &[&str]) -> Value {
    let ended = place.with_data(&["fit"], folder, &[&["--format", "json"], more].concat());
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

/// Function, action and resource of every grant.
fn grants(fit: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for function in fit["functions"].as_array().unwrap() {
        for statement in function["statements"].as_array().unwrap() {
            for (action, resource) in statement["actions"].as_array().unwrap().iter().flat_map(|action| {
                statement["resources"].as_array().unwrap().iter().map(move |resource| (action, resource))
            }) {
                let words = [&function["function"], action, &resource["written"]].map(|word| word.as_str().unwrap());
                found.push(words.join(" "));
            }
        }
    }
    found
}

/// Law 4: what an attacker does while we watch does not become a permission, until a person says so.
#[test]
fn an_attack_while_observing_grants_nothing() {
    let place = Place::new();
    let folder = copy(&place, &example());
    let clean = grants(&json(&place, &folder, &["--from", "static"]));
    let up = place.up(&folder, &["--observe"]);
    let attacked = place.with_data(&["attack"], &folder, &["--format", "json"]);
    assert_eq!(attacked.status, Some(1), "{}", attacked.stderr);
    up.stop();
    let fit = json(&place, &folder, &[]);
    assert_eq!(grants(&fit), clean, "{fit:#}");
    let unexplained = fit["unexplained"].as_array().unwrap();
    let drop = unexplained.iter().find(|call| call["action"] == "dynamodb:DeleteItem").unwrap();
    assert_eq!(drop["accepted"], false);
    let accepted = json(&place, &folder, &["--accept", drop["id"].as_str().unwrap()]);
    let granted = grants(&accepted);
    assert_eq!(granted.len(), clean.len() + 1, "{granted:#?}");
    assert!(granted.iter().any(|grant| grant.contains("dynamodb:DeleteItem")), "{granted:#?}");
}

#[test]
fn a_fitted_app_works_and_is_fitted_no_further() {
    let place = Place::new();
    let folder = copy(&place, &app("notes-rest"));
    let written = place.with_data(&["fit"], &folder, &["--write"]);
    assert_eq!(written.status, Some(0), "{}", written.stderr);
    assert!(written.stdout.contains("+++ b/template.yaml"), "{}", written.stdout);
    let again = place.with_data(&["fit"], &folder, &["--write"]);
    assert_eq!((again.status, again.stdout.as_str()), (Some(0), ""), "{}", again.stderr);
    assert!(again.stderr.contains("nothing to change"), "{}", again.stderr);
    let up = place.up(&folder, &[]);
    let checks = folder.join("check.py");
    let passed = up.python(&[checks], &[]).output().unwrap();
    assert!(passed.status.success(), "{}", String::from_utf8_lossy(&passed.stderr));
}

#[test]
fn nothing_observed_is_said() {
    let place = Place::new();
    let ended = place.with_data(&["fit"], &example(), &["--from", "observed"]);
    assert_eq!(
        ended.said(),
        (
            Some(2),
            "error: nothing was observed\n  hint: run the app with `burgward up --observe` and send it its normal requests"
        )
    );
}
