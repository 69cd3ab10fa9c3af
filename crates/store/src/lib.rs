//! Control state: an ordered key-value store with compare-and-set, encrypted on disk.
//!
//! Invariants: a commit that was acknowledged is on the disk (`synchronous=FULL`, in a write-ahead log); a [`Batch`]
//! happens as a whole or not at all; nothing readable lies in the files (SQLCipher, AES-256, a raw key).

mod batch;
mod error;
mod sql;
mod writer;

use async_trait::async_trait;

pub use batch::{Batch, Entry, Scan};
pub use error::StoreError;
pub use sql::{SCHEMA_VERSION, SqlStore};

/// An ordered key-value store. It stays this small so that a cluster's database can stand behind it as well.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug {
    /// A key's value. Short enough to be called from async code.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// The entries of a range, in the order of their keys.
    fn scan(&self, scan: &Scan) -> Result<Vec<Entry>, StoreError>;

    /// Does a batch; returns once it is on the disk, or [`StoreError::Conflict`] if an expectation did not hold.
    async fn commit(&self, batch: Batch) -> Result<(), StoreError>;

    /// Writes one key.
    async fn put(&self, key: Vec<u8>, value: Vec<u8>) -> Result<(), StoreError> {
        self.commit(Batch::new().put(key, value)).await
    }

    /// Removes one key; that it was not there is no error.
    async fn delete(&self, key: Vec<u8>) -> Result<(), StoreError> {
        self.commit(Batch::new().delete(key)).await
    }

    /// Writes (or with `None` removes) one key if its value is still what the caller saw; false if it is not.
    async fn compare_and_set(
        &self,
        key: Vec<u8>,
        seen: Option<Vec<u8>>,
        value: Option<Vec<u8>>,
    ) -> Result<bool, StoreError> {
        let batch = Batch::new().expect(key.clone(), seen);
        let batch = match value {
            Some(value) => batch.put(key, value),
            None => batch.delete(key),
        };
        match self.commit(batch).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
