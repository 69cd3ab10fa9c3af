//! What can go wrong with the store.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use thiserror::Error;

/// Why the store did not answer or did not write.
#[derive(Clone, Debug, Error)]
pub enum StoreError {
    /// An expectation of a batch did not hold: somebody else was first.
    #[error("the value was changed by somebody else\n  hint: read it again and repeat")]
    Conflict,
    /// The file cannot be opened with this key.
    #[error(
        "`{0}` does not open with this key, or is damaged\n  hint: check the root key; else restore the file from a backup"
    )]
    WrongKey(PathBuf),
    /// The file was written by a newer version.
    #[error(
        "`{path}` has schema {found}, and this version knows {known}\n  hint: use the version of Burgward that wrote it, or a newer one"
    )]
    Schema {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest known here.
        known: i64,
    },
    /// The disk is full.
    #[error("cannot write `{0}`: the disk is full\n  hint: free some space; nothing that was acknowledged is lost")]
    Full(PathBuf),
    /// SQLite or the file system refused.
    #[error("cannot {doing} `{path}`: {reason}\n  hint: check that the directory is writable and the disk healthy")]
    Engine {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the engine said.
        reason: String,
    },
    /// The writer is gone.
    #[error("the store is closed\n  hint: it is shutting down, or its writer failed; see the log")]
    Closed,
}

impl StoreError {
    pub(crate) fn sql(doing: &'static str, path: &Path) -> impl Fn(rusqlite::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::WrongKey(path.clone()),
            Some(ErrorCode::DiskFull) => Self::Full(path.clone()),
            _ => Self::Engine { doing, path: path.clone(), reason: error.to_string() },
        }
    }

    pub(crate) fn io(doing: &'static str, path: &Path) -> impl Fn(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| Self::Engine { doing, path: path.clone(), reason: error.to_string() }
    }
}
