//! No build but a test's own can take a layer away: the feature that brings the switches is on nowhere by itself.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// The feature. Every crate that has it passes it down; what it switches does not compile without it.
const FEATURE: &str = "test-without-layers";

/// The faults of all manifests.
pub(super) fn check(root: &Path, files: &[PathBuf]) -> Vec<String> {
    let mut faults = Vec::new();
    for file in files.iter().filter(|file| file.file_name().is_some_and(|name| name == "Cargo.toml")) {
        let text = std::fs::read_to_string(root.join(file)).unwrap_or_default();
        let Ok(manifest) = text.parse::<Table>() else { continue };
        faults.extend(faults_of(&manifest).into_iter().map(|fault| format!("{}: {fault}", file.display())));
    }
    faults
}

fn faults_of(manifest: &Table) -> Vec<String> {
    let mut faults = Vec::new();
    let features = manifest.get("features").and_then(Value::as_table);
    for (name, also) in features.into_iter().flatten().filter(|(name, _)| *name != FEATURE) {
        if names_it(also) {
            faults.push(format!("the feature `{name}` turns `{FEATURE}` on"));
        }
    }
    let rest = manifest.iter().filter(|(section, _)| !["features", "test"].contains(&section.as_str()));
    faults.extend(
        rest.filter(|(_, value)| names_it(value)).map(|(section, _)| format!("`{section}` turns `{FEATURE}` on")),
    );
    faults
}

/// True if the name stands anywhere in a value.
fn names_it(value: &Value) -> bool {
    match value {
        Value::String(text) => text.rsplit('/').next() == Some(FEATURE),
        Value::Array(values) => values.iter().any(names_it),
        Value::Table(table) => table.values().any(names_it),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(manifest: &str) -> Vec<String> {
        faults_of(&manifest.parse().unwrap())
    }

    #[test]
    fn a_crate_may_have_it_and_pass_it_down() {
        let manifest = "[features]\ntest-without-layers = [\"a/test-without-layers\"]\n\
                        [[test]]\nname = \"t\"\nrequired-features = [\"test-without-layers\"]\n";
        assert_eq!(faults(manifest), Vec::<String>::new());
    }

    #[test]
    fn nobody_may_turn_it_on() {
        for (manifest, place) in [
            ("[features]\ndefault = [\"test-without-layers\"]\n", "the feature `default`"),
            ("[features]\nhandy = [\"a/test-without-layers\"]\n", "the feature `handy`"),
            ("[dependencies]\na = { version = \"1\", features = [\"test-without-layers\"] }\n", "`dependencies`"),
            ("[workspace.dependencies.a]\nfeatures = [\"test-without-layers\"]\n", "`workspace`"),
            ("[target.x.dev-dependencies.a]\nfeatures = [\"test-without-layers\"]\n", "`target`"),
        ] {
            assert_eq!(faults(manifest), [format!("{place} turns `test-without-layers` on")]);
        }
    }
}
