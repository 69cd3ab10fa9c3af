//! The launcher: processes that can do nothing but what they were given.
//!
//! The multi-threaded platform never forks. It executes its own binary afresh as a *spawner*: one thread, no secrets,
//! no configuration, talking over one socket. The spawner makes each sandbox with `clone3`, hands its descriptors out
//! and reaps it. Every restriction holds before the first byte of a function's code (the interpreter's `execve`).
//!
//! This is the only crate with `unsafe` code; all of it lies in the module `sys`.
//!
//! Absences: no network device but loopback, no tty, no `/sys`, no `/dev/shm` (as on AWS), no descriptor but stdio.
#![cfg(target_os = "linux")]

mod error;
mod layer;
mod sandbox;
mod spawner;
mod spec;

pub use error::SandboxError;
pub use layer::{Layer, LayerReport};
pub use sandbox::Sandbox;
pub use spawner::{Spawner, SpawnerOptions, probe};
pub use spec::{Bind, Exit, SandboxSpec, SmallFile};

/// The first argument with which the binary becomes the spawner.
pub const SPAWNER_ARG: &str = "__spawner";

/// What the binary runs when its first argument is [`SPAWNER_ARG`]: serves the socket on descriptor 0 until it closes.
#[must_use]
pub fn spawner_main() -> std::process::ExitCode {
    std::process::ExitCode::FAILURE
}
