//! How much memory clients' bodies and their answers may take.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What is counted at once. Smaller texts are not counted: their number is limited elsewhere.
const UNIT: usize = 1024;

/// The memory that all requests under way share.
#[derive(Clone, Debug)]
pub(crate) struct Memory(Arc<Semaphore>);

/// A part of it that is in use; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Held {
    memory: Memory,
    units: usize,
    permit: Option<OwnedSemaphorePermit>,
}

/// There is no more.
#[derive(Debug)]
pub(crate) struct Exhausted;

impl Memory {
    pub(crate) fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new((bytes / UNIT).min(Semaphore::MAX_PERMITS))))
    }

    /// Nothing yet.
    pub(crate) fn hold(&self) -> Held {
        Held { memory: self.clone(), units: 0, permit: None }
    }

    /// Bytes that count for as long as anything refers to them.
    pub(crate) fn count(&self, bytes: Bytes) -> Result<Bytes, Exhausted> {
        if bytes.len() < UNIT {
            return Ok(bytes);
        }
        let mut held = self.hold();
        held.grow(bytes.len())?;
        Ok(held.keep(bytes))
    }
}

impl Held {
    /// Takes what is missing to `bytes` in all.
    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), Exhausted> {
        let missing = bytes.div_ceil(UNIT).saturating_sub(self.units);
        if missing == 0 {
            return Ok(());
        }
        let missing_units = u32::try_from(missing).map_err(|_| Exhausted)?;
        let more = Arc::clone(&self.memory.0).try_acquire_many_owned(missing_units).map_err(|_| Exhausted)?;
        match &mut self.permit {
            Some(permit) => permit.merge(more),
            None => self.permit = Some(more),
        }
        self.units += missing;
        Ok(())
    }

    /// Ties what is held to these bytes.
    pub(crate) fn keep<T: AsRef<[u8]> + Send + 'static>(self, bytes: T) -> Bytes {
        Bytes::from_owner(Kept { bytes, _held: self })
    }
}

struct Kept<T> {
    bytes: T,
    _held: Held,
}

impl<T: AsRef<[u8]>> AsRef<[u8]> for Kept<T> {
    fn as_ref(&self) -> &[u8] {
        self.bytes.as_ref()
    }
}
