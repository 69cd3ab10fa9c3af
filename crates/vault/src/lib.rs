//! The root key, the keys derived from it, and what is sealed with them.
//!
//! A [`RootKey`] comes from outside the data directory. A [`Vault`] derives one key per purpose from it (HKDF,
//! RFC 5869), so that no two parts of the house share a key; each part seals with its own.
//!
//! Invariants: no key is written to the data directory; the root key's source can be named ([`Vault::source`]); a wrong
//! root key is told apart from damaged data by a check value ([`VaultError::WrongRootKey`]).

#[cfg(feature = "test-without-layers")]
mod clear;
mod error;
mod files;
mod root;
mod seal;
mod sign;
mod stream;
mod vault;

pub use error::VaultError;
pub use files::{sync_dir, write_atomically};
pub use root::{PBKDF2_ROUNDS, RootKey};
pub use seal::{DataKey, SEAL_OVERHEAD};
pub use sign::{Signer, verify_signature};
pub use stream::{CHUNK_LEN, STREAM_HEADER_LEN, Stream, TAG_LEN, sealed_len};
pub use vault::Vault;
