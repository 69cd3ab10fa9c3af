//! The composition root: reads what the user gave, builds every part and runs them together. No logic of its own.

mod analysis;
mod assemble;
mod code_folder;
mod config;
pub mod control;
mod crypto;
mod describe;
mod doors;
mod endpoint;
mod error;
mod foundation;
mod functions;
mod host;
mod invoker;
mod load;
mod made;
mod observed;
mod options;
mod paths;
mod root_key;
mod sandboxes;
mod state;
mod up;
#[cfg(feature = "test-without-layers")]
mod without;
mod workspace;

pub use analysis::{ANALYSER_ARG, Analysed, Written, analyse, analyser_main};
pub use config::Config;
pub use crypto::crypto_selftest;
pub use error::AppError;
pub use load::{DirFiles, find_template, load};
pub use observed::{ObservedCall, observed};
pub use options::{Source, UpOptions};
pub use paths::Paths;
pub use root_key::unlock;
pub use sandboxes::{selftest, start_spawner};
pub use state::{Enforcement, Ready, RunningApi};
pub use up::{Job, Say, up};
pub use workspace::Workspace;
