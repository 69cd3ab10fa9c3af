//! Reading apps for tests: a template, and the Python files below the code folders of its functions.

#![allow(
    dead_code,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "each test binary uses a part of it, and says what it skips"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use burgward_checks::{Codes, Mended, Persona, Reloaded, Workspace, mend};
use burgward_code::{CodeFile, FunctionSource, analyse};
use burgward_diag::{Disposition, SourceFile};
use burgward_template::model::{App, Function};
use burgward_template::{FileError, Files, Loaded, Parameters, load};
use similar::{ChangeTag, TextDiff};

/// Texts as files of an app.
pub(crate) struct Texts<'a>(pub(crate) &'a BTreeMap<String, String>);

impl Files for Texts<'_> {
    fn read(&self, relative: &str) -> Result<String, FileError> {
        self.0.get(relative).cloned().ok_or_else(|| FileError::NotFound(relative.to_owned()))
    }

    fn exists_dir(&self, _: &str) -> bool {
        true
    }
}

/// The template of this name, with values for parameters.
pub(crate) fn loaded(template: &str, workspace: &Workspace) -> Loaded {
    let values = workspace.values.iter().map(|(name, value)| (name.clone(), value.expose().clone())).collect();
    load(template, &Texts(&workspace.files), &Parameters { values, ..Parameters::default() })
}

/// What is known of the code of an app's functions.
pub(crate) fn codes(app: &App, files: &BTreeMap<String, String>) -> Codes {
    let mut codes = Codes::default();
    for function in &app.functions {
        let folder = format!("{}/", function.code_uri.value.trim_start_matches("./").trim_end_matches('/'));
        let inside: Vec<_> = files.iter().filter_map(|(n, t)| Some((n, n.strip_prefix(&folder)?, t))).collect();
        if inside.is_empty() {
            continue;
        }
        let sources = inside.iter().map(|(name, _, text)| SourceFile::new(name.as_str(), text.as_str())).collect();
        codes.insert(&function.logical_id, analyse(&source(function, &inside)), sources);
    }
    codes
}

fn source(function: &Function, inside: &[(&String, &str, &String)]) -> FunctionSource {
    let file =
        |(_, path, text): &(&String, &str, &String)| CodeFile { path: (*path).to_owned(), text: (*text).clone() };
    FunctionSource {
        runtime: function.runtime.value.clone(),
        handler: function.handler.value.clone(),
        files: inside.iter().map(file).collect(),
    }
}

/// A workspace of a template on disk and of the code of its functions.
pub(crate) fn workspace(template: &Path) -> Workspace {
    let name = template.file_name().unwrap().to_str().unwrap().to_owned();
    let folder = template.parent().unwrap();
    let mut workspace = Workspace::default();
    workspace.files.insert(name.clone(), fs::read_to_string(template).unwrap());
    let app = loaded(&name, &workspace).app.unwrap_or_default();
    let uris: BTreeSet<_> = app.functions.iter().map(|f| f.code_uri.value.clone()).collect();
    for uri in uris.iter().filter(|uri| !uri.is_empty() && !uri.contains("..") && !uri.contains("://")) {
        python_files(&folder.join(uri), &mut |path: PathBuf| {
            let Ok(text) = fs::read_to_string(&path) else { return };
            let relative = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            workspace.files.insert(relative, text);
        });
    }
    workspace
}

fn python_files(folder: &Path, take: &mut impl FnMut(PathBuf)) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.map(|e| e.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            python_files(&path, take);
        } else if path.extension().is_some_and(|e| e == "py") {
            take(path);
        }
    }
}

/// Reads a workspace as the program does.
pub(crate) fn reload(template: &str, workspace: &Workspace) -> Reloaded {
    let read = loaded(template, workspace);
    let codes = read.app.as_ref().map(|app| codes(app, &workspace.files)).unwrap_or_default();
    let refused = read.refused.iter().map(|d| d.message.clone()).collect();
    Reloaded { app: read.app, codes, refused }
}

/// A corpus, or nothing with a word about it.
pub(crate) fn corpus(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("BURGWARD_CORPORA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora"), PathBuf::from);
    let found = Some(root.join(name)).filter(|path| path.is_dir());
    if found.is_none() {
        println!("skipped: no corpus `{name}`");
    }
    found
}

/// The workspace, mended as far as it is allowed.
pub(crate) fn mended(template: &str, workspace: &Workspace, allowed: Disposition) -> Mended {
    mend(workspace.clone(), &|w| reload(template, w), allowed, Persona::Regular)
}

/// What a fix changes, as a person reads it.
pub(crate) fn diff(files: &[(&str, &str)], allowed: Disposition) -> String {
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let before = Workspace { files, ..Workspace::default() };
    let after = mended("template.yaml", &before, allowed);
    let mut out = String::new();
    for applied in &after.applied {
        let also: String = applied.also.iter().fold(String::new(), |all, id| all + "; with it " + id);
        let _ = writeln!(out, "{}: {}{also}", applied.id, applied.title);
    }
    for (name, value) in &after.workspace.values {
        let _ = writeln!(out, "{name} = {}", value.expose());
    }
    for (name, old, new) in after.changes(&before) {
        let _ = writeln!(out, "--- {name}");
        let lines = TextDiff::from_lines(old, new);
        for change in lines.iter_all_changes().filter(|c| c.tag() != ChangeTag::Equal) {
            let _ = write!(out, "{}{}", change.tag(), change.value());
        }
    }
    out
}
