//! The spawner process: serves one socket until it closes, then kills everything it made.

use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use zeroize::Zeroize;

use crate::cgroup::SandboxGroups;
use crate::launch::{Running, Started, free_slot, launch};
use crate::plan::Plan;
use crate::spec::SandboxSpec;
use crate::sys;
use crate::wire::{self, Failure, Reply, Request};

/// What the binary runs when its first argument is [`crate::SPAWNER_ARG`]: serves the socket on descriptor 0 until it closes.
#[must_use]
pub fn spawner_main() -> ExitCode {
    // Whatever else was inherited must not be inherited further. A session of its own: Ctrl-C in a terminal is for the
    // platform, which then drains.
    sys::close_range(3, u32::MAX).ok();
    rustix::process::setsid().ok();
    let Ok(socket) = sys::adopt(0) else { return ExitCode::FAILURE };
    let socket = UnixStream::from(socket);
    match serve(&socket) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve(socket: &UnixStream) -> std::io::Result<()> {
    let Some((Request::Hello { allow_unenforced, without }, _, _)) = wire::receive(socket)? else {
        return Err(std::io::ErrorKind::InvalidData.into());
    };
    let plan = match Plan::new(&allow_unenforced, &without) {
        Ok(plan) => plan,
        Err(failure) => return wire::send(socket, &Reply::Refused(failure), &[], &[]),
    };
    wire::send(socket, &Reply::Ready { layers: plan.layers() }, &[], &[])?;
    let mut server = Server { plan, running: Vec::new(), leftovers: Vec::new(), number: 0, slot: 0 };
    let result = server.run(socket);
    server.end();
    result
}

struct Server {
    plan: Plan,
    running: Vec<Running>,
    /// Groups that the kernel did not let go at once.
    leftovers: Vec<SandboxGroups>,
    number: u64,
    slot: u32,
}

impl Server {
    fn run(&mut self, socket: &UnixStream) -> std::io::Result<()> {
        loop {
            let (asked, ended) = self.wait(socket)?;
            for index in ended.into_iter().rev() {
                let leftover = self.running.swap_remove(index).bury();
                self.leftovers.extend(leftover);
            }
            self.leftovers.retain_mut(|groups| !groups.remove());
            if asked && !self.answer(socket)? {
                return Ok(());
            }
        }
    }

    /// Sleeps until the platform asks or closes, or a sandbox ended. Gives the indices of those, ascending.
    fn wait(&self, socket: &UnixStream) -> std::io::Result<(bool, Vec<usize>)> {
        let mut polled = vec![PollFd::new(socket, PollFlags::IN)];
        polled.extend(self.running.iter().map(|running| PollFd::new(&running.pidfd, PollFlags::IN)));
        let retry = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
        let timeout = (!self.leftovers.is_empty()).then_some(&retry);
        match poll(&mut polled, timeout) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
        let mut ready = polled.iter().map(|fd| !fd.revents().is_empty());
        let asked = ready.next().unwrap_or(false);
        Ok((asked, ready.enumerate().filter_map(|(index, ready)| ready.then_some(index)).collect()))
    }

    /// Answers one request; false when the platform is gone.
    fn answer(&mut self, socket: &UnixStream) -> std::io::Result<bool> {
        let Some((request, blob, _)) = wire::receive(socket)? else { return Ok(false) };
        let Request::Spawn { spec, probe } = request else { return Err(std::io::ErrorKind::InvalidData.into()) };
        let mut secrets = Secrets { spec, blob };
        let outcome = secrets.unpack().and_then(|()| self.spawn(&secrets.spec, probe));
        drop(secrets);
        match outcome {
            Ok((running, started)) => {
                let mut fds: Vec<BorrowedFd<'_>> = vec![running.pidfd.as_fd()];
                fds.extend(started.descriptors.iter().map(AsFd::as_fd));
                let reply = Reply::Started { pid: started.pid, handles: started.handles };
                wire::send(socket, &reply, &[], &fds)?;
                self.running.push(running);
            }
            Err(failure) => wire::send(socket, &Reply::Refused(failure), &[], &[])?,
        }
        Ok(true)
    }

    fn spawn(&mut self, spec: &SandboxSpec, probe: bool) -> Result<(Running, Started), Failure> {
        self.number += 1;
        let running = &self.running;
        let slot = free_slot(self.plan.identities, &mut self.slot, |slot| running.iter().any(|r| r.slot == slot));
        launch(&self.plan, spec, self.number, slot, probe)
    }

    fn end(&mut self) {
        self.running.iter().for_each(Running::kill);
        self.running.drain(..).for_each(Running::abandon);
        self.plan.groups.remove_all();
    }
}

/// One function's environment and files. Erased after the launch: the next sandbox starts as a copy of this process.
struct Secrets {
    spec: SandboxSpec,
    blob: Vec<u8>,
}

impl Secrets {
    /// Gives each file its bytes, which travelled in one piece.
    fn unpack(&mut self) -> Result<(), Failure> {
        let short = || Failure::new("files", "fewer bytes came than were announced", "report this");
        let mut rest = self.blob.as_slice();
        for file in &mut self.spec.files {
            let (length, after) = rest.split_first_chunk::<4>().ok_or_else(short)?;
            let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| short())?;
            let (bytes, after) = after.split_at_checked(length).ok_or_else(short)?;
            file.bytes = bytes.to_vec();
            rest = after;
        }
        Ok(())
    }
}

impl Drop for Secrets {
    fn drop(&mut self) {
        self.blob.zeroize();
        self.spec.env.iter_mut().for_each(|(_, value)| value.zeroize());
        self.spec.files.iter_mut().for_each(|file| file.bytes.zeroize());
    }
}
