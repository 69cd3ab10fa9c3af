//! `cargo xtask test`: what CI runs, and what a contributor runs before a commit.

use std::path::Path;
use std::process::Command;

use crate::run::{say, step};
use crate::{setup, tidy};

/// Runs format, lints, tidy, deny and all tests, and stops at the first that fails.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let tools = setup::run(root)?;
    step(root, "cargo", &["fmt", "--all", "--check"])?;
    tidy::run(root)?;
    // The advisory database lives on a host that not every machine reaches; `cargo deny check` asks it as well.
    step(root, &tools.deny.to_string_lossy(), &["--locked", "check", "bans", "licenses", "sources"])?;
    step(root, "cargo", &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])?;
    // README's first command names no package.
    step(root, "cargo", &["run", "--locked", "--", "--version"])?;
    layers(root, &tools.python)?;
    tests(root, &tools.python, &["--workspace", "--no-fail-fast"])
}

/// The switches that take a layer away do not exist without a feature, so they have builds of their own.
fn layers(root: &Path, python: &Path) -> Result<(), String> {
    let with = |package, rest: &[&'static str]| {
        ["-p", package, "--features", "test-without-layers"].into_iter().chain(rest.iter().copied()).collect::<Vec<_>>()
    };
    let lints = with("burgward-cli", &["--all-targets", "--locked", "--", "-D", "warnings"]);
    step(root, "cargo", &[&["clippy"], &*lints].concat())?;
    tests(root, python, &with("burgward-sandbox", &["--test", "probe"]))?;
    tests(root, python, &with("burgward-cli", &["--test", "without_layers"]))
}

fn tests(root: &Path, python: &Path, which: &[&str]) -> Result<(), String> {
    say(&format!("==> cargo test {}", which.join(" ")));
    let status = Command::new("cargo")
        .args(["test", "--locked"])
        .args(which)
        .env("BURGWARD_TEST_PYTHON", python)
        .current_dir(root)
        .status()
        .map_err(|error| format!("`cargo` could not be started: {error}"))?;
    if status.success() { Ok(()) } else { Err("some tests failed: their output is above".to_owned()) }
}
