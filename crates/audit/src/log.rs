//! The log, open for appending.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use burgward_types::AuditRecord;
use burgward_vault::{Vault, sync_dir, write_atomically};
use tokio::sync::{oneshot, watch};

use crate::chain::{self, Head, Links, SignedHead};
use crate::read::{Records, SEGMENT_HEADER_LEN, Tail, VerifyReport, segment_name};
use crate::writer::{Job, Writer};
use crate::{AuditError, Recorder, parts};

/// When records go to the disk.
#[derive(Clone, Debug)]
pub struct Options {
    /// At the latest after this time everything written is on the disk and covered by a signed head.
    pub sync_every: Duration,
    /// Records of requests that change something are on the disk before they are acknowledged.
    pub sync_writes: bool,
    /// A segment is closed when it has this many bytes.
    pub segment_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { sync_every: Duration::from_millis(100), sync_writes: true, segment_bytes: 64 << 20 }
    }
}

/// The log, open for appending. Cheap to clone; when the last clone is dropped, the log is synced and its head signed.
#[derive(Clone)]
pub struct AuditLog {
    inner: Arc<Inner>,
}

struct Inner {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    published: Arc<Mutex<Head>>,
    signed_with: Vault,
    sync_writes: bool,
    recovered: Option<Recovered>,
    trouble: watch::Receiver<Option<String>>,
    /// Held for as long as the log is open.
    _lock: File,
}

/// A torn end that was cut off when the log was opened, and kept beside it as evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// How many bytes were cut off. None of them had been acknowledged.
    pub bytes: u64,
    /// The file that holds them.
    pub kept_as: std::path::PathBuf,
}

impl std::fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuditLog").field("head", &self.head().to_string()).finish_non_exhaustive()
    }
}

impl AuditLog {
    /// Opens the log, verifies all of it and takes up its end; makes it if there is none.
    pub fn open(dir: &Path, vault: &Vault, options: Options) -> Result<Self, AuditError> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(dir).map_err(AuditError::io("create", dir))?;
        dir.parent().map_or(Ok(()), sync_dir).map_err(AuditError::io("sync the directory of", dir))?;
        let lock = lock(dir)?;
        let (report, tail) = Records::open(dir, vault, None)?.finish()?;
        let recovered = recover(dir, &tail)?;
        let signer = vault.signer("audit-head")?;
        if report.head == Head::EMPTY {
            chain::write_head(dir, &report.head, &signer)?;
        }
        let (file, path, len) = take_up(dir, &report.head, &tail)?;
        let published = Arc::new(Mutex::new(report.head));
        let sync_writes = options.sync_writes;
        let writer = Writer {
            dir: dir.to_owned(),
            options,
            links: Links::of(vault)?,
            signer,
            file,
            path,
            len,
            head: report.head,
            published: Arc::clone(&published),
            // What was written and not yet covered by a signed head when the log's last writer died.
            unsynced_since: (report.head.records != report.signed_records).then(Instant::now),
            stopped: None,
            trouble: watch::Sender::new(None),
        };
        let trouble = writer.trouble.subscribe();
        let (jobs, incoming) = channel();
        let thread = std::thread::Builder::new().name("audit".into()).spawn(move || writer.run(&incoming));
        let thread = Some(thread.map_err(AuditError::io("start the writer of", dir))?);
        let inner = Inner {
            jobs: Some(jobs),
            thread,
            published,
            signed_with: vault.clone(),
            sync_writes,
            recovered,
            trouble,
            _lock: lock,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The chain's end, up to the last record that was acknowledged.
    #[must_use]
    pub fn head(&self) -> Head {
        *self.inner.published.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The chain's end with its signature, to be kept elsewhere.
    pub fn signed_head(&self) -> Result<SignedHead, AuditError> {
        Ok(SignedHead::sign(&self.head(), &self.inner.signed_with.signer("audit-head")?))
    }

    /// What was cut off when the log was opened; the operator should hear of it.
    #[must_use]
    pub fn recovered(&self) -> Option<&Recovered> {
        self.inner.recovered.as_ref()
    }

    /// Why records cannot be written, as long as they cannot; every call is refused then, and a person should hear of it.
    #[must_use]
    pub fn trouble(&self) -> watch::Receiver<Option<String>> {
        self.inner.trouble.clone()
    }

    /// Verifies the whole log: every record, the chain, the signed head, and that `expect_head` (as printed) is part of it.
    ///
    /// Somebody who can write the disk but has no key can neither alter nor reorder nor drop a record that a signed head
    /// covers. Putting back an older log together with its older signed head is seen by `expect_head` alone.
    pub fn verify(dir: &Path, vault: &Vault, expect_head: Option<&str>) -> Result<VerifyReport, AuditError> {
        let expect = expect_head.map(Head::parse).transpose()?;
        Records::open(dir, vault, expect)?.finish().map(|(report, _)| report)
    }

    /// The records, oldest first, each verified; the iteration ends with the first error.
    pub fn read(dir: &Path, vault: &Vault) -> Result<Records, AuditError> {
        Records::open(dir, vault, None)
    }
}

impl AuditLog {
    /// A record that is too long is written in parts; its size is never a reason not to keep it.
    async fn write(&self, record: AuditRecord, durable: bool) -> Result<(), AuditError> {
        let stopped = || AuditError::Stopped("its writer is gone".into());
        let mut answers = Vec::with_capacity(1);
        for plaintext in parts::of(record)? {
            let (done, answer) = oneshot::channel();
            let jobs = self.inner.jobs.as_ref().ok_or_else(stopped)?;
            jobs.send(Job { plaintext, durable, done }).map_err(|_| stopped())?;
            answers.push(answer);
        }
        for answer in answers {
            answer.await.map_err(|_| stopped())??;
        }
        Ok(())
    }
}

#[async_trait]
impl Recorder for AuditLog {
    async fn record(&self, record: AuditRecord) -> Result<(), AuditError> {
        let durable = self.inner.sync_writes && !record.read_only;
        self.write(record, durable).await
    }

    async fn announce(&self, record: AuditRecord) -> Result<(), AuditError> {
        #[cfg(feature = "test-without-layers")]
        if self.inner.signed_with.without().lacks(burgward_types::HouseLayer::AuditIntent) {
            return Ok(());
        }
        self.write(record, false).await
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn lock(dir: &Path) -> Result<File, AuditError> {
    let path = dir.join("lock");
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = file.map_err(AuditError::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(AuditError::InUse(dir.to_owned())),
        Err(std::fs::TryLockError::Error(error)) => Err(AuditError::io("lock", &path)(error)),
    }
}

/// Cuts a torn end off, after keeping it as evidence.
fn recover(dir: &Path, tail: &Tail) -> Result<Option<Recovered>, AuditError> {
    let (Some(path), true) = (&tail.path, tail.torn > 0) else { return Ok(None) };
    let io = AuditError::io("recover", path);
    let bytes = std::fs::read(path).map_err(&io)?;
    let start = usize::try_from(tail.whole).unwrap_or(usize::MAX);
    let torn = bytes.get(start..).unwrap_or_default();
    let mut kept_as = path.as_os_str().to_owned();
    kept_as.push(format!(".torn-{}", tail.whole));
    let kept_as = std::path::PathBuf::from(kept_as);
    write_atomically(&kept_as, torn).map_err(AuditError::io("write", &kept_as))?;
    let file = OpenOptions::new().write(true).open(path).map_err(&io)?;
    file.set_len(tail.whole).and_then(|()| file.sync_all()).and_then(|()| sync_dir(dir)).map_err(&io)?;
    Ok(Some(Recovered { bytes: tail.torn, kept_as }))
}

/// The segment to go on with, its name, and its length. A segment without a whole header is made anew.
fn take_up(dir: &Path, head: &Head, tail: &Tail) -> Result<(Option<File>, std::path::PathBuf, u64), AuditError> {
    match &tail.path {
        Some(path) if tail.whole >= SEGMENT_HEADER_LEN => {
            let file = OpenOptions::new().append(true).open(path).map_err(AuditError::io("open", path))?;
            Ok((Some(file), path.clone(), tail.whole))
        }
        _ => Ok((None, dir.join(segment_name(head.records)), SEGMENT_HEADER_LEN)),
    }
}
