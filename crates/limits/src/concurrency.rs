//! How many at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A limit on how many run at once.
#[derive(Clone, Debug)]
pub struct Concurrency {
    limit: u32,
    running: Arc<AtomicU32>,
}

/// One running thing; gives its place back when dropped.
#[derive(Debug)]
pub struct Slot {
    running: Arc<AtomicU32>,
}

impl Concurrency {
    /// At most `limit` at once; 0 closes.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self { limit, running: Arc::default() }
    }

    /// Takes a place if one is free.
    #[must_use]
    pub fn try_acquire(&self) -> Option<Slot> {
        let within = |running: u32| (running < self.limit).then(|| running + 1);
        self.running.fetch_update(Ordering::AcqRel, Ordering::Acquire, within).ok()?;
        Some(Slot { running: Arc::clone(&self.running) })
    }

    /// How many run now.
    #[must_use]
    pub fn running(&self) -> u32 {
        self.running.load(Ordering::Acquire)
    }

    /// How many may run.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.running.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_back() {
        let limit = Concurrency::new(2);
        let first = limit.try_acquire().unwrap();
        let _second = limit.try_acquire().unwrap();
        assert!(limit.try_acquire().is_none());
        drop(first);
        assert!(limit.try_acquire().is_some());
        assert_eq!(limit.running(), 1);
        assert!(Concurrency::new(0).try_acquire().is_none());
    }
}
