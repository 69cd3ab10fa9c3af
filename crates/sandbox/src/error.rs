//! What can go wrong between asking for a sandbox and having one.

use crate::layer::Layer;

/// Why a sandbox, or the spawner behind it, could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// This machine cannot give a layer of isolation, and nobody allowed to go without it.
    #[error("isolation layer `{layer}` cannot be enforced here: {reason}\nhint: {hint}")]
    LayerMissing {
        /// The layer.
        layer: Layer,
        /// What the kernel answered.
        reason: String,
        /// The next step for the person who runs this.
        hint: String,
    },
    /// A name in [`crate::SpawnerOptions::allow_unenforced`] is no layer that can be gone without.
    #[error("`{0}` is no isolation layer that can be left unenforced\nhint: choose from {1}")]
    UnknownLayer(String, String),
    /// The specification asks for something that cannot be built.
    #[error("the sandbox cannot be built: {reason}\nhint: {hint}")]
    Unusable {
        /// What is wrong with it.
        reason: String,
        /// The next step.
        hint: String,
    },
    /// One step of the launch failed; nothing of the sandbox remains.
    #[error("launching the sandbox failed at `{step}`: {reason}\nhint: {hint}")]
    Launch {
        /// The step, e.g. `bind /usr`.
        step: String,
        /// What the kernel answered.
        reason: String,
        /// The next step for the person who runs this.
        hint: String,
    },
    /// The spawner process cannot be started or stopped answering.
    #[error("the spawner process is gone: {reason}\nhint: {hint}")]
    Spawner {
        /// What happened.
        reason: String,
        /// The next step.
        hint: String,
    },
    /// A sandbox could not be frozen, thawed or read.
    #[error("the control group of the sandbox did not obey: {reason}\nhint: was it removed by another program?")]
    ControlGroup {
        /// What the kernel answered.
        reason: String,
    },
}

impl SandboxError {
    #[expect(clippy::needless_pass_by_value, reason = "used as `map_err(SandboxError::spawner)`")]
    pub(crate) fn spawner(reason: impl ToString) -> Self {
        Self::Spawner {
            reason: reason.to_string(),
            hint: "the next sandbox starts a new one; if this repeats, look for the kernel's OOM killer in `dmesg`"
                .into(),
        }
    }
}
