//! How much of clients' bodies is held in memory at once: by one caller, and by all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use burgward_types::SandboxId;
use bytes::Bytes;

use crate::Origin;

/// Who is counted as one: told by where a request came in, which nobody can claim for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    Sandbox(SandboxId),
    Outside(IpAddr),
    Internal,
}

impl From<Origin> for Who {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::Sandbox(id) => Self::Sandbox(id),
            Origin::Outside(address) => Self::Outside(address.ip()),
            Origin::Internal => Self::Internal,
        }
    }
}

/// The bytes that all bodies under way share.
#[derive(Debug)]
pub(crate) struct Budget {
    total: usize,
    per_caller: usize,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    total: usize,
    callers: HashMap<Who, usize>,
}

/// There is no more; it comes back when other requests end.
#[derive(Debug)]
pub(crate) struct Exhausted;

impl Budget {
    pub(crate) fn new(total: usize, per_caller: usize) -> Arc<Self> {
        Arc::new(Self { total, per_caller, used: Mutex::default() })
    }

    /// Nothing yet, for this caller.
    pub(crate) fn hold(self: &Arc<Self>, who: impl Into<Who>) -> Held {
        Held { of: Some((Arc::clone(self), who.into())), bytes: 0 }
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, who: Who, bytes: usize) -> Result<(), Exhausted> {
        let mut used = self.used();
        let own = used.callers.get(&who).copied().unwrap_or(0).saturating_add(bytes);
        let all = used.total.saturating_add(bytes);
        if own > self.per_caller || all > self.total {
            return Err(Exhausted);
        }
        used.total = all;
        used.callers.insert(who, own);
        Ok(())
    }

    fn give_back(&self, who: Who, bytes: usize) {
        let mut used = self.used();
        used.total = used.total.saturating_sub(bytes);
        let left = used.callers.get(&who).copied().unwrap_or(0).saturating_sub(bytes);
        if left == 0 {
            used.callers.remove(&who);
        } else {
            used.callers.insert(who, left);
        }
    }
}

/// What a body holds; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Held {
    of: Option<(Arc<Budget>, Who)>,
    bytes: usize,
}

impl Held {
    /// For bodies that the house made itself: not counted.
    pub(crate) fn uncounted() -> Self {
        Self { of: None, bytes: 0 }
    }

    pub(crate) fn grow(&mut self, bytes: usize) -> Result<(), Exhausted> {
        let Some((budget, who)) = &self.of else { return Ok(()) };
        budget.take(*who, bytes)?;
        self.bytes += bytes;
        Ok(())
    }

    /// Ties what is held to these bytes: it is given back with the last reference to them.
    pub(crate) fn keep(self, bytes: Bytes) -> Bytes {
        if self.bytes == 0 { bytes } else { Bytes::from_owner(Kept { bytes, _held: self }) }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let (Some((budget, who)), true) = (&self.of, self.bytes > 0) {
            budget.give_back(*who, self.bytes);
        }
    }
}

struct Kept {
    bytes: Bytes,
    _held: Held,
}

impl AsRef<[u8]> for Kept {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_caller_does_not_take_all_and_everything_comes_back() {
        let budget = Budget::new(100, 60);
        let (one, two) = (Origin::Sandbox(SandboxId(1)), Origin::Sandbox(SandboxId(2)));
        let mut first = budget.hold(one);
        first.grow(60).unwrap();
        assert!(budget.hold(one).grow(1).is_err(), "its share is used up");
        let mut second = budget.hold(two);
        second.grow(40).unwrap();
        assert!(second.grow(1).is_err(), "all is used up");
        let kept = first.keep(Bytes::from_static(b"text"));
        let part = kept.slice(1..2);
        drop(kept);
        assert!(budget.hold(one).grow(1).is_err(), "a part of it is still referred to");
        drop(part);
        budget.hold(one).grow(60).unwrap();
        drop(second);
        assert!(budget.used().callers.is_empty() && budget.used().total == 0);
    }
}
