//! The published policies, ARNs and decisions of the iam-rs test data (MIT), where the corpora are at hand.
#![allow(
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::needless_raw_string_hashes,
    clippy::panic,
    clippy::print_stdout,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "helpers of tests may stop the test; tables are long and read more easily with equal quotes"
)]

use std::path::PathBuf;
use std::sync::Arc;

use burgward_iam::{Context, Effect, Policies, Policy, PolicyKind, Request, decide, principal_context};
use burgward_types::{Arn, Principal};
use serde_json::Value;

fn corpus() -> Option<PathBuf> {
    let folder = match std::env::var_os("BURGWARD_CORPORA") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora"),
    };
    let folder = folder.join("iam-rs");
    if !folder.is_dir() {
        println!("skipped: {} does not exist; set BURGWARD_CORPORA", folder.display());
        return None;
    }
    Some(folder)
}

fn read(path: PathBuf) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn every_policy_parses() {
    let Some(folder) = corpus() else { return };
    for i in 1..=64 {
        let path = folder.join(format!("policies/{i}.json"));
        let text = std::fs::read_to_string(&path).unwrap();
        let kind = if text.contains("\"Principal\"") { PolicyKind::Resource } else { PolicyKind::Identity };
        if let Err(error) = Policy::parse(&text, &format!("{i}.json"), kind) {
            panic!("{error}");
        }
    }
}

#[test]
fn every_arn_is_well_formed() {
    let Some(folder) = corpus() else { return };
    for text in read(folder.join("arns.json")).as_array().unwrap() {
        let text = text.as_str().unwrap().trim();
        assert_eq!(Arn::parse(text).unwrap().as_str(), text);
        let document = serde_json::json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": text}});
        Policy::from_value(&document, "p", PolicyKind::Identity, &[]).unwrap();
    }
}

#[test]
fn every_decision_is_right() {
    let Some(folder) = corpus() else { return };
    for i in 1..=5 {
        let case = read(folder.join(format!("requests/{i}.json")));
        let asked = &case["request"];
        let arn = Arn::parse(asked["Principal"]["AWS"].as_str().unwrap()).unwrap();
        let principal = Principal::from_arn(&arn).unwrap();
        let mut context = Context::new();
        for (key, value) in asked["Context"].as_object().unwrap() {
            context.set(key, value.as_str().unwrap());
        }
        principal_context(&principal, &mut context);
        let identity = [Arc::new(Policy::from_value(&case["policy"], "p", PolicyKind::Identity, &[]).unwrap())];
        let request = Request {
            principal: &principal,
            action: asked["Action"].as_str().unwrap(),
            resource: asked["Resource"].as_str().unwrap(),
            resource_account: None,
            context: &context,
        };
        let expected = match case["result"].as_str().unwrap() {
            "Allow" => Effect::Allow,
            "Deny" => Effect::ExplicitDeny,
            _ => Effect::ImplicitDeny,
        };
        let decision = decide(&request, &Policies { identity: &identity, ..Policies::default() });
        assert_eq!(decision.effect, expected, "{i}");
    }
}
