//! An `up` of our own: the same program, started as a user would, and stopped when dropped.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use burgward_app::{Paths, find_template};
use burgward_types::RequestId;

use super::Failure;

/// The first start of an app may have to fetch its packages.
const START: Duration = Duration::from_mins(5);
const STOP: Duration = Duration::from_secs(15);
const STEP: Duration = Duration::from_millis(50);

/// What is started.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start<'a> {
    /// The app.
    pub(super) path: &'a Path,
    /// Values of template parameters.
    pub(super) parameters: &'a [(String, String)],
    /// Runtimes that stand for others.
    pub(super) runtime_substitutes: &'a [(String, String)],
    /// With `--observe`.
    pub(super) observe: bool,
    /// Whether its words are shown; otherwise they are kept beside its state.
    pub(super) loud: bool,
}

impl<'a> Start<'a> {
    pub(super) fn new(path: &'a Path) -> Self {
        Self { path, parameters: &[], runtime_substitutes: &[], observe: false, loud: true }
    }

    fn command(&self, data: &Path, ready: &Path) -> Result<Command, Failure> {
        let mut command = Command::new(std::env::current_exe().map_err(Failure::internal)?);
        command.arg("up").arg(self.path).arg("--data").arg(data);
        command.args(["--listen", "127.0.0.1:0"]).arg("--ready-file").arg(ready);
        for (name, value) in self.parameters {
            command.arg("--parameter").arg(format!("{name}={value}"));
        }
        for (from, to) in self.runtime_substitutes {
            command.arg("--runtime-substitute").arg(format!("{from}={to}"));
        }
        command.args(self.observe.then_some("--observe"));
        command.stdin(Stdio::null()).stdout(Stdio::null());
        if !self.loud {
            let log = std::fs::File::create(log_of(data)).map_err(|error| Failure::unusable(error.to_string()))?;
            command.stderr(log);
        }
        Ok(command)
    }
}

/// Where the words of a quiet one are kept.
fn log_of(data: &Path) -> PathBuf {
    data.with_extension("log")
}

/// A running app, stopped when dropped.
pub(super) struct Started {
    child: Child,
    pub(super) paths: Paths,
}

impl Started {
    /// Starts an app with its state in a folder, whose parent must exist, and waits until it serves.
    pub(super) fn new(start: &Start<'_>, data: &Path) -> Result<Self, Failure> {
        let ready = data.with_extension("ready.json");
        let child = start.command(data, &ready)?.spawn().map_err(Failure::internal)?;
        let paths = Paths::new(&find_template(start.path)?, Some(data))?;
        let mut started = Self { child, paths };
        started.wait_for(&ready, &log_of(data), start.loud)?;
        Ok(started)
    }

    fn wait_for(&mut self, ready: &Path, log: &Path, loud: bool) -> Result<(), Failure> {
        let words = || std::fs::read_to_string(log).unwrap_or_default();
        let begun = Instant::now();
        while !ready.exists() {
            if let Ok(Some(status)) = self.child.try_wait() {
                let said = if loud { "\n  hint: see its words above".to_owned() } else { format!("\n{}", words()) };
                return Err(Failure::unusable(format!("the app did not start: {status}{said}")));
            }
            if begun.elapsed() > START {
                return Err(Failure::unusable("the app was not ready in time\n  hint: start it with `burgward up`"));
            }
            std::thread::sleep(STEP);
        }
        Ok(())
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid {
            // A child that has ended by itself is what is wanted.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let begun = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if begun.elapsed() > STOP {
                drop(self.child.kill());
                drop(self.child.wait());
                break;
            }
            std::thread::sleep(STEP);
        }
    }
}

/// A private folder that is thrown away in the end.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new(name: &str) -> Result<Self, Failure> {
        use std::os::unix::fs::DirBuilderExt as _;
        let folder = std::env::temp_dir().join(format!("{name}-{}", RequestId::random()));
        let made = std::fs::DirBuilder::new().mode(0o700).create(&folder);
        made.map_err(|error| Failure::unusable(format!("`{}`: {error}", folder.display())))?;
        Ok(Self(folder))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
