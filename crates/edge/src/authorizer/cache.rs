//! Results of an authorizer, kept for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{Context, SHA256};
use burgward_types::Timestamp;

use super::Grant;

/// More identities than this push others out.
const CAPACITY: usize = 10_000;

/// The digest of an identity: tokens themselves are not kept.
pub(crate) type Key = [u8; 32];

/// The results. What is kept is the policy, not its decision: that falls anew for every request.
#[derive(Debug)]
pub(crate) struct Cache {
    ttl_millis: i64,
    entries: Mutex<HashMap<Key, (Timestamp, Arc<Grant>)>>,
}

impl Cache {
    pub(crate) fn new(ttl_secs: u32) -> Self {
        Self { ttl_millis: i64::from(ttl_secs) * 1000, entries: Mutex::default() }
    }

    /// The key of identity values. Each carries its length, so that no two lists share a key.
    pub(crate) fn key(values: &[String]) -> Key {
        let mut digest = Context::new(&SHA256);
        for value in values {
            digest.update(&value.len().to_le_bytes());
            digest.update(value.as_bytes());
        }
        digest.finish().as_ref().try_into().unwrap_or_default()
    }

    pub(crate) fn get(&self, key: &Key, now: Timestamp) -> Option<Arc<Grant>> {
        if self.ttl_millis == 0 {
            return None;
        }
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(key).filter(|(until, _)| now < *until).map(|(_, grant)| Arc::clone(grant))
    }

    pub(crate) fn put(&self, key: Key, grant: &Arc<Grant>, now: Timestamp) {
        if self.ttl_millis == 0 {
            return;
        }
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= CAPACITY {
            entries.retain(|_, (until, _)| now < *until);
        }
        if entries.len() >= CAPACITY
            && let Some(any) = entries.keys().next().copied()
        {
            entries.remove(&any);
        }
        entries.insert(key, (now.plus_millis(self.ttl_millis), Arc::clone(grant)));
    }
}
