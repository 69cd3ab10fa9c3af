//! The spawner as a program of its own: what this crate's tests and benches execute. The product runs the same
//! [`burgward_sandbox::spawner_main`] inside its one binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(burgward_sandbox::SPAWNER_ARG) {
        return burgward_sandbox::spawner_main();
    }
    ExitCode::from(2)
}
