//! The lines that functions print, taken without making anyone wait.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use burgward_types::Timestamp;
use tokio::sync::{mpsc, oneshot};

use crate::Logs;

/// How many lines wait at most; a function that prints faster than the disk writes loses lines, and its log says so.
const WAITING: usize = 16_384;
/// How many bytes of text wait at most.
const WAITING_BYTES: usize = 64 << 20;
/// How many lines go to the disk at once.
const AT_ONCE: usize = 1024;
/// The longest line, as CloudWatch Logs takes it; the rest is cut off, and the line says so.
const LONGEST: usize = 256 * 1024 - 26;

/// What waits: a line, or somebody who wants to know that all before is written.
#[derive(Debug)]
enum Waiting {
    Line(Line),
    Flush(oneshot::Sender<()>),
}

struct Line {
    group: Arc<str>,
    stream: Arc<str>,
    at: Timestamp,
    text: String,
}

/// Takes lines; cheap to clone.
#[derive(Clone, Debug)]
pub struct Sink {
    lines: mpsc::Sender<Waiting>,
    dropped: Arc<AtomicU64>,
    bytes: Arc<AtomicUsize>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").field("group", &self.group).finish_non_exhaustive()
    }
}

impl Sink {
    pub(crate) fn start(logs: Arc<Logs>) -> Self {
        let (lines, waiting) = mpsc::channel(WAITING);
        let (dropped, bytes) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicUsize::new(0)));
        tokio::spawn(write(logs, waiting, Arc::clone(&dropped), Arc::clone(&bytes)));
        Self { lines, dropped, bytes }
    }

    /// Takes a line of a stream. It never waits: with too many lines waiting, the line is dropped and counted.
    pub fn line(&self, group: &Arc<str>, stream: &Arc<str>, at: Timestamp, text: &str) {
        let mut kept = text.to_owned();
        if kept.len() > LONGEST {
            let cut = (0..=LONGEST).rev().find(|at| kept.is_char_boundary(*at)).unwrap_or(0);
            kept.truncate(cut);
            kept.push_str(" [cut off]");
        }
        let length = kept.len();
        let room = self.bytes.fetch_add(length, Ordering::Relaxed) + length <= WAITING_BYTES;
        let line = Line { group: Arc::clone(group), stream: Arc::clone(stream), at, text: kept };
        if !room || self.lines.try_send(Waiting::Line(line)).is_err() {
            self.bytes.fetch_sub(length, Ordering::Relaxed);
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Returns once every line taken so far is written or counted as dropped.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.lines.send(Waiting::Flush(done)).await.is_ok() {
            // The writer only goes away with the process; there is nothing left to wait for then.
            let _ = written.await;
        }
    }

    /// How many lines were dropped and are not yet told of in a log.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

type Streams = BTreeMap<(Arc<str>, Arc<str>), Vec<(Timestamp, String)>>;

async fn write(
    logs: Arc<Logs>,
    mut waiting: mpsc::Receiver<Waiting>,
    dropped: Arc<AtomicU64>,
    bytes: Arc<AtomicUsize>,
) {
    let mut lines = Vec::with_capacity(AT_ONCE);
    while waiting.recv_many(&mut lines, AT_ONCE).await > 0 {
        let (mut streams, mut flushed) = (Streams::new(), Vec::new());
        for waiting in lines.drain(..) {
            match waiting {
                Waiting::Line(line) => {
                    bytes.fetch_sub(line.text.len(), Ordering::Relaxed);
                    streams.entry((line.group, line.stream)).or_default().push((line.at, line.text));
                }
                Waiting::Flush(done) => flushed.push(done),
            }
        }
        let lost = dropped.swap(0, Ordering::Relaxed);
        for (number, ((group, stream), mut texts)) in streams.into_iter().enumerate() {
            if let (0, 1.., Some((at, _))) = (number, lost, texts.last()) {
                texts.push((
                    *at,
                    format!("[burgward] {lost} lines were dropped: they came faster than they could be written"),
                ));
            }
            let count = u64::try_from(texts.len()).unwrap_or(u64::MAX);
            if logs.append(&group, &stream, &texts).await.is_err() {
                dropped.fetch_add(count, Ordering::Relaxed);
            }
        }
        // Whoever asked may have stopped waiting.
        for done in flushed {
            let _ = done.send(());
        }
    }
}
