//! Sealing of large values in chunks that can be opened one by one.
//!
//! The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: "Online Authenticated-Encryption and its Nonce-Reuse
//! Misuse-Resistance", 2015): each chunk's nonce is its index and whether it is the last, under a key that is used for
//! this one value. Chunks cannot be altered, reordered, left out, or cut off at the end, nor taken from another value.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroizing;

use crate::{DataKey, VaultError};

/// Plaintext bytes of every chunk but the last.
pub const CHUNK_LEN: usize = 64 * 1024;
/// Bytes added to every chunk.
pub const TAG_LEN: usize = 16;
/// Bytes before the first chunk: the value's salt.
pub const STREAM_HEADER_LEN: usize = 32;

/// The sealed length of a value in chunks; an empty value has one empty chunk.
#[must_use]
pub fn sealed_len(plain: u64) -> u64 {
    let chunks = plain.div_ceil(CHUNK_LEN as u64).max(1);
    STREAM_HEADER_LEN as u64 + plain + chunks * TAG_LEN as u64
}

/// Seals and opens the chunks of one value.
pub struct Stream {
    key: LessSafeKey,
    header: [u8; STREAM_HEADER_LEN],
    #[cfg(feature = "test-without-layers")]
    clear: bool,
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream").finish_non_exhaustive()
    }
}

impl Stream {
    /// Begins a value; `aad` says where it belongs.
    pub fn create(key: &DataKey, aad: &[u8]) -> Result<Self, VaultError> {
        let mut header = [0_u8; STREAM_HEADER_LEN];
        aws_lc_rs::rand::fill(&mut header)?;
        Self::with_header(key, aad, header)
    }

    /// Takes up a value by its header and the same `aad`.
    pub fn resume(key: &DataKey, aad: &[u8], header: &[u8]) -> Result<Self, VaultError> {
        Self::with_header(key, aad, header.try_into().map_err(|_| VaultError::NotAuthentic)?)
    }

    fn with_header(key: &DataKey, aad: &[u8], header: [u8; STREAM_HEADER_LEN]) -> Result<Self, VaultError> {
        let mut okm = Zeroizing::new([0_u8; 32]);
        // The header's length is fixed, so that header and aad cannot be confused.
        key.expand(&[b"burgward stream v1\0", &header, aad], &mut *okm)?;
        Ok(Self {
            key: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &*okm)?),
            header,
            #[cfg(feature = "test-without-layers")]
            clear: key.clear,
        })
    }

    /// What is written before the first chunk.
    #[must_use]
    pub fn header(&self) -> &[u8; STREAM_HEADER_LEN] {
        &self.header
    }

    /// Seals a chunk in place and appends its tag. Never seal the same index twice: the caller writes forward only.
    pub fn seal_chunk(&self, index: u64, last: bool, chunk: &mut Vec<u8>) -> Result<(), VaultError> {
        #[cfg(feature = "test-without-layers")]
        if self.clear {
            chunk.extend_from_slice(&[0; TAG_LEN]);
            return Ok(());
        }
        Ok(self.key.seal_in_place_append_tag(nonce(index, last), Aad::empty(), chunk)?)
    }

    /// Opens a chunk in place and cuts its tag off.
    pub fn open_chunk(&self, index: u64, last: bool, chunk: &mut Vec<u8>) -> Result<(), VaultError> {
        #[cfg(feature = "test-without-layers")]
        if self.clear {
            chunk.truncate(chunk.len().saturating_sub(TAG_LEN));
            return Ok(());
        }
        let opened = self.key.open_in_place(nonce(index, last), Aad::empty(), chunk);
        let length = opened.map_err(|_| VaultError::NotAuthentic)?.len();
        chunk.truncate(length);
        Ok(())
    }
}

fn nonce(index: u64, last: bool) -> Nonce {
    let mut bytes = [0_u8; NONCE_LEN];
    let (counter, flag) = bytes.split_at_mut(8);
    counter.copy_from_slice(&index.to_be_bytes());
    if let Some(flag) = flag.last_mut() {
        *flag = u8::from(last);
    }
    Nonce::assume_unique_for_key(bytes)
}
