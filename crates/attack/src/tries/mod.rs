//! The tries, one file a kind. Each is derived from the app; none knows any app.

pub(crate) mod flood;
pub(crate) mod injection;
pub(crate) mod keys;
pub(crate) mod residue;
pub(crate) mod sandbox;
pub(crate) mod signatures;
pub(crate) mod stores;
pub(crate) mod tokens;
