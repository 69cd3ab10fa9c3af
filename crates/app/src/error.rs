//! Why an app does not start.

use std::path::PathBuf;

use burgward_deploy::DeployError;
use burgward_deploy::package::PackageError;
use burgward_template::{Diagnostic, RefusedKind};
use thiserror::Error;

/// Why an app does not start.
#[derive(Debug, Error)]
pub enum AppError {
    /// A file of ours or of the user's could not be used.
    #[error("`{path}`: {source}\n  hint: {hint}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
        /// What to do.
        hint: &'static str,
    },
    /// No template where one was looked for.
    #[error("`{0}` holds no template\n  hint: give the path of a template.yaml, or of the folder that holds one")]
    NoTemplate(PathBuf),
    /// A kind of template that is not read.
    #[error("`{path}` is not read: {reason}\n  hint: {hint}")]
    UnreadTemplate {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// The template is refused; the diagnostics are printed apart.
    #[error("the template is refused: {0}\n  hint: `burgward plan` lists them")]
    Refused(String),
    /// Functions that cannot be run as they are written, each with its line and hint.
    #[error("{0}")]
    Unfit(String),
    /// What opens something is for this machine alone.
    #[error(
        "`{flag}` cannot be used: it relaxes a control, and `--listen {listen}` is reachable from other machines\n  hint: \
         listen on a loopback address"
    )]
    Exposed {
        /// The flag that opens.
        flag: &'static str,
        /// The address.
        listen: String,
    },
    /// `burgward.toml` cannot be used.
    #[error("`{path}`: {message}\n  hint: unknown keys are refused, so that no setting is lost by a typing error")]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A command-line value that does not fit.
    #[error("`{value}` cannot be used for `{flag}`: {reason}\n  hint: {hint}")]
    Usage {
        /// The flag.
        flag: &'static str,
        /// What was given.
        value: String,
        /// Why not.
        reason: String,
        /// What to do.
        hint: &'static str,
    },
    /// The address is taken.
    #[error(
        "`{address}` cannot be listened on: {source}\n  hint: another program may use the port; choose one with `--listen`"
    )]
    Listen {
        /// The address.
        address: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another `up` works on the same data.
    #[error(
        "`{0}` is in use by another `burgward up`\n  hint: stop it, or give this one a folder of its own with `--data`"
    )]
    Locked(PathBuf),
    /// No running app to talk to.
    #[error(
        "no running app uses `{0}`\n  hint: start it with `burgward up`, and give both commands the same PATH or `--data`"
    )]
    NotRunning(PathBuf),
    /// A layer of the sandbox is missing.
    #[error("{0}")]
    Sandbox(#[from] burgward_sandbox::SandboxError),
    /// A layer that the machine claims to have did not hold when it was tried.
    #[error(
        "isolation is not in force: {0}\n  hint: `burgward selftest` shows every layer; `--allow-unenforced ID` goes on \
         without one"
    )]
    Unenforced(String),
    /// A package could not be built.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// A resource could not be deployed.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// What the user gave a part is refused by it.
    #[error("{part}: {message}")]
    Refusal {
        /// The part.
        part: &'static str,
        /// What it says.
        message: String,
    },
    /// A part could not be built.
    #[error("{part}: {message}")]
    Part {
        /// The part.
        part: &'static str,
        /// What it says.
        message: String,
    },
}

impl AppError {
    pub(crate) fn io(path: impl Into<PathBuf>, hint: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source, hint }
    }

    pub(crate) fn part<E: std::fmt::Display>(part: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::Part { part, message: error.to_string() }
    }

    pub(crate) fn refusal<E: std::fmt::Display>(part: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::Refusal { part, message: error.to_string() }
    }

    /// Counts what a template is refused for: what is no template of AWS's, and what would not be enforced.
    pub(crate) fn refused(diagnostics: &[Diagnostic]) -> Self {
        let faults = diagnostics.iter().filter(|diagnostic| diagnostic.kind == RefusedKind::Syntax).count();
        let others = diagnostics.len() - faults;
        let broken = format!("it has {faults} {}", if faults == 1 { "fault" } else { "faults" });
        let unenforced = format!("{others} of its properties or resources cannot be enforced as written");
        Self::Refused(match (faults, others) {
            (0, _) => unenforced,
            (_, 0) => broken,
            _ => format!("{broken}, and {unenforced}"),
        })
    }

    /// True if the user's input is at fault, not the machine.
    #[must_use]
    pub fn is_internal(&self) -> bool {
        matches!(self, Self::Part { .. })
    }
}
