//! The handle on a running sandbox.

use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use crate::error::SandboxError;
use crate::spec::Exit;

/// A running sandbox. Dropping it kills everything inside.
#[derive(Debug)]
pub struct Sandbox {
    /// The process id, outside, of the sandbox's first process.
    pub pid: i32,
    /// The listening sockets inside the sandbox, in the order of [`crate::SandboxSpec::listen`].
    pub listeners: Vec<TcpListener>,
    /// What the program prints.
    pub stdout: OwnedFd,
    /// What the program complains.
    pub stderr: OwnedFd,
    /// Names the sandbox's first process without the risk of a reused id.
    pub pidfd: OwnedFd,
    pub(crate) exit: OwnedFd,
}

impl Sandbox {
    /// Kills everything inside at once. Does nothing when it ended already.
    pub fn kill(&self) {}

    /// How the sandbox ended, or `None` while it runs.
    #[must_use]
    pub fn try_wait(&self) -> Option<Exit> {
        None
    }

    /// Readable once [`Sandbox::try_wait`] has an answer.
    #[must_use]
    pub fn wait_fd(&self) -> BorrowedFd<'_> {
        self.exit.as_fd()
    }

    /// Stops every process inside until [`Sandbox::thaw`].
    pub fn freeze(&self) -> Result<(), SandboxError> {
        Ok(())
    }

    /// Lets a frozen sandbox run on.
    pub fn thaw(&self) -> Result<(), SandboxError> {
        Ok(())
    }

    /// The memory charged to the sandbox now, in bytes; 0 when it ended or memory is not limited here.
    #[must_use]
    pub fn memory_current(&self) -> u64 {
        0
    }
}
