//! What can go wrong with the audit log.

use std::path::{Path, PathBuf};

use burgward_vault::VaultError;
use thiserror::Error;

/// Why a record was not written or the log is not whole.
#[derive(Clone, Debug, Error)]
pub enum AuditError {
    /// The file system refused.
    #[error("cannot {doing} `{path}`: {reason}\n  hint: check that the directory is writable and has free space")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// An earlier write failed, so that no record can be promised any more.
    #[error("the audit log stopped: {0}")]
    Stopped(String),
    /// The log was altered.
    #[error(
        "the audit log is not whole: {what} (segment `{segment}`, record {sequence})\n  hint: keep a copy of the directory as evidence; compare with a head that was printed earlier"
    )]
    Tampered {
        /// What is wrong.
        what: &'static str,
        /// The segment's file name.
        segment: String,
        /// The record's number.
        sequence: u64,
    },
    /// The log is whole, but does not hold the head that was expected.
    #[error(
        "the audit log does not hold the expected head `{expected}`: it has {records} records and its head is `{head}`\n  hint: records were cut off or the log was replaced"
    )]
    HeadMissing {
        /// The head asked for.
        expected: String,
        /// The head found.
        head: String,
        /// How many records there are.
        records: u64,
    },
    /// The text is no head.
    #[error("`{0}` is no head of an audit log\n  hint: a head is printed as `RECORDS:HASH`")]
    NoHead(String),
    /// The signed head is missing or its signature does not hold.
    #[error(
        "the audit log's signed head is missing, altered or signed with another key\n  hint: keep a copy of the directory as evidence; verify with `--expect-head` and a head printed earlier"
    )]
    HeadForged,
    /// Another process writes the log.
    #[error("the audit log in `{0}` is in use by another process\n  hint: stop it, or use another data directory")]
    InUse(PathBuf),
    /// The keys did not fit.
    #[error("{0}")]
    Vault(String),
    /// A record is too large.
    #[error(
        "the audit record has {0} bytes, which is more than a record may have\n  hint: the request carried too much detail"
    )]
    TooLarge(usize),
}

impl AuditError {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl Fn(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| Self::Io { doing, path: path.clone(), reason: error.to_string() }
    }
}

impl From<VaultError> for AuditError {
    fn from(error: VaultError) -> Self {
        Self::Vault(error.to_string())
    }
}
