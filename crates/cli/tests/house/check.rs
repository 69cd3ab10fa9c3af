//! `burgward check` and `explain`: what is found, where, and what is mended.

use std::path::Path;

use serde_json::Value;

use crate::place::{Place, app, example};

fn findings(place: &Place, folder: &Path, more: &[&str]) -> (Option<i32>, Vec<Value>) {
    let folder = folder.to_string_lossy();
    let words: Vec<&str> = ["check", &folder, "--format", "json"].into_iter().chain(more.iter().copied()).collect();
    let ended = place.run(&words);
    let document: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {ended:?}"));
    assert_eq!(document["schema"], "burgward/check-v1");
    (ended.status, document["findings"].as_array().unwrap().clone())
}

/// A copy of an app that may be changed.
pub(crate) fn copy(place: &Place, from: &Path) -> std::path::PathBuf {
    let mut files = Vec::new();
    collect(from, from, &mut files);
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    place.write_app(&files)
}

pub(crate) fn collect(base: &Path, folder: &Path, into: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(base, &path, into);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            into.push((path.strip_prefix(base).unwrap().to_string_lossy().into_owned(), text));
        }
    }
}

/// The words in backquotes of a table's cell.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
}

/// The page of flaws names each one's file and what stands at its place: a finding must be on such a line.
#[test]
fn every_planted_flaw_is_found_at_its_line() {
    let place = Place::new();
    let (status, found) = findings(&place, &example(), &[]);
    assert_eq!(status, Some(1));
    let page = std::fs::read_to_string(example().join("FLAWS.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| ") && line.contains("SAS-"));
    let mut flaws = 0;
    for row in rows {
        flaws += 1;
        let cells: Vec<&str> = row.split(" | ").collect();
        let mut words = quoted(cells[1]);
        let file = words.remove(0);
        let text = std::fs::read_to_string(example().join(&file)).unwrap();
        let risk = cells[2].split([' ', ':']).next().unwrap();
        let rules: Vec<_> = burgward_checks::rules().iter().filter(|rule| rule.meta.tags.contains(&risk)).collect();
        let hit = found.iter().any(|finding| {
            let line = finding["place"]["line"].as_u64().unwrap();
            let shown = text.lines().nth(usize::try_from(line).unwrap() - 1).unwrap_or("");
            finding["place"]["file"].as_str().unwrap().ends_with(&file)
                && rules.iter().any(|rule| finding["rule"] == rule.id)
                && words.iter().any(|word| shown.contains(word.as_str()))
        });
        assert!(hit, "{row}\n{found:#?}");
    }
    assert_eq!(flaws, 7);
}

#[test]
fn what_is_mended_is_found_no_more_and_a_second_run_changes_nothing() {
    let place = Place::new();
    let folder = copy(&place, &example());
    let (_, before) = findings(&place, &folder, &[]);
    let path = folder.to_string_lossy();
    let mended = place.run(&["check", &path, "--fix=all", "--format", "json"]);
    let after: Value = serde_json::from_str(&mended.stdout).unwrap();
    let ids = |found: &[Value]| found.iter().map(|f| f["rule"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let (before, after) = (ids(&before), ids(after["findings"].as_array().unwrap()));
    for rule in ["authorizer-unused", "api-no-throttle", "env-plaintext-secret", "event-shell", "tmp-predictable-name"]
    {
        assert!(before.contains(&rule.to_owned()), "{before:?}");
        assert!(!after.contains(&rule.to_owned()), "{after:?}\n{}", mended.stderr);
    }
    let mut texts = Vec::new();
    collect(&folder, &folder, &mut texts);
    let again = place.run(&["check", &path, "--fix=all", "--format", "json"]);
    assert!(again.stderr.contains("nothing to mend"), "{}", again.stderr);
    let mut now = Vec::new();
    collect(&folder, &folder, &mut now);
    assert_eq!(texts, now);
}

#[test]
fn a_dry_run_shows_the_change_and_makes_none() {
    let place = Place::new();
    let folder = copy(&place, &example());
    let shown = place.run(&["check", &folder.to_string_lossy(), "--fix", "--dry-run"]);
    assert!(shown.stderr.contains("+++ b/template.yaml"), "{}", shown.stderr);
    assert!(!shown.stderr.contains("+++ b/author"), "code was changed: {}", shown.stderr);
    assert_eq!(
        std::fs::read_to_string(folder.join("template.yaml")).unwrap(),
        std::fs::read_to_string(example().join("template.yaml")).unwrap()
    );
}

#[test]
fn an_app_that_is_well_made_is_silent() {
    let place = Place::new();
    let ended = place.run(&["check", &app("settings-http").to_string_lossy(), "--fail-on", "high"]);
    assert_eq!(ended.status, Some(0), "{}", ended.stdout);
}

#[test]
fn sarif_names_rules_and_places() {
    let place = Place::new();
    let ended = place.run(&["check", &example().to_string_lossy(), "--format", "sarif"]);
    let log: Value = serde_json::from_str(&ended.stdout).unwrap();
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert!(!results.is_empty());
    for result in results {
        let rule = &run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64().unwrap() > 0);
    }
}

#[test]
fn code_that_does_not_parse_is_said_and_the_rest_goes_on() {
    let place = Place::new();
    let folder = copy(&place, &example());
    let mut code = Vec::new();
    collect(&folder, &folder, &mut code);
    let (name, text) = code.iter().find(|(name, text)| name != "FLAWS.md" && text.contains("shell=True")).unwrap();
    std::fs::write(folder.join(name), format!("def broken(:\n{text}")).unwrap();
    let (status, found) = findings(&place, &folder, &["--persona", "pedantic"]);
    assert_eq!(status, Some(1));
    let rules: Vec<&str> = found.iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    assert!(rules.contains(&"code-unread") && rules.contains(&"authorizer-unused"), "{rules:?}");
}

#[test]
fn explain_tells_of_rules_and_findings() {
    let place = Place::new();
    let folder = example();
    let path = folder.to_string_lossy();
    let (_, found) = findings(&place, &folder, &[]);
    let id = found[0]["id"].as_str().unwrap();
    let explained = place.run(&["explain", id, &path]);
    assert_eq!(explained.status, Some(0), "{}", explained.stderr);
    assert!(explained.stdout.contains(found[0]["title"].as_str().unwrap()), "{}", explained.stdout);
    assert!(explained.stdout.contains("## Why is this bad?"), "{}", explained.stdout);
    let page = place.run(&["explain", "event-shell"]);
    assert!(page.stdout.contains("## Use instead"), "{}", page.stdout);
    let unknown = place.run(&["explain", "no-such-thing", &path]);
    assert_eq!(unknown.status, Some(2));
    assert!(unknown.stderr.contains("is no rule, no finding"), "{}", unknown.stderr);
}

/// A text that is no template is never "nothing found".
#[test]
fn what_is_no_template_is_unusable() {
    let place = Place::new();
    let broken = "Resources:\n  A: {Type: AWS::IAM::Role, Properties: {Policies: [{PolicyName: {x\n";
    for text in [broken, "hello: world\n", &"[".repeat(100_000)] {
        let folder = place.write_app(&[("template.yaml", text)]);
        for verb in ["check", "fit", "demo"] {
            let ended = place.run(&[verb, &folder.to_string_lossy()]);
            assert_eq!((ended.status, ended.stdout.as_str()), (Some(2), ""), "{verb}: {}", ended.stderr);
            assert!(ended.stderr.contains("cannot be read as a template\ntemplate.yaml:"), "{}", ended.stderr);
        }
    }
}
