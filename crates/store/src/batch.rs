//! What is read and written at once.

/// A key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Vec<u8>,
    /// The value.
    pub value: Vec<u8>,
}

/// A range of keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    pub(crate) prefix: Vec<u8>,
    pub(crate) from: Option<Vec<u8>>,
    pub(crate) limit: usize,
}

impl Scan {
    /// All keys that begin with `prefix`, at most `limit` of them.
    #[must_use]
    pub fn prefix(prefix: impl Into<Vec<u8>>, limit: usize) -> Self {
        Self { prefix: prefix.into(), from: None, limit }
    }

    /// Only keys at or after `key`.
    #[must_use]
    pub fn from(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.from = Some(key.into());
        self
    }

    /// Only keys after `key`.
    #[must_use]
    pub fn after(self, key: impl Into<Vec<u8>>) -> Self {
        let mut next = key.into();
        next.push(0);
        self.from(next)
    }

    /// The first key of the range.
    pub(crate) fn start(&self) -> &[u8] {
        self.from.as_deref().filter(|from| *from > self.prefix.as_slice()).unwrap_or(&self.prefix)
    }

    /// The first key after the prefix's; `None` if the prefix has no end.
    pub(crate) fn end(&self) -> Option<Vec<u8>> {
        let last = self.prefix.iter().rposition(|byte| *byte != u8::MAX)?;
        let mut end = self.prefix.get(..=last)?.to_vec();
        if let Some(byte) = end.last_mut() {
            *byte += 1;
        }
        Some(end)
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Write {
    Put(Vec<u8>, Vec<u8>),
    Delete(Vec<u8>),
    DeletePrefix(Vec<u8>),
}

/// Writes that happen together, and what must hold for them to happen.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub(crate) expected: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    pub(crate) writes: Vec<Write>,
}

impl Batch {
    /// An empty batch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The batch happens only if the key's value is this; `None`: if there is none.
    #[must_use]
    pub fn expect(mut self, key: impl Into<Vec<u8>>, value: Option<Vec<u8>>) -> Self {
        self.expected.push((key.into(), value));
        self
    }

    /// Writes a key.
    #[must_use]
    pub fn put(mut self, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        self.writes.push(Write::Put(key.into(), value.into()));
        self
    }

    /// Removes a key.
    #[must_use]
    pub fn delete(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.writes.push(Write::Delete(key.into()));
        self
    }

    /// Removes all keys that begin with a prefix.
    #[must_use]
    pub fn delete_prefix(mut self, prefix: impl Into<Vec<u8>>) -> Self {
        self.writes.push(Write::DeletePrefix(prefix.into()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_before_the_next() {
        assert_eq!(Scan::prefix("ab", 1).end(), Some(b"ac".to_vec()));
        assert_eq!(Scan::prefix(vec![1, 255, 255], 1).end(), Some(vec![2]));
        assert_eq!(Scan::prefix(vec![255], 1).end(), None);
        assert_eq!(Scan::prefix("b", 1).after("a").start(), b"b");
        assert_eq!(Scan::prefix("b", 1).after("ba").start(), b"ba\0");
    }
}
