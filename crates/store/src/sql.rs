//! The store on SQLCipher.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use async_trait::async_trait;
use burgward_vault::{DataKey, sync_dir};
use rusqlite::{Connection, OptionalExtension as _, params};
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::writer::{self, Job};
use crate::{Batch, Entry, Scan, Store, StoreError};

/// The version of the tables; a file of a newer one is refused.
pub const SCHEMA_VERSION: i64 = 1;

const READERS: usize = 4;

/// A store in one SQLCipher file. Cheap to clone.
#[derive(Clone)]
pub struct SqlStore {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    readers: Vec<Mutex<Connection>>,
    turn: AtomicUsize,
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqlStore").field("path", &self.inner.path).finish_non_exhaustive()
    }
}

impl SqlStore {
    /// Opens the file, or makes it, with a raw key: SQLCipher's own derivation from a passphrase is not used.
    pub fn open(path: &Path, key: &DataKey) -> Result<Self, StoreError> {
        // SQLite would make the file readable for others.
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
        file.map_err(StoreError::io("open", path))?;
        let writer = connect(path, key)?;
        prepare(&writer, path)?;
        path.parent().map_or(Ok(()), sync_dir).map_err(StoreError::io("sync the directory of", path))?;
        let readers = (0..READERS).map(|_| connect(path, key).map(Mutex::new)).collect::<Result<_, _>>()?;
        let (jobs, incoming) = channel();
        let place = path.to_owned();
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || writer::run(writer, &place, &incoming))
            .map_err(StoreError::io("start the writer of", path))?;
        let inner =
            Inner { path: path.to_owned(), readers, turn: AtomicUsize::new(0), jobs: Some(jobs), thread: Some(thread) };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// [`Store::commit`] for code without an async runtime; never call it from one.
    pub fn commit_blocking(&self, batch: Batch) -> Result<(), StoreError> {
        self.send(batch)?.blocking_recv().map_err(|_| StoreError::Closed)?
    }

    fn send(&self, batch: Batch) -> Result<oneshot::Receiver<Result<(), StoreError>>, StoreError> {
        let (done, answer) = oneshot::channel();
        let jobs = self.inner.jobs.as_ref().ok_or(StoreError::Closed)?;
        jobs.send(Job { batch, done }).map_err(|_| StoreError::Closed)?;
        Ok(answer)
    }

    /// A connection that nobody uses, or the next in turn.
    fn reader(&self) -> Result<MutexGuard<'_, Connection>, StoreError> {
        if let Some(free) = self.inner.readers.iter().find_map(|reader| reader.try_lock().ok()) {
            return Ok(free);
        }
        let turn = self.inner.turn.fetch_add(1, Ordering::Relaxed) % READERS;
        let reader = self.inner.readers.get(turn).ok_or(StoreError::Closed)?;
        Ok(reader.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Store for SqlStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let reader = self.reader()?;
        get(&reader, key).map_err(StoreError::sql("read", &self.inner.path))
    }

    fn scan(&self, scan: &Scan) -> Result<Vec<Entry>, StoreError> {
        let reader = self.reader()?;
        range(&reader, scan).map_err(StoreError::sql("read", &self.inner.path))
    }

    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.send(batch)?.await.map_err(|_| StoreError::Closed)?
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

pub(crate) fn get(connection: &Connection, key: &[u8]) -> rusqlite::Result<Option<Vec<u8>>> {
    let mut statement = connection.prepare_cached("SELECT value FROM kv WHERE key = ?1")?;
    statement.query_row(params![key], |row| row.get(0)).optional()
}

fn range(connection: &Connection, scan: &Scan) -> rusqlite::Result<Vec<Entry>> {
    let limit = i64::try_from(scan.limit).unwrap_or(i64::MAX);
    let entry = |row: &rusqlite::Row<'_>| Ok(Entry { key: row.get(0)?, value: row.get(1)? });
    match scan.end() {
        Some(end) => connection
            .prepare_cached("SELECT key, value FROM kv WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3")?
            .query_map(params![scan.start(), end, limit], entry)?
            .collect(),
        None => connection
            .prepare_cached("SELECT key, value FROM kv WHERE key >= ?1 ORDER BY key LIMIT ?2")?
            .query_map(params![scan.start(), limit], entry)?
            .collect(),
    }
}

/// Opens a connection and gives it the key before anything else.
///
/// Source: <https://www.zetetic.net/sqlcipher/sqlcipher-api/#key> (raw key data)
fn connect(path: &Path, key: &DataKey) -> Result<Connection, StoreError> {
    let sql = StoreError::sql("open", path);
    let connection = Connection::open(path).map_err(&sql)?;
    // SQLCipher writes to standard error by itself; what it has to say comes back as an error as well.
    connection.pragma_update(None, "cipher_log_level", "NONE").map_err(&sql)?;
    give_key(&connection, key).map_err(&sql)?;
    let set = "PRAGMA cipher_memory_security = ON; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
               PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA busy_timeout = 10000;";
    connection.execute_batch(set).map_err(&sql)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

fn give_key(connection: &Connection, key: &DataKey) -> rusqlite::Result<()> {
    #[cfg(feature = "test-without-layers")]
    if key.is_clear() {
        return Ok(());
    }
    let hex = Zeroizing::new(hex::encode(key.expose()));
    let raw = Zeroizing::new(format!("x'{}'", hex.as_str()));
    connection.pragma_update(None, "key", raw.as_str())
}

/// Makes the tables of a new file, and refuses what this version does not know.
fn prepare(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let sql = StoreError::sql("open", path);
    // Without a key that fits, this is the first statement that reads the file.
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(&sql)?;
    let cipher: String = connection.query_row("PRAGMA cipher_version", [], |row| row.get(0)).map_err(&sql)?;
    if cipher.is_empty() {
        return Err(StoreError::Engine { doing: "encrypt", path: path.to_owned(), reason: "no SQLCipher".into() });
    }
    match version {
        SCHEMA_VERSION => Ok(()),
        0 => {
            let make = "BEGIN; CREATE TABLE IF NOT EXISTS kv (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID, \
                        STRICT; PRAGMA user_version = 1; COMMIT;";
            connection.execute_batch(make).map_err(sql)
        }
        found => Err(StoreError::Schema { path: path.to_owned(), found, known: SCHEMA_VERSION }),
    }
}
