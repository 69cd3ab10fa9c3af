//! `burgward attack`: what gets through an insecure app, and what does not.

use std::path::Path;

use serde_json::Value;

use crate::place::{Place, app, example};

/// The report of an attack on an app, which the command starts by itself.
fn report(place: &Place, app: &Path) -> (Option<i32>, Value) {
    let ended = place.run(&["attack", &app.to_string_lossy(), "--format", "json"]);
    let report = serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"));
    (ended.status, report)
}

fn through(report: &Value) -> Vec<&Value> {
    report["attacks"].as_array().unwrap().iter().filter(|attack| attack["through"] == true).collect()
}

#[test]
fn every_planted_flaw_lets_an_attack_through_and_the_sandbox_none() {
    let place = Place::new();
    let (status, report) = report(&place, &example());
    assert_eq!((status, &report["schema"]), (Some(1), &Value::from("burgward/attack-v1")));
    let through = through(&report);
    assert_eq!(report["through"], through.len());
    for attacker in ["outsider", "customer", "assumed-breach"] {
        assert!(through.iter().any(|attack| attack["attacker"] == attacker), "{attacker}: {report:#}");
    }
    let needs = |words: &str| through.iter().any(|attack| attack["on_aws"].as_str().unwrap_or("").contains(words));
    for words in [
        "an authorizer on this route",
        "starts no shell",
        "a throttle",
        "leaves nothing in /tmp",
        "without dynamodb:DeleteItem",
    ] {
        assert!(needs(words), "nothing got through for want of {words}: {report:#}");
    }
    for attack in through {
        let id = attack["id"].as_str().unwrap();
        assert!(!id.contains("sandbox") && !id.contains("runtime-api") && !id.contains("sigv4"), "{attack:#}");
    }
    // What must be stopped was tried, and says by what.
    let all = report["attacks"].as_array().unwrap();
    for (tried, layer) in [
        ("sandbox/metadata", "sandbox-network"),
        ("sandbox/host-network", "sandbox-network"),
        ("sandbox/dns", "sandbox-network"),
        ("sandbox/control-socket", "sandbox-files"),
        ("sandbox/host-files", "sandbox-files"),
        ("sandbox/left-over", "isolation"),
        ("sandbox/runtime-next", "runtime-api"),
        ("sandbox/runtime-forged", "runtime-api"),
        ("signature/old", "sigv4"),
        ("signature/signature", "sigv4"),
        ("signature/version-2", "sigv4"),
        ("package-bucket/", "iam"),
        ("stolen-keys/", "key-binding"),
    ] {
        let stopped = all.iter().any(|attack| {
            attack["id"].as_str().unwrap().starts_with(tried)
                && attack["through"] == false
                && attack["stopped_by"] == layer
        });
        assert!(stopped, "{tried} by {layer}: {report:#}");
    }
    // What was brought out is named, never shown.
    let text = report.to_string();
    assert!(!text.contains("ASIA"), "{text}");
    let source = burgward_app::Source { path: example(), ..burgward_app::Source::default() };
    let (_, _, loaded) = burgward_app::load(&source).unwrap();
    let functions = loaded.app.unwrap().functions;
    let passwords = functions.iter().flat_map(|f| &f.env).filter(|(name, _)| name.contains("PASSWORD"));
    let passwords: Vec<_> = passwords.filter_map(|(_, value)| value.value.as_literal()).collect();
    assert!(!passwords.is_empty() && passwords.iter().all(|password| !text.contains(password.as_str())), "{text}");
}

#[test]
fn an_app_without_these_flaws_lets_nothing_through() {
    let place = Place::new();
    let (status, report) = report(&place, &app("settings-http"));
    assert!(report["of"].as_u64().unwrap() > 10, "{report:#}");
    assert_eq!((status, through(&report)), (Some(0), Vec::<&Value>::new()), "{report:#}");
}
