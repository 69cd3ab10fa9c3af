//! The smallest confinement: a process that reads standard input and writes standard output, and can do nothing else.
//!
//! For work on foreign text by code that is not memory-safe (parsers in C): whoever takes such a process over finds no
//! file to open, no socket, no program to start and no other process to look at.

use std::collections::BTreeMap;

use rustix::process::{Resource, Rlimit, setrlimit};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};

use crate::files;

/// Bytes of address space: trees of large files take a multiple of the text.
const MOST_MEMORY: u64 = 4 * 1024 * 1024 * 1024;
/// Seconds of processor time.
const MOST_CPU: u64 = 20;

/// Confines this process for good: no file may be opened (Landlock and seccomp), nothing be started or connected to.
pub fn confine_to_stdio() -> Result<(), String> {
    let limit = |most| Rlimit { current: Some(most), maximum: Some(most) };
    let io = |error: rustix::io::Errno| error.to_string();
    setrlimit(Resource::As, limit(MOST_MEMORY)).map_err(io)?;
    setrlimit(Resource::Cpu, limit(MOST_CPU)).map_err(io)?;
    setrlimit(Resource::Core, limit(0)).map_err(io)?;
    rustix::thread::set_no_new_privs(true).map_err(io)?;
    // A kernel without Landlock still has the filter, which lets no file be opened either.
    if files::supported().is_ok() {
        files::confine_to_nothing()?;
    }
    seccompiler::apply_filter_all_threads(&filter()?).map_err(|error| error.to_string())
}

/// Everything else ends the process.
fn filter() -> Result<BpfProgram, String> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|e| e.to_string())?;
    let rules = ALLOWED.iter().map(|call| (*call, Vec::new())).collect::<BTreeMap<_, _>>();
    let filter = SeccompFilter::new(rules, SeccompAction::KillProcess, SeccompAction::Allow, arch);
    let filter = filter.map_err(|e| e.to_string())?;
    filter.try_into().map_err(|e: seccompiler::BackendError| e.to_string())
}

/// Memory, standard streams, locks, the clock, the end; signals for the message of a panic and of a stack overflow.
const ALLOWED: &[libc::c_long] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_mmap,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_sched_yield,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_tgkill,
    libc::SYS_exit,
    libc::SYS_exit_group,
];
