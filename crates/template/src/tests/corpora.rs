//! Real templates: none may make the reader panic, and what it says of each is counted.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{FileError, Files, Loaded, Parameters, Verdict, load};

struct Folder(PathBuf, bool);

impl Files for Folder {
    fn read(&self, relative: &str) -> Result<String, FileError> {
        let text = fs::read_to_string(self.0.join(relative));
        let text = text.map_err(|error| FileError::Unreadable(relative.to_owned(), error.to_string()))?;
        // The SAM corpus leaves the transform out: its cases are handed to the translator directly.
        let complete = text.contains("Transform:") || text.contains("\"Transform\"") || !self.1;
        Ok(if complete { text } else { format!("{text}\nTransform: AWS::Serverless-2016-10-31\n") })
    }

    fn exists_dir(&self, relative: &str) -> bool {
        self.0.join(relative).is_dir()
    }
}

/// The folder of corpora: `$BURGWARD_CORPORA`, else beside the workspace.
pub(super) fn corpus(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora");
    let root = std::env::var_os("BURGWARD_CORPORA").map_or_else(beside, PathBuf::from);
    let folder = root.join(name);
    if !folder.is_dir() {
        println!("skipped: no corpus `{name}` at {}", root.display());
        return None;
    }
    Some(folder)
}

pub(super) fn templates(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            templates(&path, found);
        } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml" || e == "json") {
            found.push(path);
        }
    }
}

pub(super) fn load_file(path: &Path, add_transform: bool) -> Loaded {
    let folder = Folder(path.parent().unwrap().to_owned(), add_transform);
    load(path.file_name().unwrap().to_str().unwrap(), &folder, &Parameters::default())
}

/// What `up` would do with a template as a whole.
fn outcome(loaded: &Loaded) -> &'static str {
    let any = |verdict| loaded.plan.iter().any(|p| p.verdict == verdict);
    if loaded.app.is_none() {
        "unread"
    } else if loaded.refused.is_empty() {
        "run"
    } else if any(Verdict::Forward) && !any(Verdict::Refuse) {
        "forward"
    } else {
        "refuse"
    }
}

#[test]
fn serverless_patterns_load() {
    let Some(folder) = corpus("serverless-patterns") else { return };
    let mut paths = Vec::new();
    templates(&folder, &mut paths);
    let (mut outcomes, mut verdicts) = (BTreeMap::new(), BTreeMap::new());
    let mut reasons: BTreeMap<String, u32> = BTreeMap::new();
    for path in &paths {
        let loaded = load_file(path, false);
        *outcomes.entry(outcome(&loaded)).or_insert(0_u32) += 1;
        for item in &loaded.plan {
            *verdicts.entry(format!("{:?}", item.verdict)).or_insert(0_u32) += 1;
        }
        for refused in &loaded.refused {
            *reasons.entry(refused.message.clone()).or_insert(0) += 1;
            if std::env::var_os("BURGWARD_SHOW_REFUSED").is_some() {
                println!("{:?} {}: {refused}", refused.kind, path.parent().unwrap().display());
            }
        }
        assert!(loaded.refused.iter().all(|d| d.span.is_some()), "{}: an error without a place", path.display());
    }
    println!("serverless-patterns: {} templates {outcomes:?}; resources {verdicts:?}", paths.len());
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for (reason, count) in reasons.iter().take(25) {
        println!("{count:5} {reason}");
    }
}

#[test]
fn sam_translator_inputs_do_not_panic() {
    let Some(folder) = corpus("sam-translator") else { return };
    let mut paths = Vec::new();
    templates(&folder.join("input"), &mut paths);
    let (mut errors, mut diagnosed, mut outcomes) = (0, 0, BTreeMap::new());
    for path in &paths {
        let loaded = load_file(path, true);
        let is_error = path.file_name().unwrap().to_str().unwrap().starts_with("error_");
        errors += u32::from(is_error);
        diagnosed += u32::from(is_error && !loaded.refused.is_empty());
        if is_error && loaded.refused.is_empty() {
            println!("not diagnosed: {}", path.display());
        }
        *outcomes.entry(outcome(&loaded)).or_insert(0_u32) += 1;
    }
    println!("sam-translator: {} inputs {outcomes:?}; {diagnosed} of {errors} error inputs refused", paths.len());
}

/// The project's own apps must run as they are.
#[test]
fn own_apps_run() {
    let mut paths = Vec::new();
    for folder in ["../../tests/apps", "../../examples"].map(|f| Path::new(env!("CARGO_MANIFEST_DIR")).join(f)) {
        if folder.is_dir() {
            templates(&folder, &mut paths);
        }
    }
    for path in paths.iter().filter(|p| p.file_stem().is_some_and(|s| s == "template")) {
        let refused: Vec<_> = load_file(path, false).refused.iter().map(ToString::to_string).collect();
        assert!(refused.is_empty(), "{}:\n{}", path.display(), refused.join("\n"));
    }
}
