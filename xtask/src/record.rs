//! `cargo xtask record`: the README's first screen is what the demo really prints.

use std::path::Path;
use std::process::Command;

const BEGIN: &str = "<!-- recorded: burgward demo -->\n```text\n";
const END: &str = "```";

/// Runs the demo and puts its table into the README; a test of the house compares both.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let output = Command::new("cargo")
        .args(["run", "--release", "--locked", "--", "demo"])
        .current_dir(root)
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|error| format!("`cargo` could not be started: {error}"))?;
    if !output.status.success() {
        return Err(format!("the demo failed: {}", output.status));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let table: String = text
        .lines()
        .skip_while(|line| !line.contains("BEFORE"))
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect();
    let path = root.join("README.md");
    let readme = std::fs::read_to_string(&path).map_err(|error| format!("`{}`: {error}", path.display()))?;
    let (before, rest) = readme.split_once(BEGIN).ok_or("README.md has no place for the recording")?;
    let (_, after) = rest.split_once(END).ok_or("the recording in README.md has no end")?;
    let readme = format!("{before}{BEGIN}{table}{END}{after}");
    std::fs::write(&path, readme).map_err(|error| format!("`{}`: {error}", path.display()))
}
