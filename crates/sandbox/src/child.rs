//! Inside the new namespaces: from the clone to the function's `execve`.
//!
//! Two processes remain: the sandbox's first one, which reaps and reports, and the function. Whatever the function could
//! do to the first is nothing: it is no other's to trace, kills of a namespace's first process from inside are ignored, and
//! when it ends the kernel kills everything inside.

use std::ffi::CString;
use std::fs::File;
use std::io::{Read, Write};
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::fs::{Mode, OFlags};
use rustix::net::{AddressFamily, SocketAddrV4, SocketFlags, SocketType, bind, listen, socket_with, sockopt};
use rustix::process::{DumpableBehavior, Gid, Resource, Rlimit, Signal, Uid, WaitOptions};

use crate::cgroup::ENTER;
use crate::identity::{GID_INSIDE, Identities, UID_INSIDE};
use crate::layer::Layer;
use crate::mounts::{self, Parts, Sources};
use crate::plan::Plan;
use crate::spec::SandboxSpec;
use crate::sys::{self, Cloned};
use crate::wire::Failure;
use crate::{files, inside, privileges, wire};

/// The host name inside.
pub(crate) const HOST_NAME: &str = "function";

/// What the child has of the launch.
#[derive(Debug)]
pub(crate) struct Child<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) spec: &'a SandboxSpec,
    pub(crate) probe: bool,
    pub(crate) sources: Option<Sources>,
    /// The v1 control groups to enter.
    pub(crate) doors: Vec<File>,
    pub(crate) control: UnixStream,
    pub(crate) errors: UnixStream,
    pub(crate) stdout: OwnedFd,
    pub(crate) stderr: OwnedFd,
}

impl Child<'_> {
    /// Never returns: this is a copy of the spawner, and nothing of the original's work is its to go on with.
    pub(crate) fn run(mut self) -> ! {
        let failure = match self.set_up() {
            Ok(()) => self.split(),
            Err(failure) => failure,
        };
        self.report(&failure);
        sys::exit_now(126)
    }

    fn report(&self, failure: &Failure) {
        let mut errors = &self.errors;
        if let Ok(text) = serde_json::to_vec(failure) {
            errors.write_all(&text).ok();
        }
    }

    fn has(&self, layer: Layer) -> bool {
        self.plan.has(layer)
    }

    fn set_up(&mut self) -> Result<(), Failure> {
        let mut go = [0];
        self.control.read_exact(&mut go).map_err(|e| Failure::new("wait for the spawner", e, "it died; try again"))?;
        for mut door in self.doors.drain(..) {
            door.write_all(ENTER).map_err(|e| Failure::new("enter the control groups", e, "was the group removed?"))?;
        }
        if self.has(Layer::UserNamespace) && matches!(self.plan.identities, Identities::Ranges { .. }) {
            privileges::become_user(0, 0, true)?;
        }
        // After the change of user, which clears it.
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).map_err(failed("die with the spawner"))?;
        rustix::process::setsid().map_err(failed("new session"))?;
        if self.has(Layer::CgroupNamespace) {
            unshare_cgroup()?;
        }
        if self.has(Layer::UtsNamespace) {
            rustix::system::sethostname(HOST_NAME.as_bytes()).map_err(failed("host name"))?;
        }
        self.network()?;
        let parts = Parts {
            private_proc: self.has(Layer::PrivateProc),
            private_tmp: self.has(Layer::PrivateTmp),
            read_only: self.has(Layer::MountNamespace),
        };
        mounts::build(self.spec, self.sources.take(), parts)
    }

    fn network(&self) -> Result<(), Failure> {
        let missing = |e: rustix::io::Errno| Failure::layer(Layer::NetworkNamespace, e, "is the port given twice?");
        let cloexec = SocketFlags::CLOEXEC;
        if self.has(Layer::NetworkNamespace) {
            let probe = socket_with(AddressFamily::INET, SocketType::DGRAM, cloexec, None).map_err(missing)?;
            sys::loopback_up(probe.as_fd()).map_err(missing)?;
        }
        let mut listeners = Vec::new();
        for port in &self.spec.listen {
            let listener = socket_with(AddressFamily::INET, SocketType::STREAM, cloexec, None).map_err(missing)?;
            sockopt::set_socket_reuseaddr(&listener, true).map_err(missing)?;
            bind(&listener, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, *port)).map_err(missing)?;
            listen(&listener, 1024).map_err(missing)?;
            listeners.push(listener);
        }
        let fds: Vec<BorrowedFd<'_>> = listeners.iter().map(AsFd::as_fd).collect();
        wire::send_fds(&self.control, b"n", &fds).map_err(|e| Failure::new("hand the listeners out", e, "try again"))
    }

    /// Returns only what went wrong.
    fn split(&self) -> Failure {
        match sys::clone_process(0, None) {
            Ok(Cloned::Child) => match self.become_function() {
                Ok(never) => match never {},
                Err(failure) => failure,
            },
            Ok(Cloned::Parent { pid, .. }) => {
                self.reap(pid);
                sys::exit_now(0)
            }
            Err(e) => Failure::new("start the function's process", e, "is `pids_max` at least 2?"),
        }
    }

    /// The sandbox's first process: gives up what it has, buries the dead, and tells how the function ended.
    fn reap(&self, function: i32) {
        let lowered = privileges::drop_all().is_ok()
            && rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok()
            && rustix::stdio::dup2_stdin(&self.control).is_ok()
            && sys::close_range(1, u32::MAX).is_ok();
        if !lowered {
            return;
        }
        loop {
            let Ok(ended) = rustix::process::wait(WaitOptions::empty()) else { return };
            let Some((pid, status)) = ended else { continue };
            let over = status.exited() || status.signaled();
            if pid.as_raw_nonzero().get() != function || !over {
                continue;
            }
            let code = status.exit_status().unwrap_or(-1).to_le_bytes();
            let signal = status.terminating_signal().unwrap_or(0).to_le_bytes();
            rustix::io::write(rustix::stdio::stdin(), &[code, signal].concat()).ok();
            return;
        }
    }

    fn become_function(&self) -> Result<std::convert::Infallible, Failure> {
        sys::reset_signals();
        rustix::process::setsid().map_err(failed("new session"))?;
        let program = Program::new(self.spec)?;
        self.standard_descriptors()?;
        rustix::process::umask(Mode::from_raw_mode(0o022));
        rustix::process::chdir(self.spec.cwd.as_str())
            .map_err(|e| Failure::new(format!("chdir {}", self.spec.cwd), e, "bind it, or start in `/tmp`"))?;
        if self.has(Layer::ResourceLimits) {
            limits(self.spec)?;
        }
        self.lower()?;
        if self.probe {
            rustix::process::set_dumpable_behavior(DumpableBehavior::Dumpable).ok();
            // What `execve` would close.
            self.errors.shutdown(std::net::Shutdown::Both).ok();
            inside::run(self.spec, self.errors.as_raw_fd());
            sys::exit_now(0)
        }
        let errno = program.exec();
        let hint = "is it an executable for this machine, bound with all its libraries, and readable by others?";
        Err(Failure::new(format!("execute {}", self.spec.argv.first().map_or("", String::as_str)), errno, hint))
    }

    /// The order matters: each step needs what the next one takes away.
    fn lower(&self) -> Result<(), Failure> {
        if self.has(Layer::Capabilities) {
            privileges::lock_bits()?;
            if self.has(Layer::UserNamespace) {
                let clear = matches!(self.plan.identities, Identities::Ranges { .. });
                privileges::become_user(UID_INSIDE, GID_INSIDE, clear)?;
            }
        }
        if self.has(Layer::NoNewPrivileges) {
            rustix::thread::set_no_new_privs(true).map_err(failed("no new privileges"))?;
        }
        if self.has(Layer::Landlock) {
            files::confine(self.spec).map_err(|e| Failure::new("Landlock", e, "does every bind's target exist?"))?;
        }
        if self.has(Layer::Capabilities) {
            privileges::drop_all()?;
        }
        if self.has(Layer::Seccomp) {
            self.plan
                .filters
                .install()
                .map_err(|e| Failure::layer(Layer::Seccomp, e, "a kernel with CONFIG_SECCOMP_FILTER is needed"))?;
        }
        Ok(())
    }

    fn standard_descriptors(&self) -> Result<(), Failure> {
        let failed = |e| failed("standard descriptors")(e);
        let null = rustix::fs::open("/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).map_err(failed)?;
        // The sources may themselves have low numbers: move them out of the way first.
        let stdout = rustix::io::fcntl_dupfd_cloexec(&self.stdout, 3).map_err(failed)?;
        let stderr = rustix::io::fcntl_dupfd_cloexec(&self.stderr, 3).map_err(failed)?;
        rustix::stdio::dup2_stdin(&null).map_err(failed)?;
        rustix::stdio::dup2_stdout(&stdout).map_err(failed)?;
        rustix::stdio::dup2_stderr(&stderr).map_err(failed)?;
        if self.has(Layer::Descriptors) {
            let keep = self.errors.as_raw_fd().unsigned_abs();
            sys::close_range(3, keep - 1).map_err(failed)?;
            sys::close_range(keep + 1, u32::MAX).map_err(failed)?;
        } else {
            // For the probe to find.
            std::mem::forget(rustix::io::dup(&self.control));
        }
        // Closed just now, or about to be: neither may be closed a second time.
        std::mem::forget((null, stdout, stderr));
        Ok(())
    }
}

fn failed(step: &'static str) -> impl Fn(rustix::io::Errno) -> Failure {
    move |e| Failure::new(step, e, "report this with the kernel's version")
}

/// After the spawner put this process into its groups, so that they are the root of what it sees.
fn unshare_cgroup() -> Result<(), Failure> {
    sys::unshare_cgroup()
        .map_err(|e| Failure::layer(Layer::CgroupNamespace, e, "a kernel with CONFIG_CGROUPS is needed"))
}

fn limits(spec: &SandboxSpec) -> Result<(), Failure> {
    let fixed = |value: u64| Rlimit { current: Some(value), maximum: Some(value) };
    let stack = rustix::process::getrlimit(Resource::Stack);
    let table = [
        (Resource::Nofile, fixed(spec.nofile)),
        // The tight ceiling is the control group's; this one holds where that may be missing.
        (Resource::Nproc, fixed(u64::from(spec.pids_max).max(1024))),
        // Not 0, which a core pattern that is a pipe ignores: at 1 the kernel dumps neither to a pipe nor to a file.
        (Resource::Core, fixed(1)),
        (Resource::Memlock, fixed(64 << 10)),
        (Resource::Msgqueue, fixed(0)),
        (Resource::Sigpending, fixed(1024)),
        (Resource::Nice, fixed(0)),
        (Resource::Rtprio, fixed(0)),
        (Resource::Stack, Rlimit { current: Some(8 << 20), maximum: stack.maximum }),
    ];
    for (resource, wanted) in table {
        let ceiling = rustix::process::getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let lower = |value: Option<u64>| Some(value.unwrap_or(u64::MAX).min(ceiling)).filter(|v| *v != u64::MAX);
        let wanted = Rlimit { current: lower(wanted.current), maximum: lower(wanted.maximum) };
        rustix::process::setrlimit(resource, wanted)
            .map_err(|e| Failure::new(format!("limit {resource:?}"), e, "report this with the kernel's version"))?;
    }
    Ok(())
}

/// The program in the form that `execve` takes, made while memory can still be allocated freely.
struct Program {
    path: CString,
    argv: Vec<CString>,
    env: Vec<CString>,
}

impl Program {
    fn new(spec: &SandboxSpec) -> Result<Self, Failure> {
        let bad = |what: &str| Failure::new(format!("argument `{what}`"), "holds a zero byte", "remove it");
        let path = spec.argv.first().filter(|path| path.starts_with('/')).ok_or_else(|| {
            Failure::new("program", "`argv` does not start with an absolute path", "write the path as seen inside")
        })?;
        let text = |text: &String| CString::new(text.as_str()).map_err(|_| bad(text));
        let variable =
            |(name, value): &(String, String)| CString::new(format!("{name}={value}")).map_err(|_| bad(name));
        Ok(Self {
            path: text(path)?,
            argv: spec.argv.iter().map(text).collect::<Result<_, _>>()?,
            env: spec.env.iter().map(variable).collect::<Result<_, _>>()?,
        })
    }

    fn exec(&self) -> rustix::io::Errno {
        sys::execve(&self.path, &self.argv, &self.env)
    }
}

/// For [`privileges`], whose calls fail alike.
pub(crate) fn raw_ids(uid: u32, gid: u32) -> (Uid, Gid) {
    (Uid::from_raw(uid), Gid::from_raw(gid))
}
