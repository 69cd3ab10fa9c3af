//! The project's own tasks: `cargo xtask tidy`, `cargo xtask test`, `cargo xtask setup`,
//! `cargo xtask record`.

mod record;
mod run;
mod setup;
mod test;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask COMMAND

  tidy     layers and their edges, paths named in documents, sizes of files and functions
  setup    what the tests need: a Python environment and cargo-deny, below the target folder
  record   runs the demo and puts what it prints into the README
  test     setup, then format, lints, tidy, deny and all tests
";

/// The workspace's folder.
fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

/// Where build output goes.
fn target(workspace: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from)
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let command = args.next();
    let root = workspace();
    let result = match command.as_deref() {
        Some("tidy") => tidy::run(&root),
        Some("setup") => setup::run(&root).map(|_| ()),
        Some("record") => record::run(&root),
        Some("test") => test::run(&root),
        Some("--help" | "-h") => {
            run::say(USAGE);
            Ok(())
        }
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            run::say(&message);
            ExitCode::FAILURE
        }
    }
}
