//! `cargo xtask tidy`: what compilers and linters do not look at.

mod docs;
mod layers;
mod names;
mod sizes;
mod switches;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::say;

/// Runs every check and reports all faults at once.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let files = tracked(root)?;
    let mut faults = layers::check(root)?;
    faults.extend(docs::check(root, &files));
    faults.extend(sizes::check(root, &files));
    faults.extend(names::check(root, &files));
    faults.extend(switches::check(root, &files));
    if faults.is_empty() {
        say("==> tidy: clean");
        return Ok(());
    }
    faults.sort();
    Err(format!("tidy found {}:\n{}", faults.len(), faults.join("\n")))
}

/// The files that git tracks or would track.
fn tracked(root: &Path) -> Result<Vec<PathBuf>, String> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("`git` could not be started: {error}"))?;
    let names = String::from_utf8_lossy(&output.stdout);
    Ok(names.lines().map(PathBuf::from).filter(|path| root.join(path).is_file()).collect())
}
