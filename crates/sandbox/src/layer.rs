//! The layers of isolation, by the stable names that people and programs use for them.

use serde::{Deserialize, Serialize};

macro_rules! layers {
    ($($(#[doc = $doc:literal])+ $variant:ident = $id:literal, $optional:literal;)+) => {
        /// One layer of isolation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Layer { $($(#[doc = $doc])+ $variant),+ }

        impl Layer {
            /// Every layer, in the order in which reports show them.
            pub const ALL: &'static [Layer] = &[$(Layer::$variant),+];

            /// The stable name, as in `--allow-unenforced`.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Layer::$variant => $id),+ }
            }

            /// Whether a sandbox can be built at all on a machine that lacks this layer. The others hold the building
            /// itself together: without them there is no sandbox to weaken.
            #[must_use]
            pub const fn can_be_unenforced(self) -> bool {
                match self { $(Layer::$variant => $optional),+ }
            }
        }
    };
}

layers! {
    /// A user namespace: root inside is nobody outside.
    UserNamespace = "user-namespace", false;
    /// A file system of its own, with nothing of the host but what was bound, all of it read-only.
    MountNamespace = "mount-namespace", false;
    /// Process ids of its own: other processes have no name here.
    PidNamespace = "pid-namespace", false;
    /// A network with loopback alone.
    NetworkNamespace = "network-namespace", false;
    /// System V objects and message queues of its own.
    IpcNamespace = "ipc-namespace", false;
    /// A host name of its own.
    UtsNamespace = "uts-namespace", false;
    /// The host's control group tree has no name here.
    CgroupNamespace = "cgroup-namespace", false;
    /// A `/proc` of its own that cannot be written, with the host's secrets masked.
    PrivateProc = "private-proc", false;
    /// No capability in any set, and none to be had.
    Capabilities = "capabilities", false;
    /// Executing a set-user-id file gives nothing.
    NoNewPrivileges = "no-new-privileges", false;
    /// System calls by allow-list.
    Seccomp = "seccomp", false;
    /// Files by allow-list, a second time and independent of the mounts.
    Landlock = "landlock", true;
    /// A ceiling on memory.
    MemoryLimit = "memory-limit", true;
    /// A ceiling on processes and threads.
    PidsLimit = "pids-limit", true;
    /// A ceiling on processor time, in proportion to memory as on AWS.
    CpuLimit = "cpu-limit", true;
    /// Sleeping sandboxes run nothing.
    Freezer = "freezer", true;
    /// A `/tmp` in memory with a ceiling of its own.
    PrivateTmp = "private-tmp", false;
    /// Resource limits of each process.
    ResourceLimits = "resource-limits", false;
    /// No descriptor but the three standard ones.
    Descriptors = "descriptors", false;
}

impl Layer {
    /// The layer with this stable name.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|layer| layer.id() == id)
    }
}

impl std::fmt::Display for Layer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id())
    }
}

/// What a probe from inside a real sandbox found out about one layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerReport {
    /// The layer's stable name.
    pub id: &'static str,
    /// Whether every attempt against it was stopped.
    pub active: bool,
    /// What was tried and what the kernel answered.
    pub evidence: String,
}
