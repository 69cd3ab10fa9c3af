//! Every flaw that an example confesses in its `FLAWS.md` is found where the list says it is, and is gone once mended.
//!
//! The list is a table: what is wrong; the file and, narrower and narrower, what stands at the place; the risk by its
//! number, `SAS-nn`. Names come from there, none stands here.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails is a test that fails"
)]

mod common;

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use burgward_checks::{Persona, rule, run_with};
use burgward_diag::{Disposition, Finding};

struct Flaw {
    what: String,
    file: String,
    place: Vec<String>,
    risk: String,
}

/// The texts between backquotes.
fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn flaws(list: &str) -> Vec<Flaw> {
    let rows = list.lines().filter(|line| line.starts_with('|') && line.contains("SAS-"));
    let cells = |line: &str| line.trim_matches('|').split(" | ").map(|c| c.trim().to_owned()).collect::<Vec<_>>();
    let flaw = |line: &str| {
        let cells = cells(line);
        let [what, place, risk, ..] = cells.as_slice() else { panic!("a row without its cells: {line}") };
        let mut place = quoted(place);
        let file = place.remove(0);
        Flaw { what: what.clone(), file, place, risk: risk.chars().take("SAS-00".len()).collect() }
    };
    rows.map(flaw).collect()
}

/// The line that declares or has a name, and what is indented below it.
fn narrowed(lines: &[&str], within: Range<usize>, name: &str) -> Range<usize> {
    let declares = |at: &usize| {
        let line = lines[*at].trim_start();
        line.starts_with(&format!("{name}:")) || line.starts_with(&format!("def {name}("))
    };
    let has = |at: &usize| lines[*at].contains(name);
    let Some(first) = within.clone().find(declares).or_else(|| within.clone().find(has)) else { return within };
    let indent = |at: usize| lines[at].len() - lines[at].trim_start().len();
    let ends = |at: &usize| !lines[*at].trim().is_empty() && indent(*at) <= indent(first);
    first..(first + 1..within.end).find(ends).unwrap_or(within.end)
}

fn found(flaw: &Flaw, text: &str, findings: &[Finding]) -> bool {
    let lines: Vec<_> = text.lines().collect();
    let place = flaw.place.iter().fold(0..lines.len(), |within, name| narrowed(&lines, within, name));
    let here = |f: &&Finding| {
        let span = &f.primary.as_ref().unwrap().span;
        span.file.name() == flaw.file && place.contains(&(span.position().line as usize - 1))
    };
    let risk = |f: &Finding| rule(f.rule).unwrap().meta.tags.contains(&flaw.risk.as_str());
    findings.iter().filter(here).any(risk)
}

fn lists() -> Vec<PathBuf> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let Ok(entries) = fs::read_dir(examples) else { return Vec::new() };
    entries.map(|e| e.unwrap().path().join("FLAWS.md")).filter(|p| p.is_file()).collect()
}

#[test]
fn every_planted_flaw_is_found_at_its_line() {
    for list in lists() {
        let workspace = common::workspace(&list.with_file_name("template.yaml"));
        let read = common::reload("template.yaml", &workspace);
        let findings = run_with(&read.app.unwrap(), &read.codes, Persona::Regular);
        let flaws = flaws(&fs::read_to_string(&list).unwrap());
        assert!(flaws.len() >= 5, "the table is not read");
        for flaw in flaws {
            assert!(
                found(&flaw, &workspace.files[&flaw.file], &findings),
                "not found: {} ({:?})",
                flaw.what,
                flaw.place
            );
        }
    }
}

/// What is left are rights, which `fit` mends.
#[test]
fn mended_the_example_has_no_finding_but_on_rights() {
    for list in lists() {
        let workspace = common::workspace(&list.with_file_name("template.yaml"));
        let mended = common::mended("template.yaml", &workspace, Disposition::All);
        let others: Vec<_> = mended.left.iter().map(|l| &l.finding).collect();
        let tagged = |f: &&&Finding| !rule(f.rule).unwrap().meta.tags.contains(&"SAS-04");
        let others: Vec<_> = others.iter().filter(tagged).map(|f| f.id()).collect();
        assert_eq!(others, Vec::<String>::new());
    }
}
