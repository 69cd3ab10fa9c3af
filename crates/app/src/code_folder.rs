//! Where code is unpacked: in memory, so that packages at rest stay encrypted.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use crate::paths::short_hash;
use crate::{AppError, Paths};

/// A folder in memory, removed when dropped.
#[derive(Debug)]
pub(crate) struct CodeFolder(PathBuf);

impl CodeFolder {
    /// Makes the folder of this data folder, whose lock the caller holds; one that a killed `up` left is removed.
    pub(crate) fn make(paths: &Paths) -> Result<Self, AppError> {
        let hint = "code is unpacked into memory here";
        let path = Path::new("/dev/shm").join(format!("burgward-{}", short_hash(&paths.data)));
        match std::fs::remove_dir_all(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(AppError::io(&path, hint)(error)),
            _ => {}
        }
        // Fails if somebody else made it in between: in `/dev/shm` anybody can.
        std::fs::DirBuilder::new().mode(0o700).create(&path).map_err(AppError::io(&path, hint))?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for CodeFolder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
