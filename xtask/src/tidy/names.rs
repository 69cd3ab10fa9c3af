//! No name of an example app stands in the crates: nothing may be made to fit it.

use std::path::{Path, PathBuf};

/// The faults of all files below `crates/`.
pub(super) fn check(root: &Path, files: &[PathBuf]) -> Vec<String> {
    let names = names(root);
    let mut faults = Vec::new();
    for file in files.iter().filter(|file| file.starts_with("crates")) {
        let text = std::fs::read_to_string(root.join(file)).unwrap_or_default().to_lowercase();
        for name in names.iter().filter(|name| text.contains(name.as_str())) {
            faults.push(format!("{}: holds `{name}`, a name of an example app", file.display()));
        }
    }
    faults
}

/// The examples' folders and the logical ids of their resources, in lower case; single common words are left out.
fn names(root: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for folder in std::fs::read_dir(root.join("examples")).into_iter().flatten().filter_map(Result::ok) {
        names.push(folder.file_name().to_string_lossy().to_lowercase());
        let template = std::fs::read_to_string(folder.path().join("template.yaml")).unwrap_or_default();
        names.extend(logical_ids(&template).map(str::to_lowercase));
    }
    names
}

/// Keys two spaces deep below `Resources:`.
fn logical_ids(template: &str) -> impl Iterator<Item = &str> {
    let resources = template.lines().skip_while(|line| *line != "Resources:").skip(1);
    let resources = resources.take_while(|line| line.is_empty() || line.starts_with(' '));
    resources.filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':')).filter(|id| !id.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logical_ids_are_found() {
        let template =
            "Parameters:\n  P:\n    Type: x\nResources:\n  One:\n    Type: y\n\n  Two:\n    Z:\nOutputs:\n  O:\n";
        assert_eq!(logical_ids(template).collect::<Vec<_>>(), ["One", "Two"]);
    }
}
