//! A counter for each key: client, route, function.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::{Arc, PoisonError, RwLock};

use burgward_types::Timestamp;

use crate::{Quota, QuotaCounter, QuotaExceeded, Rate, Throttled, TokenBucket};

const SHARDS: usize = 16;

/// A map of counters. Finding one takes a shared lock on one of the shards; counting takes none.
///
/// Keys may be chosen by an attacker: the hash is keyed at random, and above `capacity` entries, those that
/// say nothing any more are cleared away ([`KeyedBuckets`]).
#[derive(Debug)]
pub struct Keyed<K, T> {
    shards: [RwLock<HashMap<K, Arc<T>>>; SHARDS],
    hasher: RandomState,
    capacity: usize,
}

impl<K: Hash + Eq + Clone, T> Keyed<K, T> {
    /// An empty map that clears idle entries away above `capacity`.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { shards: std::array::from_fn(|_| RwLock::default()), hasher: RandomState::new(), capacity }
    }

    /// The key's entry, made if there is none; `idle` says which entries may be forgotten.
    pub fn entry(&self, key: &K, make: impl FnOnce() -> T, idle: impl Fn(&T) -> bool) -> Arc<T> {
        let at = usize::try_from(self.hasher.hash_one(key) % SHARDS as u64).unwrap_or(0);
        let [first, ..] = &self.shards;
        let shard = self.shards.get(at).unwrap_or(first);
        if let Some(found) = shard.read().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Arc::clone(found);
        }
        let mut entries = shard.write().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= self.capacity.div_ceil(SHARDS) {
            entries.retain(|_, entry| Arc::strong_count(entry) > 1 || !idle(entry));
        }
        Arc::clone(entries.entry(key.clone()).or_insert_with(|| Arc::new(make())))
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }

    /// True if there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every key and entry, for keeping them over a restart.
    #[must_use]
    pub fn entries(&self) -> Vec<(K, Arc<T>)> {
        let lock = |shard: &RwLock<HashMap<K, Arc<T>>>| -> Vec<(K, Arc<T>)> {
            let entries = shard.read().unwrap_or_else(PoisonError::into_inner);
            entries.iter().map(|(key, entry)| (key.clone(), Arc::clone(entry))).collect()
        };
        self.shards.iter().flat_map(lock).collect()
    }
}

/// A token bucket for each key.
#[derive(Debug)]
pub struct KeyedBuckets<K>(Keyed<K, TokenBucket>);

impl<K: Hash + Eq + Clone> KeyedBuckets<K> {
    /// No buckets yet; full ones are forgotten above `capacity` keys, which changes no decision.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self(Keyed::new(capacity))
    }

    /// Takes a token of the key's bucket.
    pub fn take(&self, key: &K, rate: Rate, now: Timestamp) -> Result<(), Throttled> {
        self.0.entry(key, TokenBucket::new, |bucket| bucket.is_full(now)).take(rate, now)
    }

    /// How many keys have a bucket.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True if no key has a bucket.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A quota counter for each key; counters are never forgotten, so use it for keys that the operator makes.
#[derive(Debug)]
pub struct KeyedQuotas<K>(Keyed<K, QuotaCounter>);

impl<K: Hash + Eq + Clone> Default for KeyedQuotas<K> {
    fn default() -> Self {
        Self(Keyed::new(usize::MAX))
    }
}

impl<K: Hash + Eq + Clone> KeyedQuotas<K> {
    /// Counts a request of the key's.
    pub fn take(&self, key: &K, quota: Quota, now: Timestamp) -> Result<(), QuotaExceeded> {
        self.0.entry(key, QuotaCounter::default, |_| false).take(quota, now)
    }

    /// Takes up a key's count that was kept over a restart.
    pub fn restore(&self, key: &K, snapshot: u64) {
        self.0.entry(key, || QuotaCounter::restore(snapshot), |_| false);
    }

    /// Every key's count, to be kept over a restart.
    #[must_use]
    pub fn snapshot(&self) -> Vec<(K, u64)> {
        self.0.entries().into_iter().map(|(key, counter)| (key, counter.snapshot())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_do_not_share() {
        let (buckets, rate, now) = (KeyedBuckets::new(100), Rate::new(1.0, 1).unwrap(), Timestamp(1_000));
        assert!(buckets.take(&"a", rate, now).is_ok());
        assert!(buckets.take(&"a", rate, now).is_err());
        assert!(buckets.take(&"b", rate, now).is_ok());
    }

    #[test]
    fn many_keys_do_not_fill_the_memory() {
        let (buckets, rate) = (KeyedBuckets::new(160), Rate::new(1000.0, 1).unwrap());
        for key in 0..10_000_i64 {
            buckets.take(&key, rate, Timestamp(1_000 + key)).unwrap();
        }
        assert!(buckets.len() <= 200, "{}", buckets.len());
    }

    #[test]
    fn threads_take_no_more_than_there_is() {
        let (bucket, rate) = (TokenBucket::new(), Rate::new(1.0, 1000).unwrap());
        let taken = std::thread::scope(|scope| {
            let work = || (0..1000).filter(|_| bucket.take(rate, Timestamp(5_000)).is_ok()).count();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
        });
        assert_eq!(taken, 1000);
    }
}
