//! What can go wrong with keys and sealed data.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a key could not be had or sealed data could not be opened.
#[derive(Debug, Error)]
pub enum VaultError {
    /// The file system refused.
    #[error("cannot {doing} `{path}`: {source}\n  hint: check that the path exists, is writable and has free space")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The root key file does not exist and was not to be created.
    #[error("the root key file `{path}` does not exist\n  hint: {hint}")]
    Missing {
        /// The file.
        path: PathBuf,
        /// The next step.
        hint: &'static str,
    },
    /// The root key file can be read or replaced by others.
    #[error("the root key file `{path}` {problem}\n  hint: {hint}")]
    Unsafe {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// The next step.
        hint: String,
    },
    /// The root key is no key.
    #[error("`{path}` holds no root key: expected {expected}\n  hint: make one with `openssl rand -hex 32`")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What was expected.
        expected: &'static str,
    },
    /// An empty or very short passphrase.
    #[error("the passphrase has {0} characters, which is too few\n  hint: use at least 12 characters")]
    ShortPassphrase(usize),
    /// The data directory was made with another root key.
    #[error(
        "the root key from {source_name} is not the one that `{data_dir}` was made with\n  hint: give the right key, or \
         another data directory"
    )]
    WrongRootKey {
        /// Where the key came from.
        source_name: String,
        /// The data directory.
        data_dir: PathBuf,
    },
    /// A file of the vault's own cannot be understood.
    #[error("`{path}` is damaged\n  hint: restore it from a backup; without it the data cannot be opened")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// Sealed data was altered, moved, or sealed under another key.
    #[error(
        "sealed data does not open: it was altered or belongs to another place or key\n  hint: restore it from a backup"
    )]
    NotAuthentic,
    /// The cryptographic library refused; this does not happen with valid sizes.
    #[error("a cryptographic operation failed\n  hint: the machine may be out of memory")]
    Crypto,
}

impl VaultError {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }
}

impl From<aws_lc_rs::error::Unspecified> for VaultError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Crypto
    }
}
