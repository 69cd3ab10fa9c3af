//! The layers, and the edges between crates that they allow.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

/// Every crate with its layer. An edge must lead to a lower layer, or stand in [`SIDEWAYS`].
const LAYERS: &[(u8, &[&str])] = &[
    (0, &["types", "diag"]),
    (1, &["wire", "sigv4", "template", "iam", "checks", "code", "fit"]),
    (2, &["limits", "audit", "store", "vault", "sandbox", "runtime"]),
    (3, &["service", "svc-dynamodb", "svc-s3", "svc-ssm", "svc-secretsmanager", "svc-sts", "svc-logs"]),
    (4, &["edge", "deploy", "attack"]),
    (5, &["app", "cli"]),
    // Test support may look at everything and is used from tests alone.
    (6, &["testkit", "conformance"]),
];

/// The allowed edges within a layer, each with its reason.
const SIDEWAYS: &[(&str, &str, &str)] = &[
    ("diag", "types", "findings carry the shared words"),
    ("checks", "template", "checks read the app model"),
    ("checks", "iam", "checks ask what a policy allows"),
    ("checks", "code", "checks read what the code does"),
    ("fit", "template", "permissions are fitted to the app model"),
    ("fit", "iam", "a fitted policy is decided before it is proposed"),
    ("fit", "code", "the code decides which actions a function needs"),
    ("template", "iam", "policies are parsed where they are read"),
    ("store", "vault", "state is sealed with a key of the vault"),
    ("audit", "vault", "the log is sealed and its head signed"),
    ("runtime", "sandbox", "a function runs in a sandbox"),
    ("svc-dynamodb", "service", "a service is built on what all services share"),
    ("svc-s3", "service", "a service is built on what all services share"),
    ("svc-ssm", "service", "a service is built on what all services share"),
    ("svc-secretsmanager", "service", "a service is built on what all services share"),
    ("svc-sts", "service", "a service is built on what all services share"),
    ("svc-logs", "service", "a service is built on what all services share"),
    ("cli", "app", "the binary runs what the composition root builds"),
];

fn layer_of(name: &str) -> Option<u8> {
    LAYERS.iter().find(|(_, names)| names.contains(&name)).map(|(layer, _)| *layer)
}

/// The faults of all crates' manifests.
pub(super) fn check(root: &Path) -> Result<Vec<String>, String> {
    let mut faults = Vec::new();
    let folders = std::fs::read_dir(root.join("crates")).map_err(|error| format!("`crates`: {error}"))?;
    for folder in folders.filter_map(Result::ok) {
        let manifest = folder.path().join("Cargo.toml");
        let Ok(text) = std::fs::read_to_string(&manifest) else { continue };
        let table: Table = text.parse().map_err(|error| format!("`{}`: {error}", manifest.display()))?;
        let name = folder.file_name().to_string_lossy().into_owned();
        faults.extend(faults_of(&name, &table));
    }
    Ok(faults)
}

fn faults_of(folder: &str, manifest: &Table) -> Vec<String> {
    let mut faults = Vec::new();
    let package = manifest.get("package").and_then(|p| p.get("name")).and_then(Value::as_str).unwrap_or("");
    if package != format!("burgward-{folder}") {
        faults.push(format!("crates/{folder}: the package is called `{package}`, not `burgward-{folder}`"));
    }
    let Some(layer) = layer_of(folder) else {
        faults.push(format!("crates/{folder}: not in the layer table of xtask/src/tidy/layers.rs"));
        return faults;
    };
    for (to, test_only) in edges(manifest) {
        let sideways = SIDEWAYS.iter().any(|(a, b, _)| *a == folder && *b == to);
        let allowed = match layer_of(&to) {
            None => false,
            Some(below) => below < layer || sideways || test_only,
        };
        if !allowed {
            faults.push(format!("crates/{folder}: the edge to `{to}` is not allowed by the layer table"));
        }
    }
    faults
}

/// The house's own crates that a manifest names, and whether only its tests use them.
fn edges(manifest: &Table) -> BTreeMap<String, bool> {
    let mut found = BTreeMap::new();
    for (section, test_only) in [("dev-dependencies", true), ("build-dependencies", false), ("dependencies", false)] {
        let names = manifest.get(section).and_then(Value::as_table).into_iter().flat_map(Table::keys);
        for name in names.filter_map(|name| name.strip_prefix("burgward-")) {
            found.insert(name.to_owned(), test_only);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_upward_is_a_fault() {
        let manifest = "package.name = 'burgward-iam'\ndependencies.burgward-edge = {}".parse().unwrap();
        assert_eq!(faults_of("iam", &manifest), ["crates/iam: the edge to `edge` is not allowed by the layer table"]);
        let manifest = "package.name = 'burgward-iam'\ndependencies.burgward-types = {}".parse().unwrap();
        assert!(faults_of("iam", &manifest).is_empty());
        let manifest = "package.name = 'burgward-new'".parse().unwrap();
        assert_eq!(faults_of("new", &manifest).len(), 1);
    }
}
