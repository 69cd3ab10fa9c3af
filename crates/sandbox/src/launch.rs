//! The spawner's part of making one sandbox, and of burying it.

use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::fs::{OFlags, fcntl_setfl};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Signal, WaitId, WaitIdOptions, pidfd_send_signal, waitid};

use crate::cgroup::{Handles, SandboxGroups};
use crate::child::Child;
use crate::identity::{Identities, privileged};
use crate::layer::Layer;
use crate::mounts::Sources;
use crate::plan::Plan;
use crate::spec::{Exit, SandboxSpec};
use crate::sys::{self, Cloned};
use crate::wire::{self, Failure, MAX_FDS};

/// How long a sandbox may take to build before the spawner gives it up: a hanging file system must not stop all others.
const PATIENCE: Duration = Duration::from_secs(10);

/// A sandbox that the spawner has to bury.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) pidfd: OwnedFd,
    pub(crate) slot: u32,
    groups: SandboxGroups,
    control: UnixStream,
    exit: OwnedFd,
}

/// What the platform gets of it.
#[derive(Debug)]
pub(crate) struct Started {
    pub(crate) pid: i32,
    pub(crate) handles: Handles,
    /// Its end of the exit pipe, standard output, standard error, and the listeners.
    pub(crate) descriptors: Vec<OwnedFd>,
}

fn failed(step: &'static str) -> impl Fn(std::io::Error) -> Failure {
    move |e| Failure::new(step, e, "raise the limit of open files: `ulimit -n 65536`")
}

fn pipe() -> Result<(OwnedFd, OwnedFd), Failure> {
    pipe_with(PipeFlags::CLOEXEC).map_err(|e| failed("pipe")(e.into()))
}

/// Makes a sandbox; on failure nothing of it remains.
pub(crate) fn launch(
    plan: &Plan,
    spec: &SandboxSpec,
    number: u64,
    slot: u32,
    probe: bool,
) -> Result<(Running, Started), Failure> {
    if spec.listen.len() + 4 > MAX_FDS {
        return Err(Failure::new("listeners", format!("{} ports", spec.listen.len()), "ask for at most 60"));
    }
    let sources = if privileged() { Some(Sources::open(spec)?) } else { None };
    let (exit_read, exit_write) = pipe()?;
    let (stdout_read, stdout_write) = pipe()?;
    let (stderr_read, stderr_write) = pipe()?;
    let (control, control_inside) = UnixStream::pair().map_err(failed("control socket"))?;
    let (errors, errors_inside) = UnixStream::pair().map_err(failed("error socket"))?;
    fcntl_setfl(&exit_read, OFlags::NONBLOCK).map_err(|e| failed("pipe")(e.into()))?;
    let groups = plan.groups.sandbox(number, spec)?;
    let doors = groups.doors()?;
    let child = Child {
        plan,
        doors,
        spec,
        probe,
        sources,
        control: control_inside,
        errors: errors_inside,
        stdout: stdout_write,
        stderr: stderr_write,
    };
    let (pid, pidfd) = match sys::clone_process(plan.namespaces(), groups.clone_into()) {
        Ok(Cloned::Child) => child.run(),
        Ok(Cloned::Parent { pid, pidfd: Some(pidfd) }) => (pid, pidfd),
        Ok(Cloned::Parent { pidfd: None, .. }) => {
            return Err(Failure::new("clone3", "no pidfd came", "report this kernel"));
        }
        Err(e) => return Err(Failure::new("clone3", e, "is a limit on processes or namespaces reached?")),
    };
    drop(child);
    let mut running = Running { pidfd, slot, groups, control, exit: exit_write };
    match running.accompany(plan, pid, &errors) {
        Ok(listeners) => {
            let mut descriptors = vec![exit_read, stdout_read, stderr_read];
            descriptors.extend(listeners);
            let handles = running.groups.handles();
            Ok((running, Started { pid, handles, descriptors }))
        }
        Err(failure) => {
            running.abandon();
            Err(failure)
        }
    }
}

impl Running {
    /// Sees the child through its launch: maps and groups, the listeners, then silence on `errors`, which means `execve`.
    fn accompany(&mut self, plan: &Plan, pid: i32, errors: &UnixStream) -> Result<Vec<OwnedFd>, Failure> {
        let died = |e: std::io::Error| {
            Failure::new("wait for the sandbox", e, "it was killed while being built: is `memory_bytes` too small?")
        };
        self.control.set_read_timeout(Some(PATIENCE)).map_err(died)?;
        errors.set_read_timeout(Some(PATIENCE)).map_err(died)?;
        if plan.has(Layer::UserNamespace) {
            plan.identities.write(pid, self.slot)?;
        }
        // When the whole machine is out of memory, a function dies before the platform. Not a layer: only a preference.
        std::fs::write(format!("/proc/{pid}/oom_score_adj"), "500").ok();
        // The child may be dead already; then its own words say why.
        (&self.control).write_all(b"g").ok();
        let (read, listeners) = wire::receive_fds(&self.control, &mut [0; 1]).map_err(died)?;
        let mut words = Vec::new();
        let mut reader = errors;
        reader.read_to_end(&mut words).map_err(died)?;
        if !words.is_empty() {
            return Err(serde_json::from_slice(&words).map_err(|e| died(e.into()))?);
        }
        if read == 0 {
            return Err(died(std::io::ErrorKind::UnexpectedEof.into()));
        }
        Ok(listeners)
    }

    /// Kills and buries at once.
    pub(crate) fn abandon(mut self) {
        self.kill();
        waitid(WaitId::PidFd(self.pidfd.as_fd()), WaitIdOptions::EXITED).ok();
        self.groups.remove();
    }

    pub(crate) fn kill(&self) {
        // Fails only when it ended already.
        pidfd_send_signal(&self.pidfd, Signal::KILL).ok();
    }

    /// Buries a sandbox that ended; gives the groups back when the kernel does not let them go yet.
    pub(crate) fn bury(mut self) -> Option<SandboxGroups> {
        let status = waitid(WaitId::PidFd(self.pidfd.as_fd()), WaitIdOptions::EXITED).ok().flatten();
        let outer = status.and_then(|status| status.terminating_signal());
        let exit = Exit { oom: self.groups.oom_killed(), ..self.last_words(outer) };
        let gone = self.groups.remove();
        if let Ok(text) = serde_json::to_vec(&exit) {
            // The platform may have dropped its end: then nobody wants to know.
            rustix::io::write(&self.exit, &text).ok();
        }
        (!gone).then_some(self.groups)
    }

    /// What the first process said of the function's end; silence means that it was killed itself, and the function with it.
    fn last_words(&mut self, outer: Option<i32>) -> Exit {
        let mut words = [0; 8];
        if self.control.set_nonblocking(true).is_err() || self.control.read_exact(&mut words).is_err() {
            return Exit { code: None, signal: outer.or(Some(libc::SIGKILL)), oom: false };
        }
        let number = |bytes: &[u8]| bytes.try_into().map_or(-1, i32::from_le_bytes);
        let (code, signal) = words.split_at(4);
        let (code, signal) = (number(code), number(signal));
        Exit { code: (signal == 0).then_some(code), signal: (signal != 0).then_some(signal), oom: false }
    }
}

/// A slot that none of `used` has.
pub(crate) fn free_slot(identities: Identities, next: &mut u32, used: impl Fn(u32) -> bool) -> u32 {
    loop {
        *next = next.wrapping_add(1);
        let slot = identities.slot(*next);
        if matches!(identities, Identities::Own { .. }) || !used(slot) {
            return slot;
        }
    }
}
