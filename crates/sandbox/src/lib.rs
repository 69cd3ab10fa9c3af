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

mod cgroup;
mod child;
mod confine;
mod error;
mod files;
mod identity;
mod inside;
mod launch;
mod layer;
mod mounts;
mod plan;
mod privileges;
mod probe;
mod sandbox;
mod seccomp;
mod server;
mod spawner;
mod spec;
mod sys;
mod wire;

pub use confine::confine_to_stdio;
pub use error::SandboxError;
pub use layer::{Layer, LayerReport};
pub use probe::probe;
pub use sandbox::Sandbox;
pub use server::spawner_main;
pub use spawner::{Spawner, SpawnerOptions};
pub use spec::{Bind, Exit, SandboxSpec, SmallFile};

/// The first argument with which the binary becomes the spawner.
pub const SPAWNER_ARG: &str = "__spawner";
