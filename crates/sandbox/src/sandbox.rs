//! The handle on a running sandbox.

use std::fs;
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Signal, pidfd_send_signal};

use crate::cgroup::Handles;
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
    exit: OwnedFd,
    ended: Mutex<Option<Exit>>,
    handles: Handles,
}

impl Sandbox {
    pub(crate) fn new(pid: i32, handles: Handles, fds: Vec<OwnedFd>, ports: usize) -> Result<Self, SandboxError> {
        let mut fds = fds.into_iter();
        let mut next =
            || fds.next().ok_or_else(|| SandboxError::spawner("descriptors were lost: is `ulimit -n` reached?"));
        let (pidfd, exit, stdout, stderr) = (next()?, next()?, next()?, next()?);
        let listeners: Vec<TcpListener> = fds.map(TcpListener::from).collect();
        let sandbox = Self { pid, listeners, stdout, stderr, pidfd, exit, ended: Mutex::new(None), handles };
        if sandbox.listeners.len() == ports {
            return Ok(sandbox);
        }
        Err(SandboxError::spawner("descriptors were lost: is `ulimit -n` reached?"))
    }

    /// Kills everything inside at once. Does nothing when it ended already.
    pub fn kill(&self) {
        pidfd_send_signal(&self.pidfd, Signal::KILL).ok();
        // Processes frozen by the v1 freezer die only when thawed.
        if let Some(freezer) = &self.handles.freeze_v1 {
            fs::write(freezer, "THAWED").ok();
        }
    }

    /// How the sandbox ended, or `None` while it runs.
    #[must_use]
    pub fn try_wait(&self) -> Option<Exit> {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if ended.is_none() {
            *ended = self.read_exit();
        }
        *ended
    }

    fn read_exit(&self) -> Option<Exit> {
        let mut words = [0_u8; 256];
        match rustix::io::retry_on_intr(|| rustix::io::read(&self.exit, &mut words[..])) {
            Err(Errno::AGAIN) => None,
            Ok(read) => {
                words.get(..read).and_then(|words| serde_json::from_slice(words).ok()).or_else(|| Some(killed()))
            }
            // Closed without a word: the spawner died, and everything inside with it.
            Err(_) => Some(killed()),
        }
    }

    /// Readable once [`Sandbox::try_wait`] has an answer.
    #[must_use]
    pub fn wait_fd(&self) -> BorrowedFd<'_> {
        self.exit.as_fd()
    }

    /// Stops every process inside until [`Sandbox::thaw`].
    pub fn freeze(&self) -> Result<(), SandboxError> {
        match (&self.handles.freeze_v2, &self.handles.freeze_v1) {
            (Some(file), _) => set(file, "1"),
            (None, Some(file)) => freeze_v1(file),
            (None, None) => Ok(()),
        }
    }

    /// Lets a frozen sandbox run on.
    pub fn thaw(&self) -> Result<(), SandboxError> {
        match (&self.handles.freeze_v2, &self.handles.freeze_v1) {
            (Some(file), _) => set(file, "0"),
            (None, Some(file)) => set(file, "THAWED"),
            (None, None) => Ok(()),
        }
    }

    /// The memory charged to the sandbox now, in bytes; 0 when it ended or memory is not limited here.
    #[must_use]
    pub fn memory_current(&self) -> u64 {
        let text = self.handles.memory_current.as_ref().and_then(|file| fs::read_to_string(file).ok());
        text.and_then(|text| text.trim().parse().ok()).unwrap_or_default()
    }

    pub(crate) fn handles(&self) -> &Handles {
        &self.handles
    }
}

fn killed() -> Exit {
    Exit { code: None, signal: Some(libc::SIGKILL), oom: false }
}

fn set(file: &Path, value: &str) -> Result<(), SandboxError> {
    fs::write(file, value).map_err(|e| SandboxError::ControlGroup { reason: format!("{}: {e}", file.display()) })
}

/// The v1 freezer freezes on its own time and must be asked again while processes fork.
fn freeze_v1(file: &Path) -> Result<(), SandboxError> {
    for _ in 0..100 {
        set(file, "FROZEN")?;
        if fs::read_to_string(file).is_ok_and(|state| state.trim() == "FROZEN") {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(1));
    }
    Err(SandboxError::ControlGroup { reason: format!("{} stays `FREEZING`", file.display()) })
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.kill();
    }
}
