//! What the tests of this crate share: a real spawner and programs of this machine to run in it.
#![allow(dead_code, reason = "each test program uses its own part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "clippy knows test functions, but not what only they call")]

use std::io::Read;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use burgward_sandbox::{Bind, Exit, Sandbox, SandboxSpec, Spawner, SpawnerOptions};

pub(crate) const SPAWNER: &str = env!("CARGO_BIN_EXE_burgward-spawner");

pub(crate) fn options() -> SpawnerOptions {
    SpawnerOptions { exe: PathBuf::from(SPAWNER), ..SpawnerOptions::default() }
}

pub(crate) fn spawner() -> Spawner {
    Spawner::start(options()).unwrap_or_else(|e| panic!("{e}"))
}

/// A small sandbox that sees the system's programs and libraries.
pub(crate) fn spec(argv: &[&str]) -> SandboxSpec {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    SandboxSpec {
        id: NEXT.fetch_add(1, Ordering::Relaxed),
        label: "test".into(),
        argv: argv.iter().map(|a| (*a).to_owned()).collect(),
        env: vec![("PATH".into(), "/usr/bin:/bin".into()), ("LANG".into(), "C.UTF-8".into())],
        cwd: "/tmp".into(),
        binds: ["/usr", "/bin", "/lib", "/lib64"].into_iter().filter(|p| Path::new(p).exists()).map(bind).collect(),
        files: Vec::new(),
        tmp_bytes: 16 << 20,
        memory_bytes: 128 << 20,
        cpu_millis: 1000,
        pids_max: 32,
        nofile: 64,
        listen: Vec::new(),
    }
}

pub(crate) fn bind(path: &str) -> Bind {
    Bind { source: path.into(), target: path.into() }
}

pub(crate) fn shell(script: &str) -> SandboxSpec {
    spec(&["/bin/sh", "-c", script])
}

/// This machine's Python, with its tree bound; `None` where there is none.
pub(crate) fn python(code: &str) -> Option<SandboxSpec> {
    let facts = "import sys; print(sys.base_prefix); print(getattr(sys, '_base_executable', sys.executable))";
    let output = Command::new("python3").args(["-I", "-c", facts]).output().ok().filter(|o| o.status.success())?;
    let output = String::from_utf8(output.stdout).ok()?;
    let mut lines = output.lines();
    let (prefix, executable) = (lines.next()?, lines.next()?);
    let mut spec = spec(&[executable, "-I", "-c", code]);
    if !prefix.starts_with("/usr") {
        spec.binds.push(bind(prefix));
    }
    spec.memory_bytes = 256 << 20;
    Some(spec)
}

pub(crate) struct Outcome {
    pub(crate) exit: Exit,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Waits for the end of a sandbox and gathers what it said.
pub(crate) fn finish(sandbox: &Sandbox) -> Outcome {
    let read = |fd: std::os::fd::OwnedFd| {
        let mut bytes = Vec::new();
        std::fs::File::from(fd).read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let stderr = sandbox.stderr.try_clone().unwrap();
    let stderr = std::thread::spawn(move || read(stderr));
    let stdout = read(sandbox.stdout.try_clone().unwrap());
    let stderr = stderr.join().unwrap();
    Outcome { exit: wait(sandbox), stdout, stderr }
}

pub(crate) fn wait(sandbox: &Sandbox) -> Exit {
    loop {
        if let Some(exit) = sandbox.try_wait() {
            return exit;
        }
        let mut fds = [rustix::event::PollFd::from_borrowed_fd(sandbox.wait_fd(), rustix::event::PollFlags::IN)];
        rustix::event::poll(&mut fds, None).ok();
    }
}

pub(crate) fn run(spawner: &Spawner, spec: &SandboxSpec) -> Outcome {
    finish(&spawner.spawn(spec).unwrap_or_else(|e| panic!("{e}")))
}

/// Lets others read a tree, as the platform does with unpacked packages.
pub(crate) fn readable(tree: &Path) {
    assert!(Command::new("chmod").arg("-R").arg("a+rX").arg(tree).status().unwrap().success());
}
