//! Every rule finds what its bad fixture marks, at those lines and nowhere else, and nothing in its good fixture.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that fails is a test that fails")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use burgward_checks::{Persona, Workspace, rules, run_with};
use burgward_diag::Finding;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn found(name: &str, workspace: &Workspace) -> Vec<Finding> {
    let read = common::reload(name, workspace);
    let app = read.app.unwrap_or_else(|| panic!("`{name}` does not load: {:?}", read.refused));
    run_with(&app, &read.codes, Persona::Auditor)
}

/// File, line and severity of the findings of a rule.
fn sites(findings: &[Finding], rule: &str) -> Vec<(String, u32, String)> {
    let of_rule = findings.iter().filter(|f| f.rule == rule);
    let site = |f: &Finding| {
        let span = &f.primary.as_ref().unwrap().span;
        (span.file.name().to_owned(), span.position().line, f.severity.name().to_owned())
    };
    of_rule.map(site).collect()
}

/// The marks `# error: [rule] severity` of a template and of the code beside it.
fn marks(workspace: &Workspace, rule: &str) -> Vec<(String, u32, String)> {
    let mark = format!("# error: [{rule}] ");
    let lines = workspace.files.iter().flat_map(|(name, text)| text.lines().zip(1..).map(move |(l, at)| (name, l, at)));
    let mut found: Vec<_> =
        lines.filter_map(|(name, l, at)| Some((name.clone(), at, l.split_once(&mark)?.1.trim().to_owned()))).collect();
    found.sort_by_key(|(name, at, _)| (!name.ends_with("yaml"), name.clone(), *at));
    found
}

#[test]
fn bad_fixtures_are_found_where_they_are_marked_and_good_ones_are_not() {
    for rule in rules() {
        let read = |name: &str| common::workspace(&folder().join(rule.id).join(name));
        let bad = read("bad.yaml");
        assert!(!marks(&bad, rule.id).is_empty(), "`{}`: the bad fixture marks nothing", rule.id);
        let findings = found("bad.yaml", &bad);
        assert_eq!(sites(&findings, rule.id), marks(&bad, rule.id), "`{}`: bad.yaml", rule.id);
        assert_eq!(sites(&found("good.yaml", &read("good.yaml")), rule.id), [], "`{}`: good.yaml", rule.id);
        for finding in findings {
            let span = &finding.primary.as_ref().unwrap().span;
            assert!(span.end_position().line < span.position().line + 3, "`{}`: a wide place", finding.rule);
        }
    }
}

#[test]
fn every_rule_has_its_file_its_page_and_its_fixtures() {
    let headings = ["## What it does", "## Why is this bad?", "## Example", "## Use instead", "## References"];
    let mut ids = Vec::new();
    for rule in rules() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/rules/{}.rs", rule.id.replace('-', "_")));
        assert!(file.is_file(), "`{}` has no file of its name", rule.id);
        let page = rule.page();
        assert!(headings.iter().all(|h| page.contains(h)), "`{}`: its page lacks a heading", rule.id);
        assert!(rule.meta.tags.iter().any(|t| t.starts_with("SAS-")), "`{}` has no SAS tag", rule.id);
        assert!(rule.meta.tags.iter().any(|t| t.starts_with("CWE-")), "`{}` has no CWE tag", rule.id);
        assert!(rule.meta.tags.iter().all(|t| page.contains(t)), "`{}`: its page lacks a tag", rule.id);
        assert!(rule.summary().ends_with('.'), "`{}`: its page does not start with a sentence", rule.id);
        ids.push(rule.id);
    }
    assert!(ids.is_sorted(), "the table is not in the order of its ids");
    let mut folders: Vec<_> = fs::read_dir(folder()).unwrap().map(|e| e.unwrap().file_name()).collect();
    folders.sort();
    assert_eq!(folders, ids, "folders of fixtures and rules differ");
}

/// The table's macro declares the modules, where `cargo fmt` does not see them: so that is looked at here.
#[test]
fn files_of_rules_are_formatted() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let files = fs::read_dir(&rules).unwrap().map(|e| e.unwrap().path());
    let Ok(output) = Command::new("rustfmt").args(["--check", "--edition", "2024"]).args(files).output() else {
        println!("skipped: no rustfmt");
        return;
    };
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "run `rustfmt --edition 2024 crates/checks/src/rules/*.rs`\n{told}");
}
