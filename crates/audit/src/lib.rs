//! The append-only, encrypted, hash-chained record of every decision.
//!
//! Invariants: a record that was acknowledged is in the log or the log does not verify; nothing is ever rewritten;
//! a request whose record cannot be written is refused by the caller ([`Recorder::record`] fails closed).

mod chain;
mod error;
mod log;
mod parts;
mod read;
mod writer;

use async_trait::async_trait;
use burgward_types::AuditRecord;

pub use chain::{Head, SignedHead};
pub use error::AuditError;
pub use log::{AuditLog, Options, Recovered};
pub use read::{Records, VerifyReport};

/// Takes records in. Whoever gets an error refuses the request: what cannot be recorded does not happen.
#[async_trait]
pub trait Recorder: Send + Sync + std::fmt::Debug {
    /// Returns once the record is written; see [`Options`] for when it is also on the disk.
    async fn record(&self, record: AuditRecord) -> Result<(), AuditError>;

    /// Takes in what is about to happen, before it does, so that an effect without any record cannot be: returns once
    /// the record is written, without waiting for the disk. The record of what came of it follows.
    async fn announce(&self, record: AuditRecord) -> Result<(), AuditError> {
        self.record(record).await
    }
}

/// Keeps records in memory, for tests.
#[derive(Debug, Default)]
pub struct MemoryRecorder(std::sync::Mutex<Vec<AuditRecord>>);

impl MemoryRecorder {
    /// Takes all records out.
    pub fn take(&self) -> Vec<AuditRecord> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

#[async_trait]
impl Recorder for MemoryRecorder {
    /// Only what came of a request is kept.
    async fn announce(&self, _: AuditRecord) -> Result<(), AuditError> {
        Ok(())
    }

    async fn record(&self, record: AuditRecord) -> Result<(), AuditError> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(record);
        Ok(())
    }
}
