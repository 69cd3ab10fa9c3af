//! `burgward demo`: the loop on the example, on the example under other names, and on apps it was not made for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::check::{collect, copy};
use crate::place::{Ended, Place, app, example};

/// The last line of a run.
fn line(ended: &Ended) -> Value {
    let last = ended.stdout.lines().last().unwrap_or_else(|| panic!("{}", ended.stderr));
    serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
}

fn number(line: &Value, pointer: &str) -> u64 {
    line.pointer(pointer).and_then(Value::as_u64).unwrap_or_else(|| panic!("{pointer}: {line}"))
}

/// What a demo of a whole, insecure app has to show.
fn shows_the_loop(ended: &Ended) {
    let line = line(ended);
    assert_eq!(ended.status, Some(0), "{line}\n{}", ended.stderr);
    let (requests, of) = (number(&line, "/requests_before/of"), number(&line, "/attacks_before/of"));
    let before = number(&line, "/attacks_before/through");
    assert!(requests >= 3 && before >= 4, "{line}");
    let findings = (number(&line, "/findings/before"), number(&line, "/findings/after"));
    assert!(findings.1 < findings.0, "{line}");
    let expected = json!({
        "schema": "burgward/demo-v1",
        "requests_before": { "ok": requests, "of": requests },
        "attacks_before": { "through": before, "of": of },
        "requests_after": { "ok": requests, "of": requests },
        "attacks_after": { "through": 0, "of": of },
        "findings": { "before": findings.0, "after": findings.1 },
        "audit_verified": true,
    });
    assert_eq!(line, expected);
}

#[test]
fn the_example_is_tightened_and_the_attacks_fail() {
    let place = Place::new();
    shows_the_loop(&place.run(&["demo", "--format", "json"]));
}

/// A word that no app holds.
fn word() -> String {
    let id = burgward_types::RequestId::random().to_string();
    let letters = id.chars().filter(char::is_ascii_alphanumeric).take(8);
    let letters: String = letters.map(|c| char::from(b'a' + u8::try_from(c.to_digit(16).unwrap()).unwrap())).collect();
    format!("x{letters}")
}

/// Whether an occurrence is a word of its own.
fn replace_words(text: &str, from: &str, to: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(from) {
        let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let whole = !before.ends_with(part) && !after.starts_with(part);
        out.push_str(before);
        out.push_str(if whole { to } else { from });
        rest = after;
    }
    out + rest
}

/// The example with other names for its tables, buckets, functions, routes, variables and files.
fn renamed(place: &Place) -> (PathBuf, BTreeMap<String, String>) {
    let source = burgward_app::Source { path: example(), ..burgward_app::Source::default() };
    let (_, _, loaded) = burgward_app::load(&source).unwrap();
    let app = loaded.app.unwrap();
    let mut names = BTreeMap::new();
    let mut add = |name: &str| {
        let _ = names.entry(name.to_owned()).or_insert_with(word);
    };
    app.functions.iter().for_each(|function| add(&function.logical_id));
    app.tables.iter().for_each(|table| add(&table.logical_id));
    app.buckets.iter().for_each(|bucket| add(&bucket.logical_id));
    app.apis.iter().for_each(|api| add(&api.logical_id));
    app.apis.iter().flat_map(|api| &api.routes).for_each(|route| add(route.path.trim_matches('/')));
    app.functions.iter().for_each(|function| add(function.code_uri.value.trim_end_matches('/')));
    let mut files = Vec::new();
    collect(&example(), &example(), &mut files);
    let rename = |text: &str| names.iter().fold(text.to_owned(), |text, (from, to)| replace_words(&text, from, to));
    let files: Vec<(String, String)> = files.iter().map(|(name, text)| (rename(name), rename(text))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    (place.write_app(&files), names)
}

#[test]
fn the_example_under_random_names_is_tightened_as_well() {
    let place = Place::new();
    let (folder, names) = renamed(&place);
    eprintln!("renamed: {names:?}");
    let ended = place.run(&["demo", &folder.to_string_lossy(), "--format", "json"]);
    shows_the_loop(&ended);
}

/// Everything works before and after, nothing gets worse, and the user's own files stay as they are.
fn works_on(name: &str) {
    let place = Place::new();
    let folder = copy(&place, &app(name));
    let mut before = Vec::new();
    collect(&folder, &folder, &mut before);
    let ended = place.run(&["demo", &folder.to_string_lossy(), "--format", "json"]);
    let line = line(&ended);
    let requests = number(&line, "/requests_before/of");
    assert!(requests > 0, "{line}\n{}", ended.stderr);
    for pointer in ["/requests_before/ok", "/requests_after/of", "/requests_after/ok"] {
        assert_eq!(number(&line, pointer), requests, "{pointer}: {line}\n{}", ended.stderr);
    }
    assert!(number(&line, "/attacks_after/through") <= number(&line, "/attacks_before/through"), "{line}");
    assert_eq!(line["audit_verified"], true, "{line}");
    let mut now = Vec::new();
    collect(&folder, &folder, &mut now);
    assert_eq!(before, now);
}

#[test]
fn it_works_on_an_app_with_policy_templates_and_an_index() {
    works_on("notes-rest");
}

#[test]
fn it_works_on_an_app_with_an_authorizer_of_its_own() {
    works_on("orders-rest");
}

#[test]
fn it_works_on_an_app_whose_requests_are_openapi_examples() {
    works_on("uploads-http");
}

#[test]
fn it_works_on_an_app_without_sam() {
    works_on("plain-cloudformation");
}

#[test]
fn an_app_without_requests_is_told_so_and_the_rest_goes_on() {
    let place = Place::new();
    let folder = copy(&place, &app("notes-rest"));
    std::fs::remove_dir_all(folder.join("events")).unwrap();
    let ended = place.run(&["demo", &folder.to_string_lossy()]);
    assert!(ended.stdout.contains("no request shows that it still works"), "{}", ended.stdout);
    assert!(ended.stdout.contains("attacks that get through"), "{}", ended.stdout);
}

/// Requests whose token no authorizer takes: each is named with what came back, and the rest goes on.
#[test]
fn requests_without_a_token_that_holds_are_named() {
    let place = Place::new();
    let folder = copy(&place, &app("orders-rest"));
    for name in ["order", "read"] {
        let file = folder.join(format!("events/{name}.json"));
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replace("writer", "stranger").replace("reader", "stranger")).unwrap();
    }
    let ended = place.run(&["demo", &folder.to_string_lossy()]);
    for note in ["`events/order.json` does not pass before", "`events/read.json` does not pass after"] {
        assert!(ended.stdout.contains(note), "{note}: {}", ended.stdout);
    }
    assert!(ended.stdout.contains("status 401"), "{}", ended.stdout);
    assert!(ended.stdout.contains("1 of 3      1 of 3"), "{}", ended.stdout);
}

/// A machine on which no sandbox can be made: what needs none is done, and the rest is named.
#[test]
fn where_up_cannot_run_the_rest_is_done_and_said() {
    let mut place = Place::new();
    // A namespace in which no further user namespace may be made.
    let script = "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$@\"";
    place.wrapper = ["unshare", "--user", "--map-root-user", "sh", "-c", script, "sh"].map(Into::into).to_vec();
    let ended = place.run(&["demo", "--format", "json"]);
    let line = line(&ended);
    assert!(line["skipped"].as_str().is_some_and(|why| !why.is_empty()), "{line}");
    assert!(number(&line, "/findings/after") < number(&line, "/findings/before"), "{line}");
    assert_eq!((number(&line, "/requests_before/of"), line["audit_verified"].as_bool()), (0, Some(false)), "{line}");
}

/// The first screen of the README is what the command prints, but for times and numbers of records.
#[test]
fn the_readme_shows_what_the_demo_prints() {
    let place = Place::new();
    let ended = place.run(&["demo"]);
    let root = crate::place::root();
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let recorded =
        readme.split_once("<!-- recorded: burgward demo -->\n```text\n").unwrap().1.split_once("```").unwrap().0;
    let table = ended.stdout.lines().skip_while(|line| !line.contains("BEFORE")).collect::<Vec<_>>().join("\n");
    assert_eq!(still(recorded), still(&table), "\n  hint: `cargo xtask record` writes it anew");
}

/// The text without what differs from run to run.
fn still(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let differs = |line: &&str| line.contains("audit log") || line.contains("stop") || line.ends_with(" s");
    let lines = lines.filter(|line| !differs(line));
    lines.map(|line| line.trim_end().to_owned()).collect()
}

/// The folder of the mended app, which `--keep` leaves.
#[test]
fn the_mended_copy_can_be_kept() {
    let place = Place::new();
    let kept = place.path("kept");
    let folder = app("plain-cloudformation");
    let ended = place.run(&["demo", &folder.to_string_lossy(), "--keep", &kept.to_string_lossy()]);
    assert!(Path::new(&kept).join("template.yaml").is_file(), "{}", ended.stderr);
}
