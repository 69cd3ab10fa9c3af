//! What a disk still has after a power cut.
//!
//! After `kill -9` the kernel has everything that was written; after a power cut only what was synced is sure. A process
//! runs with a library in front of the C library that keeps what each `fsync` and `fdatasync` covers. Afterwards that alone
//! is laid out again: the worst that a power cut may leave. What was acknowledged must be found in it.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A data directory, and what of it is on the disk for sure.
#[derive(Debug)]
pub struct PowerCut {
    dir: tempfile::TempDir,
}

impl Default for PowerCut {
    fn default() -> Self {
        Self::new()
    }
}

impl PowerCut {
    /// A directory, empty, which is on the disk itself.
    #[must_use]
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["live/data", "kept/inodes", "kept/pins", "kept/dirs"] {
            std::fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        std::fs::write(dir.path().join("power_cut.c"), include_str!("power_cut.c")).unwrap();
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o", "power_cut.so", "power_cut.c", "-ldl", "-pthread"])
            .current_dir(dir.path())
            .status();
        assert!(built.unwrap().success(), "the library that watches syncs could not be built");
        Self { dir }
    }

    /// Where the process that will be cut off keeps its key and, in a folder `data`, its data.
    #[must_use]
    pub fn live(&self) -> PathBuf {
        self.dir.path().join("live")
    }

    /// Says that everything that is there now is on the disk.
    fn settle(&self) {
        let kept = self.dir.path().join("kept");
        let mut dirs = vec![self.live()];
        while let Some(dir) = dirs.pop() {
            let mut listed = String::new();
            for entry in std::fs::read_dir(&dir).unwrap().map(Result::unwrap) {
                let (path, inode) = (entry.path(), entry.metadata().unwrap().ino());
                let is_dir = entry.file_type().unwrap().is_dir();
                let kind = if is_dir { 'd' } else { 'f' };
                writeln!(listed, "{kind} {inode} {}", entry.file_name().to_str().unwrap()).unwrap();
                if is_dir {
                    dirs.push(path);
                } else {
                    std::fs::copy(&path, kept.join(format!("inodes/{inode}"))).unwrap();
                    std::fs::hard_link(&path, kept.join(format!("pins/{inode}"))).unwrap();
                }
            }
            let inode = std::fs::metadata(&dir).unwrap().ino();
            std::fs::write(kept.join(format!("dirs/{inode}")), listed).unwrap();
        }
    }

    /// Runs a test of this very test program until it has printed so many lines that begin with `acknowledged `, and
    /// ends it there. Gives the rest of those lines. What is there already is on the disk.
    #[must_use]
    pub fn run(&self, test: &str, dir_variable: &str, acknowledgements: usize) -> Vec<String> {
        self.settle();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([test, "--exact", "--nocapture", "--test-threads=1"]).stdout(Stdio::piped());
        command.env(dir_variable, self.live()).env("POWER_CUT_KEPT", self.dir.path().join("kept"));
        let mut process = command.env("LD_PRELOAD", self.dir.path().join("power_cut.so")).spawn().unwrap();
        let mut acknowledged = Vec::new();
        // Kept until the process is dead: one that cannot print any more would end in good order.
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        while let Some(Ok(line)) = lines.next() {
            acknowledged.extend(line.strip_prefix("acknowledged ").map(str::to_owned));
            if acknowledged.len() == acknowledgements {
                break;
            }
        }
        let _ = process.kill();
        process.wait().unwrap();
        assert_eq!(acknowledged.len(), acknowledgements, "the process ended early");
        acknowledged
    }

    /// Lays out what is sure to be there, in a directory of its own.
    #[must_use]
    pub fn after(&self) -> PathBuf {
        let (kept, after) = (self.dir.path().join("kept"), self.dir.path().join("after"));
        let mut dirs = VecDeque::from([(std::fs::metadata(self.live()).unwrap().ino(), after.clone())]);
        while let Some((inode, place)) = dirs.pop_front() {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&place).unwrap();
            // A directory that was never synced has lost its entries.
            let entries = std::fs::read_to_string(kept.join(format!("dirs/{inode}"))).unwrap_or_default();
            for entry in entries.lines() {
                let mut words = entry.splitn(3, ' ');
                let (kind, inode, name) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
                let path = place.join(name);
                match kind {
                    "d" => dirs.push_back((inode.parse().unwrap(), path)),
                    _ => restore(&kept, inode, &path),
                }
            }
        }
        after
    }
}

/// A file that was never synced has lost its content, and may be gone.
fn restore(kept: &Path, inode: &str, path: &Path) {
    let content = kept.join("inodes").join(inode);
    if content.exists() {
        std::fs::copy(content, path).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}
