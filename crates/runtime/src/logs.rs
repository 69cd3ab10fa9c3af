//! What a sandbox prints: split into lines, bounded, and handed to the host.

use std::io::ErrorKind;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, PoisonError};

use burgward_types::{Clock, SandboxId, Timestamp};
use tokio::net::unix::pipe::Receiver;

use crate::{FunctionConfig, Host};

/// A longer line is cut into several (CloudWatch Logs takes events of up to 256 KB).
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>
const LINE_BYTES: usize = 256 * 1024;
/// What a sandbox may print at once ...
const BURST_BYTES: i64 = 1024 * 1024;
/// ... and what it may print per millisecond in the long run.
const BYTES_PER_MS: i64 = 256;
/// Each line costs so much on top, so that empty ones are not free.
const LINE_COST: i64 = 64;
/// What `Invoke` with `LogType: Tail` answers.
const TAIL_BYTES: usize = 4096;
const CHUNK_BYTES: usize = 8 * 1024;
/// Read at most so many chunks in one go, so that a flood from one sandbox delays no other.
const CHUNKS_AT_ONCE: usize = 32;

/// Where a sandbox's lines go.
pub(crate) struct Sink {
    pub(crate) host: Arc<dyn Host>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) function: Arc<FunctionConfig>,
    pub(crate) sandbox: SandboxId,
    pub(crate) stream: String,
}

/// The two pipes of a sandbox and what was read from them.
pub(crate) struct Logs {
    sink: Sink,
    stdout: Receiver,
    stderr: Receiver,
    state: Mutex<State>,
}

struct State {
    lines: [Vec<u8>; 2],
    budget: i64,
    refilled: Timestamp,
    dropped: Dropped,
    tail: Vec<u8>,
}

#[derive(Default)]
struct Dropped {
    lines: u64,
    bytes: u64,
}

#[derive(Clone, Copy)]
enum Pipe {
    Stdout,
    Stderr,
}

impl Logs {
    /// Takes the reading ends over.
    pub(crate) fn new(sink: Sink, stdout: OwnedFd, stderr: OwnedFd) -> std::io::Result<Self> {
        let refilled = sink.clock.now();
        let state = State {
            lines: [Vec::new(), Vec::new()],
            budget: BURST_BYTES,
            refilled,
            dropped: Dropped::default(),
            tail: Vec::new(),
        };
        let (stdout, stderr) = (Receiver::from_owned_fd(stdout)?, Receiver::from_owned_fd(stderr)?);
        Ok(Self { sink, stdout, stderr, state: Mutex::new(state) })
    }

    /// The name of the runtime that prints here.
    pub(crate) fn runtime_name(&self) -> &'static str {
        self.sink.function.runtime.name()
    }

    /// Reads until both pipes are closed.
    pub(crate) async fn pump(&self) {
        let (mut out_open, mut err_open) = (true, true);
        while out_open || err_open {
            tokio::select! {
                ready = self.stdout.readable(), if out_open => out_open = ready.is_ok() && self.drain(Pipe::Stdout),
                ready = self.stderr.readable(), if err_open => err_open = ready.is_ok() && self.drain(Pipe::Stderr),
            }
            tokio::task::yield_now().await;
        }
    }

    /// Reads what was printed up to now, so that it stands before a line of the platform's own.
    pub(crate) fn catch_up(&self) {
        self.drain(Pipe::Stdout);
        self.drain(Pipe::Stderr);
    }

    /// Writes a line of the platform's own, which no budget holds back.
    pub(crate) fn platform(&self, line: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.tell_of_dropped(&mut state);
        self.write(&mut state, line);
    }

    /// Reads what was printed up to now and writes what stands there without a line break, too: the invocation or the
    /// process has ended.
    pub(crate) fn finish(&self) {
        self.catch_up();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        for pipe in [Pipe::Stdout, Pipe::Stderr] {
            let rest = std::mem::take(state.line(pipe));
            if !rest.is_empty() {
                self.emit(&mut state, &rest);
            }
        }
        self.tell_of_dropped(&mut state);
    }

    /// Forgets the tail: a new invocation begins.
    pub(crate) fn begin_tail(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).tail.clear();
    }

    /// The last lines since [`Logs::begin_tail`].
    pub(crate) fn tail(&self) -> String {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&state.tail).into_owned()
    }

    /// Reads a pipe until it is empty for now; false once it is closed.
    fn drain(&self, pipe: Pipe) -> bool {
        let source = match pipe {
            Pipe::Stdout => &self.stdout,
            Pipe::Stderr => &self.stderr,
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut chunk = [0_u8; CHUNK_BYTES];
        for _ in 0..CHUNKS_AT_ONCE {
            match source.try_read(&mut chunk) {
                Ok(0) => return false,
                Ok(read) => self.take(&mut state, pipe, chunk.get(..read).unwrap_or_default()),
                Err(e) if e.kind() == ErrorKind::WouldBlock => return true,
                Err(_) => return false,
            }
        }
        true
    }

    fn take(&self, state: &mut State, pipe: Pipe, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = LINE_BYTES.saturating_sub(state.line(pipe).len());
            let end = bytes.iter().position(|b| *b == b'\n');
            let (part, rest, whole) = match end {
                Some(at) if at <= room => {
                    let (part, rest) = bytes.split_at(at);
                    (part, rest.get(1..).unwrap_or_default(), true)
                }
                _ => {
                    let (part, rest) = bytes.split_at(room.min(bytes.len()));
                    (part, rest, part.len() == room)
                }
            };
            state.line(pipe).extend_from_slice(part);
            bytes = rest;
            if whole {
                let line = std::mem::take(state.line(pipe));
                self.emit(state, &line);
            }
        }
    }

    fn emit(&self, state: &mut State, line: &[u8]) {
        let now = self.sink.clock.now();
        let elapsed = now.0.saturating_sub(state.refilled.0).max(0);
        state.refilled = now;
        state.budget = state.budget.saturating_add(elapsed.saturating_mul(BYTES_PER_MS)).min(BURST_BYTES);
        let cost = i64::try_from(line.len()).unwrap_or(i64::MAX).saturating_add(LINE_COST);
        if state.budget < cost {
            if state.dropped.lines == 0 {
                self.write(
                    state,
                    "BURGWARD log limit reached: further lines are dropped until the function prints less",
                );
            }
            state.dropped.lines += 1;
            state.dropped.bytes += line.len() as u64;
            return;
        }
        // A single recovered byte must not end a flood: wait until a tenth of the burst is there again.
        if state.dropped.lines > 0 && state.budget < BURST_BYTES / 10 {
            state.dropped.lines += 1;
            state.dropped.bytes += line.len() as u64;
            return;
        }
        self.tell_of_dropped(state);
        state.budget -= cost;
        self.write(state, &String::from_utf8_lossy(line));
    }

    fn tell_of_dropped(&self, state: &mut State) {
        let Dropped { lines, bytes } = std::mem::take(&mut state.dropped);
        if lines > 0 {
            self.write(state, &format!("BURGWARD log limit: {lines} lines ({bytes} bytes) were dropped"));
        }
    }

    fn write(&self, state: &mut State, line: &str) {
        let Sink { host, clock, function, sandbox, stream } = &self.sink;
        host.log(function, *sandbox, stream, clock.now(), line);
        state.tail.extend_from_slice(line.as_bytes());
        state.tail.push(b'\n');
        let excess = state.tail.len().saturating_sub(TAIL_BYTES);
        state.tail.drain(..excess);
    }
}

impl State {
    fn line(&mut self, pipe: Pipe) -> &mut Vec<u8> {
        let [stdout, stderr] = &mut self.lines;
        match pipe {
            Pipe::Stdout => stdout,
            Pipe::Stderr => stderr,
        }
    }
}
