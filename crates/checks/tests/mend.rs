//! Fixes: what they write, and what holds of each of them whatever the template.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a helper that fails is a test that fails, and what is measured is printed"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use burgward_checks::{Persona, Workspace, run_with};
use burgward_diag::Disposition;

const NAME: &str = "template.yaml";

/// What holds of every fix: the template is refused for no new reason, fewer findings are left, and a second run changes
/// nothing. Gives the number of fixes.
fn holds(path: &Path, name: &str, workspace: &Workspace, allowed: Disposition) -> usize {
    let before = common::reload(name, workspace);
    let found = before.app.as_ref().map_or(0, |app| run_with(app, &before.codes, Persona::Regular).len());
    let first = common::mended(name, workspace, allowed);
    let at = path.display();
    if first.applied.is_empty() {
        assert_eq!(first.workspace.files, workspace.files, "{at}: changed without a fix");
        return 0;
    }
    let after = common::reload(name, &first.workspace);
    assert!(after.refused.iter().all(|why| before.refused.contains(why)), "{at}: {:?}", after.refused);
    let low = |id: &str| id.starts_with("env-plaintext-secret");
    let gone = first.applied.iter().filter(|a| !(low(&a.id) && a.disposition == Disposition::Safe)).count();
    assert!(first.left.len() + gone <= found, "{at}: {} of {found} left after {gone} fixes", first.left.len());
    let second = common::mended(name, &first.workspace, allowed);
    assert_eq!(second.workspace.files, first.workspace.files, "{at}: a second run changes something");
    assert!(second.applied.is_empty(), "{at}");
    let breaks = |text: &str| (text.matches("\r\n").count(), text.matches('\n').count(), text.ends_with('\n'));
    for (file, old, new) in first.changes(workspace) {
        let (old, new) = (breaks(old), breaks(new));
        assert!(old.2 == new.2 && (old.0 == 0) == (new.0 == 0), "{at}: line breaks of `{file}`");
        assert!(old.0 != old.1 || new.0 == new.1, "{at}: line breaks of `{file}`");
    }
    first.applied.len()
}

fn all_hold(paths: &[PathBuf], what: &str) {
    let (mut fixes, mut changed) = (0, 0);
    for path in paths {
        let name = path.file_name().unwrap().to_str().unwrap();
        let workspace = common::workspace(path);
        for allowed in [Disposition::Safe, Disposition::All] {
            let made = holds(path, name, &workspace, allowed);
            fixes += made;
            changed += usize::from(made > 0);
        }
    }
    println!("{what}: {} templates, {changed} changed, {fixes} fixes", paths.len());
}

fn templates(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.map(|e| e.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            templates(&path, found);
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml" || e == "json") {
            found.push(path);
        }
    }
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    templates(folder, &mut paths);
    paths
}

#[test]
fn own_templates() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    all_hold(&below(&root.join("fixtures")), "fixtures");
    let apps: Vec<_> = ["../../tests/apps", "../../examples"].iter().flat_map(|f| below(&root.join(f))).collect();
    all_hold(&apps.into_iter().filter(|p| p.ends_with(NAME)).collect::<Vec<_>>(), "apps");
}

#[test]
fn serverless_patterns() {
    if let Some(folder) = common::corpus("serverless-patterns") {
        all_hold(&below(&folder), "serverless-patterns");
    }
}

/// The same in other hands: line breaks of Windows, no line break at the end.
#[test]
fn other_line_breaks() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for path in below(&fixtures) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let plain = common::workspace(&path);
        let changed = |change: fn(&str) -> String| {
            let files = plain.files.iter().map(|(n, t)| (n.clone(), change(t))).collect();
            Workspace { files, ..Workspace::default() }
        };
        let expected = holds(&path, name, &plain, Disposition::All);
        for other in [changed(|t| t.replace('\n', "\r\n")), changed(|t| t.trim_end().to_owned())] {
            assert_eq!(holds(&path, name, &other, Disposition::All), expected, "{}", path.display());
        }
    }
}
