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
    // The switches that take a layer away do not exist without this feature, so it has a build of its own.
    let without =
        ["test", "--locked", "-p", "burgward-sandbox", "--features", "test-without-layers", "--test", "probe"];
    step(root, "cargo", &without)?;
    say("==> cargo test --workspace");
    let status = Command::new("cargo")
        .args(["test", "--workspace", "--locked", "--no-fail-fast"])
        .env("BURGWARD_TEST_PYTHON", &tools.python)
        .current_dir(root)
        .status()
        .map_err(|error| format!("`cargo` could not be started: {error}"))?;
    if status.success() { Ok(()) } else { Err("some tests failed: their output is above".to_owned()) }
}
