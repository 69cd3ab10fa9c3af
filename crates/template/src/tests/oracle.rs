//! SAM against the official translator: its output, read as plain CloudFormation, must give the same model as its input.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use super::corpora::{corpus, load_file};
use crate::model::App;

/// Entities of a model as text, by kind and logical id. APIs are left out: the translator writes them as `OpenAPI`.
fn entities(app: &App) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for f in &app.functions {
        let mut env: Vec<_> = f.env.iter().map(|(name, value)| format!("{name}={}", value.value)).collect();
        env.sort();
        let limits = (f.memory_mb.value, f.timeout_secs.value, f.tmp_mb.value);
        let text = format!("{} {} {limits:?} {env:?} {}", f.handler.value, f.runtime.value, f.name);
        out.insert(format!("function {}", f.logical_id), text);
    }
    for r in &app.roles {
        let mut policies: Vec<_> =
            r.policies.iter().map(|p| format!("{}: {}", p.name, canonical(&p.document))).collect();
        policies.sort();
        out.insert(format!("role {}", r.logical_id), format!("{} {policies:#?}", canonical(&r.trust)));
    }
    for p in &app.lambda_permissions {
        let text = format!("{} {} {:?}", p.action, p.principal, p.source_arn);
        out.insert(format!("permission {}", p.logical_id), text);
    }
    for t in &app.tables {
        out.insert(format!("table {}", t.logical_id), format!("{} {}", t.name, canonical(&t.create)));
    }
    out
}

/// JSON with sorted keys.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().map(|(key, value)| format!("{key}: {}", canonical(value))).collect();
            sorted.sort();
            format!("{{{}}}", sorted.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(", ")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

#[test]
fn sam_gives_the_same_model_as_the_translators_output() {
    let Some(folder) = corpus("sam-translator") else { return };
    let mut counts: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    let mut differing = Vec::new();
    let mut paths: Vec<_> = fs::read_dir(folder.join("input")).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let expected = folder.join("output").join(path.with_extension("json").file_name().unwrap());
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("error_") || !expected.is_file() {
            continue;
        }
        let (ours, theirs) = (load_file(&path, true), load_file(&expected, false));
        let runs = ours.refused.is_empty();
        let (Some(ours), Some(theirs)) = (ours.app, theirs.app) else { continue };
        let theirs = entities(&theirs);
        for (key, text) in entities(&ours) {
            let Some(expected) = theirs.get(&key) else { continue };
            let count = counts.entry(key.split(' ').next().unwrap().to_owned()).or_default();
            count.1 += 1;
            count.0 += u32::from(text == *expected);
            // What makes the rest differ (connectors, other events) is refused.
            if text != *expected && runs {
                differing.push(format!("{name} {key}\n  ours   {text}\n  theirs {expected}"));
            }
        }
    }
    println!("equal to the translator's: {counts:?}");
    insta::assert_snapshot!(differing.join("\n"), @"");
}
