//! The request context: condition keys and their values.

use std::fmt;

/// A condition key's value: one, or several for keys that AWS documents as multivalued.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContextValue {
    /// A single-valued key.
    One(String),
    /// A multivalued key; it may hold no value at all.
    Many(Vec<String>),
}

impl ContextValue {
    /// The values, one or many.
    #[must_use]
    pub fn values(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

impl From<&str> for ContextValue {
    fn from(value: &str) -> Self {
        Self::One(value.to_owned())
    }
}

impl From<String> for ContextValue {
    fn from(value: String) -> Self {
        Self::One(value)
    }
}

impl From<Vec<String>> for ContextValue {
    fn from(values: Vec<String>) -> Self {
        Self::Many(values)
    }
}

impl From<bool> for ContextValue {
    fn from(value: bool) -> Self {
        Self::One(value.to_string())
    }
}

impl From<i64> for ContextValue {
    fn from(value: i64) -> Self {
        Self::One(value.to_string())
    }
}

struct Entry {
    hash: u64,
    key: Box<str>,
    value: ContextValue,
}

/// Condition keys and their values; keys are compared without case.
#[derive(Default)]
pub struct Context {
    entries: Vec<Entry>,
}

impl Context {
    /// An empty context.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a key; an earlier value of the same key, in whatever case, is replaced.
    pub fn set(&mut self, key: &str, value: impl Into<ContextValue>) {
        let (hash, value) = (hash_key(key), value.into());
        match self.entries.iter_mut().find(|e| e.hash == hash && e.key.eq_ignore_ascii_case(key)) {
            Some(entry) => entry.value = value,
            None => self.entries.push(Entry { hash, key: key.into(), value }),
        }
    }

    /// Sets a key unless it is set already.
    pub fn set_default(&mut self, key: &str, value: impl Into<ContextValue>) {
        if self.get(key).is_none() {
            self.set(key, value);
        }
    }

    /// A key's value.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&ContextValue> {
        self.get_hashed(hash_key(key), key)
    }

    /// A key's value, for a caller that has hashed the key when it was compiled.
    pub(crate) fn get_hashed(&self, hash: u64, key: &str) -> Option<&ContextValue> {
        let same = |e: &&Entry| e.hash == hash && (*e.key == *key || e.key.eq_ignore_ascii_case(key));
        self.entries.iter().find(same).map(|e| &e.value)
    }

    /// All keys as they were set, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ContextValue)> {
        self.entries.iter().map(|e| (&*e.key, &e.value))
    }

    /// Adds the keys of another context, which win over the own.
    pub fn extend(&mut self, other: &Self) {
        for (key, value) in other.iter() {
            self.set(key, value.clone());
        }
    }
}

impl Clone for Context {
    fn clone(&self) -> Self {
        let entries = self.entries.iter();
        let entries = entries.map(|e| Entry { hash: e.hash, key: e.key.clone(), value: e.value.clone() }).collect();
        Self { entries }
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// FNV-1a over the key in lower case. A collision costs a comparison, never a wrong answer.
pub(crate) fn hash_key(key: &str) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
