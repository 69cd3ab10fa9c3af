//! The one place where a sandbox is started.

use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::Arc;

use burgward_sandbox::{Exit, Sandbox, SandboxSpec, Spawner};

/// A started process and the descriptors that lead into it.
pub(crate) struct Launched {
    /// Listening sockets inside, in the order of [`SandboxSpec::listen`].
    pub(crate) listeners: Vec<std::net::TcpListener>,
    pub(crate) stdout: OwnedFd,
    pub(crate) stderr: OwnedFd,
    pub(crate) process: Box<dyn Process>,
}

/// A sandbox that runs. Dropping it kills it.
pub(crate) trait Process: Send + Sync {
    fn kill(&self);
    fn try_wait(&self) -> Option<Exit>;
    /// Becomes readable when the process ends.
    fn exit_fd(&self) -> BorrowedFd<'_>;
    fn freeze(&self) -> Result<(), String>;
    fn thaw(&self) -> Result<(), String>;
    fn memory_bytes(&self) -> u64;
}

/// Starts sandboxes; blocks while it does.
pub(crate) trait Launch: Send + Sync + 'static {
    fn launch(&self, spec: &SandboxSpec) -> Result<Launched, String>;
}

/// Real sandboxes: the only implementation outside of tests.
pub(crate) struct Sandboxed(pub(crate) Arc<Spawner>);

impl Launch for Sandboxed {
    fn launch(&self, spec: &SandboxSpec) -> Result<Launched, String> {
        let mut sandbox = self.0.spawn(spec).map_err(|e| e.to_string())?;
        let copy = |fd: &OwnedFd| fd.try_clone().map_err(|e| format!("a descriptor cannot be copied: {e}"));
        let listeners = std::mem::take(&mut sandbox.listeners);
        let (stdout, stderr) = (copy(&sandbox.stdout)?, copy(&sandbox.stderr)?);
        Ok(Launched { listeners, stdout, stderr, process: Box::new(sandbox) })
    }
}

impl Process for Sandbox {
    fn kill(&self) {
        Sandbox::kill(self);
    }

    fn try_wait(&self) -> Option<Exit> {
        Sandbox::try_wait(self)
    }

    fn exit_fd(&self) -> BorrowedFd<'_> {
        self.wait_fd()
    }

    fn freeze(&self) -> Result<(), String> {
        Sandbox::freeze(self).map_err(|e| e.to_string())
    }

    fn thaw(&self) -> Result<(), String> {
        Sandbox::thaw(self).map_err(|e| e.to_string())
    }

    fn memory_bytes(&self) -> u64 {
        self.memory_current()
    }
}
