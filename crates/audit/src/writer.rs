//! The one thread that appends. It takes all waiting records at once, writes them with one call, syncs them once if any
//! of them asks for it, and answers them all: group commit.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use burgward_vault::{Signer, sync_dir};
use tokio::sync::{oneshot, watch};

use crate::chain::{self, Head, Links};
use crate::read::{MAX_FRAME, SEGMENT_HEADER_LEN, segment_header, segment_name};
use crate::{AuditError, Options};

/// At most this many records share a write, so that nobody waits behind an endless queue.
const GROUP: usize = 1024;

pub(crate) struct Job {
    pub(crate) plaintext: Vec<u8>,
    pub(crate) durable: bool,
    pub(crate) done: oneshot::Sender<Result<(), AuditError>>,
}

pub(crate) struct Writer {
    pub(crate) dir: PathBuf,
    pub(crate) options: Options,
    pub(crate) links: Links,
    pub(crate) signer: Signer,
    pub(crate) file: Option<File>,
    pub(crate) path: PathBuf,
    /// Bytes of whole records in the current segment.
    pub(crate) len: u64,
    pub(crate) head: Head,
    /// The head as others see it: everything up to here is written.
    pub(crate) published: Arc<Mutex<Head>>,
    /// When the oldest unsynced record was written.
    pub(crate) unsynced_since: Option<Instant>,
    pub(crate) stopped: Option<String>,
    /// Why records cannot be written, as long as they cannot.
    pub(crate) trouble: watch::Sender<Option<String>>,
}

impl Writer {
    pub(crate) fn run(mut self, jobs: &Receiver<Job>) {
        loop {
            let first = match self.wait(jobs) {
                Ok(job) => job,
                Err(RecvTimeoutError::Timeout) => {
                    self.sync_and_sign();
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => break,
            };
            let mut group = vec![first];
            group.extend(jobs.try_iter().take(GROUP - 1));
            self.commit(group);
            if self.sync_is_due() {
                self.sync_and_sign();
            }
        }
        self.sync_and_sign();
    }

    fn wait(&self, jobs: &Receiver<Job>) -> Result<Job, RecvTimeoutError> {
        match self.pending_since() {
            Some(since) => jobs.recv_timeout(self.options.sync_every.saturating_sub(since.elapsed())),
            None => jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn pending_since(&self) -> Option<Instant> {
        if self.stopped.is_some() { None } else { self.unsynced_since }
    }

    fn sync_is_due(&self) -> bool {
        self.pending_since().is_some_and(|since| since.elapsed() >= self.options.sync_every)
    }

    fn commit(&mut self, group: Vec<Job>) {
        let outcome = match &self.stopped {
            Some(why) => Err(AuditError::Stopped(why.clone())),
            None => self.append(&group),
        };
        if outcome.is_ok() {
            *self.published.lock().unwrap_or_else(PoisonError::into_inner) = self.head;
        }
        let trouble = match &outcome {
            Err(AuditError::Io { reason, .. }) => Some(reason.clone()),
            Err(error) => Some(error.to_string()),
            Ok(()) => None,
        };
        self.trouble.send_if_modified(|known| {
            let news = *known != trouble;
            *known = trouble;
            news
        });
        for job in group {
            // A caller that went away has refused its request already.
            let _ = job.done.send(outcome.clone());
        }
    }

    fn append(&mut self, group: &[Job]) -> Result<(), AuditError> {
        self.rotate_if_full()?;
        let mut head = self.head;
        let mut bytes = Vec::new();
        for job in group {
            let sealed = head.seal_next(&self.links, &job.plaintext)?;
            let length = u32::try_from(sealed.len()).ok().filter(|_| sealed.len() <= MAX_FRAME);
            let length = length.ok_or(AuditError::TooLarge(sealed.len()))?;
            bytes.extend_from_slice(&length.to_le_bytes());
            bytes.extend_from_slice(&sealed);
        }
        self.write(&bytes)?;
        self.head = head;
        self.unsynced_since.get_or_insert_with(Instant::now);
        if group.iter().any(|job| job.durable) { self.sync() } else { Ok(()) }
    }

    /// Appends, or leaves the segment as it was. If even that fails, the log stops: a half record must stay the last.
    fn write(&mut self, bytes: &[u8]) -> Result<(), AuditError> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(create_segment(&self.dir, &self.path, &self.head)?),
        };
        match file.write_all(bytes) {
            Ok(()) => {
                self.len += bytes.len() as u64;
                Ok(())
            }
            Err(error) => {
                if let Err(undo) = file.set_len(self.len) {
                    self.stopped = Some(format!("a write failed ({error}) and could not be undone ({undo})"));
                }
                Err(AuditError::io("write", &self.path)(error))
            }
        }
    }

    /// A failed sync is final: the system may have thrown the pages away, and a second sync would say that all is well.
    fn sync(&mut self) -> Result<(), AuditError> {
        let Some(file) = &self.file else { return Ok(()) };
        file.sync_data().map_err(|error| {
            self.stopped = Some(format!("the disk did not take what was written ({error})"));
            AuditError::io("sync", &self.path)(error)
        })
    }

    /// Syncs, then signs: a signed head never speaks of a record that a power cut could take.
    fn sync_and_sign(&mut self) {
        if self.stopped.is_some() || self.sync().is_err() {
            return;
        }
        // Without a new head the log is whole still; the next round tries again.
        self.unsynced_since = match chain::write_head(&self.dir, &self.head, &self.signer) {
            Ok(()) => None,
            Err(_) => Some(Instant::now()),
        };
    }

    fn rotate_if_full(&mut self) -> Result<(), AuditError> {
        if self.len < self.options.segment_bytes {
            return Ok(());
        }
        self.sync()?;
        chain::write_head(&self.dir, &self.head, &self.signer)?;
        let path = self.dir.join(segment_name(self.head.records));
        let file = create_segment(&self.dir, &path, &self.head)?;
        (self.file, self.path, self.len) = (Some(file), path, SEGMENT_HEADER_LEN);
        Ok(())
    }
}

/// Makes a segment with its header, both durable before the first record comes.
pub(crate) fn create_segment(dir: &Path, path: &Path, head: &Head) -> Result<File, AuditError> {
    let io = AuditError::io("create", path);
    let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(&io)?;
    let made = file.set_len(0).and_then(|()| file.write_all(&segment_header(head))).and_then(|()| file.sync_all());
    made.and_then(|()| sync_dir(dir)).map_err(io)?;
    Ok(file)
}
