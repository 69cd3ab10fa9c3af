//! Why a package could not be built.

use std::path::PathBuf;

use thiserror::Error;

/// Why a package could not be built.
#[derive(Debug, Error)]
pub enum PackageError {
    /// A file could not be read or written.
    #[error("`{path}`: {source}\n  hint: check that the path exists and that you may read it")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A link leads out of the function's folder.
    #[error("`{0}` is a link that leads out of the function's folder\n  hint: copy the file into the folder")]
    EscapingLink(PathBuf),
    /// The package is larger than Lambda takes.
    #[error("`{path}` unpacks to more than {limit} bytes\n  hint: Lambda takes at most 250 MB, unzipped")]
    TooLarge {
        /// The function's folder.
        path: PathBuf,
        /// The most bytes.
        limit: u64,
    },
    /// A zip file that cannot be read, or whose names lead out of it.
    #[error("`{path}` is not a usable zip file: {reason}")]
    Archive {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The interpreter of a runtime is not on this machine.
    #[error(
        "runtime `{runtime}` needs `{program}`, which is not on this machine\n  hint: install it, or run with \
         `--runtime-substitute {runtime}=RUNTIME` for one that is here"
    )]
    NoInterpreter {
        /// The runtime's name.
        runtime: String,
        /// The program looked for.
        program: String,
    },
    /// A runtime that Burgward does not run.
    #[error("runtime `{0}` is not supported\n  hint: python3.8 to python3.13 run; others are refused")]
    UnknownRuntime(String),
    /// A line of a requirements file that would bring more than packages from the index.
    #[error("`{path}:{line}`: `{text}` is refused: {reason}\n  hint: name packages of the index, with versions")]
    Requirement {
        /// The requirements file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What stands there.
        text: String,
        /// Why it is refused.
        reason: &'static str,
    },
    /// pip failed.
    #[error(
        "pip could not install the packages of `{what}`:\n{output}\n  hint: packages come from the package index as wheels; \
         check the network, or set PIP_INDEX_URL or PIP_FIND_LINKS"
    )]
    Pip {
        /// What was being built.
        what: String,
        /// The end of pip's output.
        output: String,
    },
}

impl PackageError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        |source| Self::Io { path, source }
    }
}
