//! Sealing of small values.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf;
use burgward_types::Secret;
use zeroize::Zeroizing;

use crate::VaultError;

pub(crate) const VERSION: u8 = 1;
pub(crate) const SALT_LEN: usize = 24;
pub(crate) const TAG_LEN: usize = 16;

/// How many bytes longer sealed data is: version, salt and tag.
pub const SEAL_OVERHEAD: usize = 1 + SALT_LEN + TAG_LEN;

/// A key for one purpose.
///
/// Every sealed value gets a key and nonce of its own, derived from 24 random bytes, so that no count of messages makes
/// a nonce repeat: the idea of XAES-256-GCM (<https://c2sp.org/XAES-256-GCM>), with HKDF in place of CMAC.
#[derive(Clone, Debug)]
pub struct DataKey {
    pub(crate) bytes: Secret<[u8; 32]>,
    /// Nothing is encrypted with it.
    #[cfg(feature = "test-without-layers")]
    pub(crate) clear: bool,
}

pub(crate) struct Length(pub(crate) usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

impl DataKey {
    pub(crate) fn new(bytes: [u8; 32]) -> Self {
        Self {
            bytes: Secret::new(bytes),
            #[cfg(feature = "test-without-layers")]
            clear: false,
        }
    }

    /// The raw key, for an engine that encrypts by itself (SQLCipher).
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.bytes.expose()
    }

    /// True if a test took encryption away.
    #[cfg(feature = "test-without-layers")]
    #[must_use]
    pub fn is_clear(&self) -> bool {
        self.clear
    }

    /// A key for one part of this purpose, such as one object.
    pub fn derive(&self, label: &[u8]) -> Result<DataKey, VaultError> {
        let mut out = Zeroizing::new([0_u8; 32]);
        self.expand(&[b"burgward derive v1\0", label], &mut *out)?;
        let derived = DataKey::new(*out);
        #[cfg(feature = "test-without-layers")]
        let derived = DataKey { clear: self.clear, ..derived };
        Ok(derived)
    }

    /// Encrypts and authenticates; `aad` says where the value belongs and is needed to open it.
    pub fn seal(&self, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
        #[cfg(feature = "test-without-layers")]
        if self.clear {
            return Ok(crate::clear::seal(plaintext));
        }
        let mut salt = [0_u8; SALT_LEN];
        aws_lc_rs::rand::fill(&mut salt)?;
        let (key, nonce) = self.message_key(&salt)?;
        let mut out = Vec::with_capacity(plaintext.len() + SEAL_OVERHEAD);
        out.push(VERSION);
        out.extend_from_slice(&salt);
        let mut body = plaintext.to_vec();
        key.seal_in_place_append_tag(nonce, Aad::from(aad), &mut body)?;
        out.extend_from_slice(&body);
        Ok(out)
    }

    /// Opens what [`DataKey::seal`] made with the same `aad`.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        #[cfg(feature = "test-without-layers")]
        if self.clear {
            return crate::clear::open(sealed);
        }
        let (&version, rest) = sealed.split_first().ok_or(VaultError::NotAuthentic)?;
        let (salt, body) = rest.split_at_checked(SALT_LEN).ok_or(VaultError::NotAuthentic)?;
        if version != VERSION || body.len() < TAG_LEN {
            return Err(VaultError::NotAuthentic);
        }
        let (key, nonce) = self.message_key(salt)?;
        let mut body = body.to_vec();
        let length = key.open_in_place(nonce, Aad::from(aad), &mut body).map_err(|_| VaultError::NotAuthentic)?.len();
        body.truncate(length);
        Ok(body)
    }

    pub(crate) fn expand(&self, info: &[&[u8]], out: &mut [u8]) -> Result<(), VaultError> {
        let prk = hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, self.expose());
        Ok(prk.expand(info, Length(out.len()))?.fill(out)?)
    }

    fn message_key(&self, salt: &[u8]) -> Result<(LessSafeKey, Nonce), VaultError> {
        let mut okm = Zeroizing::new([0_u8; 32 + NONCE_LEN]);
        self.expand(&[b"burgward seal v1\0", salt], &mut *okm)?;
        let (key, nonce) = okm.split_at_checked(32).ok_or(VaultError::Crypto)?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key)?);
        Ok((key, Nonce::try_assume_unique_for_key(nonce)?))
    }
}
