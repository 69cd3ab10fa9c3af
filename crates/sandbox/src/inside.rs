//! The probe: tries every layer from where a function would stand, in the process that would have executed it.
//!
//! Nothing is executed, so that the probe needs no libraries inside: it runs at the very point of `execve`, with every
//! restriction in force. What it tries must fail; what it reads comes from the kernel.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::fd::RawFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;
use std::time::Duration;

use rustix::fs::{CWD, FileType, Mode, OFlags, StatVfsMountFlags, mknodat, statvfs};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketType, socket};
use rustix::process::{Pid, Resource, WaitOptions, getrlimit, waitpid};

use crate::child::HOST_NAME;
use crate::layer::Layer;
use crate::spec::SandboxSpec;
use crate::sys::{self, Cloned};

/// What the prober outside tells the probe, by environment variables.
pub(crate) const OUTSIDE_PID: &str = "BURGWARD_PROBE_PID";
pub(crate) const OUTSIDE_PORT: &str = "BURGWARD_PROBE_PORT";
/// Followed by the name of a namespace in `/proc/self/ns`.
pub(crate) const OUTSIDE_NAMESPACE: &str = "BURGWARD_PROBE_NS_";

/// Whether every attempt was stopped, and what was seen.
pub(crate) type Finding = (bool, String);

/// Tries everything and prints one line of JSON; then waits to be killed, so that its control groups can be read.
pub(crate) fn run(spec: &SandboxSpec, own: RawFd) {
    let outside = Outside(spec);
    let mut findings: BTreeMap<&str, Finding> = BTreeMap::new();
    let mut note = |layer: Layer, finding: Finding| findings.insert(layer.id(), finding);
    note(Layer::UserNamespace, user_namespace(&outside));
    note(Layer::MountNamespace, mount_namespace());
    note(Layer::PidNamespace, pid_namespace(&outside));
    note(Layer::NetworkNamespace, network_namespace(&outside));
    note(Layer::IpcNamespace, outside.differs("ipc"));
    note(Layer::UtsNamespace, uts_namespace(&outside));
    note(Layer::CgroupNamespace, cgroup_namespace(&outside));
    note(Layer::PrivateProc, private_proc());
    note(Layer::Capabilities, capabilities());
    note(Layer::NoNewPrivileges, no_new_privileges());
    note(Layer::Landlock, landlock());
    note(Layer::PrivateTmp, private_tmp(spec));
    note(Layer::ResourceLimits, resource_limits(spec));
    note(Layer::Descriptors, descriptors(own));
    note(Layer::MemoryLimit, memory_limit(spec));
    note(Layer::PidsLimit, pids_limit(spec));
    burn();
    // Last: where the filter is missing, its attempts succeed and change this process.
    note(Layer::Seccomp, seccomp());
    if let Ok(mut text) = serde_json::to_vec(&findings) {
        text.push(b'\n');
        rustix::io::write(rustix::stdio::stdout(), &text).ok();
    }
    std::thread::sleep(Duration::from_mins(1));
}

struct Outside<'a>(&'a SandboxSpec);

impl Outside<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.env.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A namespace is the platform's own or it is not: the kernel numbers them.
    fn differs(&self, kind: &str) -> Finding {
        let inside = fs::read_link(format!("/proc/self/ns/{kind}")).map(|p| p.display().to_string());
        let outside = self.get(&format!("{OUTSIDE_NAMESPACE}{kind}")).unwrap_or("unknown");
        match inside {
            Ok(inside) => (inside != outside && outside != "unknown", format!("inside {inside}, outside {outside}")),
            Err(e) => (false, format!("/proc/self/ns/{kind}: {e}")),
        }
    }
}

fn both((left, mut words): Finding, right: bool, more: &str) -> Finding {
    words.push_str("; ");
    words.push_str(more);
    (left && right, words)
}

fn status(field: &str) -> String {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    line.map_or_else(|| "unknown".into(), |value| value.trim().to_owned())
}

fn user_namespace(outside: &Outside<'_>) -> Finding {
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let words: Vec<&str> = map.split_whitespace().collect();
    both(outside.differs("user"), !words.contains(&"4294967295"), &format!("uid_map `{}`", words.join(" ")))
}

/// Besides trying to write, reads the kernel's own list: Landlock would hide a writable mount from an attempt.
fn mount_namespace() -> Finding {
    let table = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let mut writable = Vec::new();
    for line in table.lines() {
        let mut fields = line.split(' ').skip(4);
        let (Some(target), Some(options)) = (fields.next(), fields.next()) else { continue };
        let meant = target == "/tmp" || target.starts_with("/dev/") || is_mask(target);
        if !meant && !options.split(',').any(|option| option == "ro") {
            writable.push(target);
        }
    }
    let host: Vec<&str> = ["/root", "/home", "/etc/shadow", "/sys", "/run", "/var/run"]
        .into_iter()
        .filter(|p| Path::new(p).exists())
        .collect();
    let written = fs::write("/probe", b"x").map_or_else(|e| e.to_string(), |()| "succeeded".into());
    let words = format!(
        "{} mounts, writable besides /tmp and devices: {writable:?}; of the host visible: {host:?}; writing `/probe`: {written}",
        table.lines().count()
    );
    (!table.is_empty() && writable.is_empty() && host.is_empty() && written != "succeeded", words)
}

fn is_mask(target: &str) -> bool {
    target.starts_with("/proc/") && fs::metadata(target).is_ok_and(|m| m.file_type().is_char_device())
}

fn pid_namespace(outside: &Outside<'_>) -> Finding {
    let parent = rustix::process::getppid().map_or(0, |pid| pid.as_raw_nonzero().get());
    let target = outside.get(OUTSIDE_PID).and_then(|pid| Pid::from_raw(pid.parse().ok()?));
    let signal = target.map_or(Err(Errno::INVAL), rustix::process::test_kill_process);
    let words = format!("own pid {}, parent {parent}, signal to the platform: {}", std::process::id(), answer(signal));
    // `EPERM` would mean that the platform has a name here. In a small container its number may be ours as well.
    both(outside.differs("pid"), parent == 1 && signal != Err(Errno::PERM), &words)
}

fn answer<T>(result: Result<T, Errno>) -> String {
    result.map_or_else(name, |_| "succeeded".into())
}

fn name(errno: Errno) -> String {
    let words = std::io::Error::from(errno).to_string();
    words.split_once(" (").map_or(words.clone(), |(words, _)| words.to_owned())
}

fn network_namespace(outside: &Outside<'_>) -> Finding {
    let devices = fs::read_to_string("/proc/self/net/dev").unwrap_or_default();
    let devices: Vec<&str> = devices.lines().skip(2).filter_map(|line| Some(line.split_once(':')?.0.trim())).collect();
    let connect = |ip: Ipv4Addr, port: u16| {
        let reached = TcpStream::connect_timeout(&SocketAddr::from((ip, port)), Duration::from_millis(300));
        reached.map_or_else(|e| format!("{:?}", e.kind()), |_| "connected".into())
    };
    let port = outside.get(OUTSIDE_PORT).and_then(|port| port.parse().ok()).unwrap_or(0);
    let tries = [
        ("1.1.1.1:443", connect(Ipv4Addr::new(1, 1, 1, 1), 443), "NetworkUnreachable"),
        ("169.254.169.254:80", connect(Ipv4Addr::new(169, 254, 169, 254), 80), "NetworkUnreachable"),
        ("the platform's own port", connect(Ipv4Addr::LOCALHOST, port), "ConnectionRefused"),
    ];
    let stopped = tries.iter().all(|(_, got, want)| got == want);
    let words: Vec<String> = tries.iter().map(|(what, got, _)| format!("{what}: {got}")).collect();
    both(outside.differs("net"), stopped && devices == ["lo"], &format!("devices {devices:?}; {}", words.join(", ")))
}

fn uts_namespace(outside: &Outside<'_>) -> Finding {
    let uname = rustix::system::uname();
    let host = uname.nodename().to_string_lossy();
    both(outside.differs("uts"), host == HOST_NAME, &format!("host name `{host}`"))
}

fn cgroup_namespace(outside: &Outside<'_>) -> Finding {
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let named = groups.lines().filter(|line| line.contains("burgward")).count();
    both(outside.differs("cgroup"), named == 0, &format!("{named} of our groups named in /proc/self/cgroup"))
}

fn private_proc() -> Finding {
    let own = std::process::id();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids: Vec<u32> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    let write = rustix::fs::open("/proc/self/oom_score_adj", OFlags::WRONLY, Mode::empty());
    let read_only = statvfs("/proc").is_ok_and(|s| s.f_flag.contains(StatVfsMountFlags::RDONLY));
    let core = fs::metadata("/proc/kcore").map_or(true, |m| m.file_type().is_char_device());
    let words = format!(
        "processes {pids:?}, own {own}; read-only: {read_only}; opening oom_score_adj to write: {}; kcore masked: {core}",
        answer(write)
    );
    (pids == [own] && read_only && core, words)
}

fn capabilities() -> Finding {
    let sets = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map(|set| (set, status(set)));
    let empty = sets.iter().all(|(_, bits)| bits.trim_matches('0').is_empty());
    let bits = rustix::thread::capabilities_secure_bits().map_or(0, |bits| bits.bits());
    let uids = status("Uid");
    let words: Vec<String> = sets.iter().map(|(set, bits)| format!("{set} {bits}")).collect();
    (empty && bits == 0b1110_1111, format!("{}; securebits {bits:#b}; uids {uids}", words.join(" ")))
}

fn no_new_privileges() -> Finding {
    let set = rustix::thread::no_new_privs().unwrap_or(false);
    (set, format!("PR_GET_NO_NEW_PRIVS: {set}"))
}

/// A whiteout is a device that anybody may make; only Landlock's `make_char` stands against it.
fn landlock() -> Finding {
    let made = mknodat(CWD, "/tmp/.whiteout", FileType::CharacterDevice, Mode::RUSR, 0);
    fs::remove_file("/tmp/.whiteout").ok();
    (made == Err(Errno::ACCESS), format!("making a character device in /tmp: {}", answer(made)))
}

fn private_tmp(spec: &SandboxSpec) -> Finding {
    let Ok(stats) = statvfs("/tmp") else { return (false, "statvfs failed".into()) };
    let size = stats.f_blocks * stats.f_frsize;
    let flags = stats.f_flag.contains(StatVfsMountFlags::NOSUID | StatVfsMountFlags::NODEV);
    let empty = fs::read_dir("/tmp").is_ok_and(|mut entries| entries.next().is_none());
    let full = fs::write("/tmp/full", vec![0; usize::try_from(spec.tmp_bytes).unwrap_or(0) + 4096]);
    fs::remove_file("/tmp/full").ok();
    let full = full.map_or_else(|e| format!("{:?}", e.kind()), |()| "succeeded".into());
    let words = format!("{size} bytes, nosuid and nodev: {flags}, empty: {empty}; writing more than fits: {full}");
    (size == spec.tmp_bytes && flags && empty && full == "StorageFull", words)
}

fn resource_limits(spec: &SandboxSpec) -> Finding {
    let core = getrlimit(Resource::Core).maximum;
    let files = getrlimit(Resource::Nofile).maximum;
    let mut held = Vec::new();
    let refused = loop {
        match rustix::fs::open("/dev/null", OFlags::RDONLY, Mode::empty()) {
            Ok(fd) if held.len() < 1 << 16 => held.push(fd),
            Ok(_) => break "never".to_owned(),
            Err(e) => break name(e),
        }
    };
    let words = format!("core {core:?}, open files {files:?}; after {} more: {refused}", held.len());
    (core == Some(1) && files == Some(spec.nofile) && refused == name(Errno::MFILE), words)
}

fn descriptors(own: RawFd) -> Finding {
    let mut open: Vec<RawFd> =
        (0..4096).filter(|fd| Path::new("/proc/self/fd").join(fd.to_string()).symlink_metadata().is_ok()).collect();
    // The channel for the launch's errors closes itself on `execve`.
    open.retain(|fd| *fd != own);
    let stdin = fs::metadata("/proc/self/fd/0").map_or(0, |m| m.rdev());
    let null = fs::metadata("/dev/null").map_or(1, |m| m.rdev());
    (open == [0, 1, 2] && stdin == null, format!("open: {open:?}; standard input is /dev/null: {}", stdin == null))
}

/// Runs `attempt` in a child and gives the signal that ended it.
fn in_child(attempt: impl FnOnce()) -> Result<Option<i32>, Errno> {
    match sys::fork()? {
        Cloned::Child => {
            attempt();
            sys::exit_now(0)
        }
        Cloned::Parent { pid, .. } => {
            let status = waitpid(Pid::from_raw(pid), WaitOptions::empty())?;
            Ok(status.and_then(|(_, status)| status.terminating_signal()))
        }
    }
}

fn memory_limit(spec: &SandboxSpec) -> Finding {
    let bytes = usize::try_from(spec.memory_bytes.saturating_add(spec.tmp_bytes)).unwrap_or(usize::MAX);
    let ended = in_child(|| {
        sys::hog(bytes + (16 << 20)).ok();
    });
    (
        ended == Ok(Some(libc::SIGKILL)),
        format!("a child that takes 16 MiB more than its share ended by signal {ended:?}"),
    )
}

fn pids_limit(spec: &SandboxSpec) -> Finding {
    let most = spec.pids_max + 16;
    let mut children = Vec::new();
    let mut refused = None;
    while refused.is_none() && children.len() < most as usize {
        match sys::fork() {
            Ok(Cloned::Child) => {
                std::thread::sleep(Duration::from_mins(1));
                sys::exit_now(0)
            }
            Ok(Cloned::Parent { pid, .. }) => children.extend(Pid::from_raw(pid)),
            Err(e) => refused = Some(e),
        }
    }
    for child in &children {
        rustix::process::kill_process(*child, rustix::process::Signal::KILL).ok();
        waitpid(Some(*child), WaitOptions::empty()).ok();
    }
    let words = format!("after {} more processes: {}", children.len(), refused.map_or("never refused".into(), name));
    (refused == Some(Errno::AGAIN) && children.len() < spec.pids_max as usize, words)
}

/// Uses more than one period's share of the processor, for the control group to throttle.
fn burn() {
    let clock = || rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let end = clock().tv_sec * 1000 + clock().tv_nsec / 1_000_000 + 60;
    while clock().tv_sec * 1000 + clock().tv_nsec / 1_000_000 < end {}
}

fn seccomp() -> Finding {
    let mode = status("Seccomp");
    let user = libc::c_long::from(libc::CLONE_NEWUSER);
    let eperm = Err(Errno::PERM);
    let netlink = socket(AddressFamily::NETLINK, SocketType::RAW, None).map(drop);
    let mut tries = vec![
        ("io_uring_setup", attempt(libc::SYS_io_uring_setup, [1, 0, 0, 0, 0]), eperm),
        ("ptrace", attempt(libc::SYS_ptrace, [libc::PTRACE_ATTACH.into(), 0, 0, 0, 0]), eperm),
        ("bpf", attempt(libc::SYS_bpf, [0, 0, 0, 0, 0]), eperm),
        ("keyctl", attempt(libc::SYS_keyctl, [0, -3, 0, 0, 0]), eperm),
        ("perf_event_open", attempt(libc::SYS_perf_event_open, [0, 0, -1, -1, 0]), eperm),
        ("userfaultfd", attempt(libc::SYS_userfaultfd, [1, 0, 0, 0, 0]), eperm),
        ("process_vm_readv", attempt(libc::SYS_process_vm_readv, [1, 0, 0, 0, 0]), eperm),
        ("mount", attempt(libc::SYS_mount, [0, 0, 0, 0, 0]), eperm),
        ("setns", attempt(libc::SYS_setns, [-1, 0, 0, 0, 0]), eperm),
        ("clone3", attempt(libc::SYS_clone3, [0, 0, 0, 0, 0]), Err(Errno::NOSYS)),
        ("io_setup", attempt(libc::SYS_io_setup, [0, 0, 0, 0, 0]), Err(Errno::NOSYS)),
        ("personality", attempt(libc::SYS_personality, [0x0040_0000, 0, 0, 0, 0]), eperm),
        ("socket(netlink)", netlink, Err(Errno::AFNOSUPPORT)),
    ];
    tries.push(("unshare(user)", attempt(libc::SYS_unshare, [user, 0, 0, 0, 0]), eperm));
    let stopped = tries.iter().all(|(_, got, want)| got == want);
    let mut words: Vec<String> = tries.iter().map(|(what, got, _)| format!("{what} {}", answer(*got))).collect();
    let foreign = foreign_abi(&mut words);
    (mode == "2" && stopped && foreign, format!("mode {mode}; {}", words.join(", ")))
}

fn attempt(number: libc::c_long, args: [libc::c_long; 5]) -> Result<(), Errno> {
    sys::attempt(number, args).map(drop)
}

#[cfg(target_arch = "x86_64")]
fn foreign_abi(words: &mut Vec<String>) -> bool {
    let ended = in_child(sys::foreign_abi_call);
    words.push(format!("a 32-bit call ended its process by signal {ended:?}"));
    // A kernel without 32-bit calls answers with SIGSEGV: as good.
    matches!(ended, Ok(Some(libc::SIGSYS | libc::SIGSEGV)))
}

#[cfg(not(target_arch = "x86_64"))]
fn foreign_abi(_words: &mut Vec<String>) -> bool {
    true
}
