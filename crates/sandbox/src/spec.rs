//! What a sandbox is to be made of.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A tree or file of the host that appears inside: always read-only, without set-user-id and without devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bind {
    /// Where it lies on the host. When the launcher is root, others must be able to read what lies inside, since the
    /// function runs as a user that owns nothing.
    pub source: PathBuf,
    /// Where it appears inside, absolute.
    pub target: String,
}

/// A small file written into the sandbox's read-only root before anything runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmallFile {
    /// Where it appears inside, absolute; not below a bind.
    pub target: String,
    /// What it holds. Travels beside the specification, not in it.
    #[serde(skip)]
    pub bytes: Vec<u8>,
    /// Its permission bits, e.g. `0o444`.
    pub mode: u32,
}

/// Everything a sandbox is made of.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxSpec {
    /// A number that the caller has not used before; names the control group.
    pub id: u64,
    /// For people: what runs inside.
    pub label: String,
    /// The program, absolute and as seen inside, and its arguments.
    pub argv: Vec<String>,
    /// The whole environment.
    pub env: Vec<(String, String)>,
    /// The working directory, as seen inside.
    pub cwd: String,
    /// Trees of the host, in this order.
    pub binds: Vec<Bind>,
    /// Small files, written before the binds are mounted.
    pub files: Vec<SmallFile>,
    /// The size of `/tmp`, in memory. Its pages are charged to the sandbox's control group, whose ceiling is therefore
    /// `memory_bytes + tmp_bytes`.
    pub tmp_bytes: u64,
    /// The function's memory.
    pub memory_bytes: u64,
    /// Processor time, in thousandths of a processor.
    pub cpu_millis: u32,
    /// Processes and threads at once.
    pub pids_max: u32,
    /// Descriptors of each process.
    pub nofile: u64,
    /// TCP ports on `127.0.0.1` inside, whose listening sockets are handed out in this order.
    pub listen: Vec<u16>,
}

impl std::fmt::Debug for SandboxSpec {
    // The environment and the files hold credentials: they must not reach a log by way of `{:?}`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SandboxSpec").field("id", &self.id).field("label", &self.label).finish_non_exhaustive()
    }
}

/// How a sandbox ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Exit {
    /// The exit status of the program, when it exited.
    pub code: Option<i32>,
    /// The signal that ended it, when one did.
    pub signal: Option<i32>,
    /// Whether the kernel killed a process inside for want of memory.
    pub oom: bool,
}
