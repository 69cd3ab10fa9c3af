//! Running other programs.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

/// Prints a line for the person who runs the task.
pub(crate) fn say(text: &str) {
    let mut out = std::io::stderr().lock();
    // A closed terminal must not stop the task.
    let _ = writeln!(out, "{text}");
}

/// Runs a program in a folder, with its output shown; its failure is an error that names it.
pub(crate) fn step(folder: &Path, program: &str, args: &[&str]) -> Result<(), String> {
    say(&format!("==> {program} {}", args.join(" ")));
    let status = Command::new(program)
        .args(args)
        .current_dir(folder)
        .status()
        .map_err(|error| format!("`{program}` could not be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{program} {}` failed: {status}", args.join(" "))) }
}

/// True if the program runs and reports success.
pub(crate) fn succeeds(program: &str, args: &[&str]) -> bool {
    Command::new(program).args(args).output().is_ok_and(|output| output.status.success())
}
