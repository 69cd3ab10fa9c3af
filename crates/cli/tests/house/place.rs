//! A home of its own for each test, the command in it, and apps that run until the test ends.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// The binary under test.
pub(crate) const BURGWARD: &str = env!("CARGO_BIN_EXE_burgward");

/// The checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_owned()
}

/// The Python that has the SDKs.
pub(crate) fn python() -> PathBuf {
    let given = std::env::var_os("BURGWARD_TEST_PYTHON").map(PathBuf::from);
    let python = given.unwrap_or_else(|| target().join("test-venv/bin/python"));
    assert!(python.exists(), "`{}` does not exist\n  hint: run `cargo xtask setup`", python.display());
    python
}

/// Says that a test tried nothing. Straight to the terminal: the harness shows no output of a test that passes.
pub(crate) fn skipped(test: &str, why: &str) {
    std::io::stderr().write_all(format!("\nSKIPPED {test}: {why}\n").as_bytes()).unwrap();
}

/// One of the project's own apps.
pub(crate) fn app(name: &str) -> PathBuf {
    root().join("tests/apps").join(name)
}

/// The example app: the only folder of `examples/`, whose name stands nowhere in the code.
pub(crate) fn example() -> PathBuf {
    let mut folders: Vec<_> = std::fs::read_dir(root().join("examples")).unwrap().map(|e| e.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    assert_eq!(folders.len(), 1, "{folders:?}");
    folders.remove(0)
}

/// Home, data and sockets of one test.
pub(crate) struct Place {
    dir: TempDir,
    /// Further variables of every command.
    pub(crate) env: Vec<(String, String)>,
    /// What runs the command: nothing, or a program and its arguments.
    pub(crate) wrapper: Vec<String>,
}

impl Place {
    pub(crate) fn new() -> Self {
        // Short, since the path of a socket has to fit into 107 bytes.
        let dir = tempfile::Builder::new().prefix("bw-").tempdir_in("/tmp").unwrap();
        std::fs::create_dir(dir.path().join("run")).unwrap();
        std::fs::create_dir(dir.path().join("home")).unwrap();
        Self { dir, env: Vec::new(), wrapper: Vec::new() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// A folder with a template, and further files.
    pub(crate) fn write_app(&self, files: &[(&str, &str)]) -> PathBuf {
        let folder = self.path("app");
        for (name, text) in files {
            let file = folder.join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        folder
    }

    /// `burgward ARGS`, in this place.
    pub(crate) fn command<S: AsRef<std::ffi::OsStr>>(&self, args: &[S]) -> Command {
        let mut words = self.wrapper.iter().map(String::as_str).chain([BURGWARD]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words).args(args).stdin(Stdio::null());
        command.env("HOME", self.path("home")).env("XDG_RUNTIME_DIR", self.path("run"));
        command.env("XDG_CACHE_HOME", target().join("test-cache"));
        for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "BURGWARD_PASSPHRASE_FILE", "CREDENTIALS_DIRECTORY"] {
            command.env_remove(name);
        }
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the command to its end.
    pub(crate) fn run<S: AsRef<std::ffi::OsStr>>(&self, args: &[S]) -> Ended {
        Ended::of(&self.command(args).output().unwrap(), self.dir.path())
    }

    /// `burgward VERB PATH` with this place's data folder.
    pub(crate) fn with_data(&self, words: &[&str], app: &Path, more: &[&str]) -> Ended {
        self.run(&self.words(words, app, more))
    }

    fn words(&self, words: &[&str], app: &Path, more: &[&str]) -> Vec<String> {
        let mut all: Vec<String> = words.iter().map(ToString::to_string).collect();
        all.extend([app.to_string_lossy().into_owned(), "--data".into(), self.data().to_string_lossy().into_owned()]);
        all.extend(more.iter().map(ToString::to_string));
        all
    }

    /// `burgward up` that is expected to refuse.
    pub(crate) fn refused(&self, app: &Path, more: &[&str]) -> Ended {
        let mut args = vec!["--listen", "127.0.0.1:0"];
        if more.contains(&"--listen") {
            args.clear();
        }
        args.extend(more);
        self.with_data(&["up"], app, &args)
    }

    /// Starts an app and waits until it serves.
    pub(crate) fn up(&self, app: &Path, more: &[&str]) -> Up {
        // The first one installs the SDK into the cache that all share; one at a time is enough.
        static INSTALLED: Mutex<bool> = Mutex::new(false);
        let mut installed = INSTALLED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if *installed {
            drop(installed);
            return self.started(app, more);
        }
        let up = self.started(app, more);
        *installed = true;
        up
    }

    fn started(&self, app: &Path, more: &[&str]) -> Up {
        let ready = self.path("ready.json");
        drop(std::fs::remove_file(&ready));
        let ready_text = ready.to_string_lossy().into_owned();
        let mut args = vec!["--ready-file", ready_text.as_str(), "--listen", "127.0.0.1:0"];
        args.extend(more);
        let log = self.path("up.log");
        let file = File::options().create(true).append(true).open(&log).unwrap();
        let mut command = self.command(&self.words(&["up"], app, &args));
        let child = command.stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
        let mut up = Up { child, log, ready_file: ready, ready: Value::Null };
        while !up.ready_file.exists() {
            if let Some(status) = up.child.try_wait().unwrap() {
                panic!("`burgward up {}` ended with {status}", app.display());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        up.ready = serde_json::from_slice(&std::fs::read(&up.ready_file).unwrap()).unwrap();
        up
    }

    /// The variables that `burgward credentials` prints.
    pub(crate) fn credentials(&self, app: &Path, more: &[&str]) -> Vec<(String, String)> {
        let printed = self.with_data(&["credentials"], app, more);
        assert_eq!(printed.status, Some(0), "{}", printed.stderr);
        variables(&printed.stdout.replace("[DIR]", &self.dir.path().to_string_lossy()))
    }

    /// The records of the audit log, without those that only announce what is about to happen.
    pub(crate) fn records(&self, app: &Path) -> Vec<Value> {
        let shown = self.with_data(&["audit", "show"], app, &[]);
        assert_eq!(shown.status, Some(0), "{}", shown.stderr);
        let records = shown.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        records.filter(|record| record["additionalEventData"]["detail"]["phase"] != "intent").collect()
    }
}

/// The values of `export NAME='VALUE'` lines.
pub(crate) fn variables(text: &str) -> Vec<(String, String)> {
    let pair = |line: &str| {
        let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
        (name.to_owned(), value.trim_matches('\'').to_owned())
    };
    text.lines().map(pair).collect()
}

/// A command that ended; the test's folder stands as `[DIR]` in its output.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    fn of(output: &Output, dir: &Path) -> Self {
        let text = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).replace(&*dir.to_string_lossy(), "[DIR]");
            text.replace(&*root().to_string_lossy(), "[ROOT]")
        };
        Self { status: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// Status and what was said, for exact comparison.
    pub(crate) fn said(&self) -> (Option<i32>, &str) {
        (self.status, self.stderr.trim_end())
    }
}

/// A running app, stopped when dropped.
pub(crate) struct Up {
    child: Child,
    log: PathBuf,
    pub(crate) ready_file: PathBuf,
    pub(crate) ready: Value,
}

impl Up {
    pub(crate) fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// A Python program of the test's, which finds the app through `BURGWARD_READY_FILE`.
    pub(crate) fn python<S: AsRef<std::ffi::OsStr>>(&self, args: &[S], env: &[(String, String)]) -> Command {
        let mut command = Command::new(python());
        command.args(args).env_clear().env("PATH", "/usr/bin:/bin").env("HOME", self.log.parent().unwrap());
        command.env("BURGWARD_READY_FILE", &self.ready_file).env("PYTHONPATH", root().join("tests/apps"));
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("AWS_EC2_METADATA_DISABLED", "true");
        command.envs(env.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
        command
    }

    /// Runs a program of `tests/clients` to its end and gives what it printed.
    pub(crate) fn client(&self, name: &str, env: &[(String, String)]) -> String {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name);
        succeed(&mut self.python(&[program], env))
    }

    /// Stops it as a service manager would.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.terminate()
    }

    /// Ends it without any chance to tidy up.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn terminate(&mut self) -> ExitStatus {
        if let Some(status) = self.child.try_wait().unwrap() {
            return status;
        }
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        self.child.wait().unwrap()
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        self.terminate();
        if std::thread::panicking() {
            eprintln!("--- what `burgward up` said ---\n{}", self.log());
        }
    }
}

/// Runs a program that must end well, and gives its standard output.
pub(crate) fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
    text
}
