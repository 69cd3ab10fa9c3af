//! Paths that documents name must exist.

use std::path::{Path, PathBuf};

/// Folders and endings that make a quoted word a path of this project.
const ROOTS: [&str; 8] = ["crates/", "xtask/", "examples/", "tests/", "fuzz/", "docs/", ".ci/", "benches/"];

/// The faults of all documents.
pub(super) fn check(root: &Path, files: &[PathBuf]) -> Vec<String> {
    let mut faults = Vec::new();
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "md")) {
        // A change log tells of the past, where a path may since have gone.
        if file.ends_with("CHANGELOG.md") {
            continue;
        }
        let text = std::fs::read_to_string(root.join(file)).unwrap_or_default();
        for (at, line) in text.lines().enumerate() {
            for path in quoted_paths(line).filter(|path| !exists(root, path)) {
                faults.push(format!("{}:{}: `{path}` does not exist", file.display(), at + 1));
            }
        }
    }
    faults
}

fn exists(root: &Path, path: &str) -> bool {
    root.join(path).exists()
}

/// Words in backticks that look like a path of this project; patterns with `*`, `<` or `{` are left out.
fn quoted_paths(line: &str) -> impl Iterator<Item = &str> {
    line.split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| ROOTS.iter().any(|root| word.starts_with(root)) && !word.contains(['*', '<', '{', ' ', '$']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_the_project_are_taken() {
        let line = "see `crates/iam/src/lib.rs`, `crates/svc-*`, `cargo xtask test` and `tests/apps`";
        assert_eq!(quoted_paths(line).collect::<Vec<_>>(), ["crates/iam/src/lib.rs", "tests/apps"]);
    }
}
