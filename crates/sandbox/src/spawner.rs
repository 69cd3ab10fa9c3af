//! The platform's side of the spawner.

use std::path::PathBuf;

use crate::error::SandboxError;
use crate::layer::{Layer, LayerReport};
use crate::sandbox::Sandbox;
use crate::spec::SandboxSpec;

/// How the spawner is started.
#[derive(Debug, Clone)]
pub struct SpawnerOptions {
    /// The binary that runs [`crate::spawner_main`] when called with [`crate::SPAWNER_ARG`].
    pub exe: PathBuf,
    /// Stable names of layers that may be missing. A layer named here is still used where the machine has it.
    pub allow_unenforced: Vec<String>,
    /// Layers to take away, to prove that the probes notice.
    #[cfg(feature = "test-without-layers")]
    pub without: Vec<Layer>,
}

impl Default for SpawnerOptions {
    fn default() -> Self {
        Self {
            exe: PathBuf::from("/proc/self/exe"),
            allow_unenforced: Vec::new(),
            #[cfg(feature = "test-without-layers")]
            without: Vec::new(),
        }
    }
}

/// A spawner process, replaced when it dies.
#[derive(Debug)]
pub struct Spawner {}

impl Spawner {
    /// Starts the spawner and checks that this machine has every layer.
    pub fn start(_options: SpawnerOptions) -> Result<Self, SandboxError> {
        Err(SandboxError::spawner("not built yet"))
    }

    /// Makes a sandbox; blocks for some milliseconds. When the spawner died, starts a new one first.
    pub fn spawn(&self, _spec: &SandboxSpec) -> Result<Sandbox, SandboxError> {
        Err(SandboxError::spawner("not built yet"))
    }

    /// The layers in force in every sandbox of this spawner.
    #[must_use]
    pub fn layers(&self) -> Vec<Layer> {
        Vec::new()
    }
}

/// Tries every layer from inside a real sandbox.
#[must_use]
pub fn probe(_spawner: &Spawner) -> Vec<LayerReport> {
    Vec::new()
}
