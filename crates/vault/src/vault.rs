//! One key per purpose, derived from the root key.

use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::hkdf;
use zeroize::Zeroizing;

use crate::seal::Length;
use crate::{DataKey, RootKey, Signer, VaultError, write_atomically};

const CHECK_FILE: &str = "root-key.check";
const CHECK_TEXT: &[u8] = b"burgward root key check v1";

/// Derives keys and seals with them. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    inner: Arc<Inner>,
    #[cfg(feature = "test-without-layers")]
    without: burgward_types::Without,
}

struct Inner {
    prk: hkdf::Prk,
    source: String,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").field("source", &self.inner.source).finish_non_exhaustive()
    }
}

impl Vault {
    /// Takes the root key and makes sure that it is the one the data directory was made with.
    pub fn unlock(root: &RootKey, data_dir: &Path) -> Result<Self, VaultError> {
        let vault = Self::without_check(root);
        let path = data_dir.join(CHECK_FILE);
        match std::fs::read(&path) {
            Ok(sealed) => match vault.open("root-key-check", b"", &sealed) {
                Ok(text) if text == CHECK_TEXT => Ok(vault),
                Ok(_) | Err(VaultError::NotAuthentic) => Err(VaultError::WrongRootKey {
                    source_name: root.source().to_owned(),
                    data_dir: data_dir.to_owned(),
                }),
                Err(error) => Err(error),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let sealed = vault.seal("root-key-check", b"", CHECK_TEXT)?;
                write_atomically(&path, &sealed).map_err(VaultError::io("write", &path))?;
                Ok(vault)
            }
            Err(error) => Err(VaultError::io("read", &path)(error)),
        }
    }

    /// A vault under a random root key that nobody keeps, for tests and for data that must not outlive the process.
    pub fn ephemeral() -> Result<Self, VaultError> {
        Ok(Self::without_check(&RootKey::ephemeral()?))
    }

    fn without_check(root: &RootKey) -> Self {
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"burgward vault v1").extract(root.bytes());
        Self {
            inner: Arc::new(Inner { prk, source: root.source().to_owned() }),
            #[cfg(feature = "test-without-layers")]
            without: burgward_types::Without::default(),
        }
    }

    /// The vault of a house that lacks a layer.
    #[cfg(feature = "test-without-layers")]
    #[must_use]
    pub fn lacking(self, without: burgward_types::Without) -> Self {
        Self { without, ..self }
    }

    /// Which layer the house lacks; what is kept asks the vault that seals it.
    #[cfg(feature = "test-without-layers")]
    #[must_use]
    pub fn without(&self) -> burgward_types::Without {
        self.without
    }

    /// Where the root key came from, in words for the enforcement state.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.inner.source
    }

    /// The key of a purpose: the same for the same root key, unrelated to every other purpose's.
    pub fn key(&self, purpose: &str) -> Result<DataKey, VaultError> {
        let mut out = Zeroizing::new([0_u8; 32]);
        self.inner.prk.expand(&[b"purpose\0", purpose.as_bytes()], Length(32))?.fill(&mut *out)?;
        let key = DataKey::new(*out);
        #[cfg(feature = "test-without-layers")]
        let key = DataKey { clear: self.without.lacks(burgward_types::HouseLayer::Encryption), ..key };
        Ok(key)
    }

    /// Encrypts and authenticates under a purpose's key; `aad` says where the value belongs.
    pub fn seal(&self, purpose: &str, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.key(purpose)?.seal(aad, plaintext)
    }

    /// Opens what [`Vault::seal`] made for the same purpose and `aad`.
    pub fn open(&self, purpose: &str, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.key(purpose)?.open(aad, sealed)
    }

    /// Signs for a purpose.
    pub fn signer(&self, purpose: &str) -> Result<Signer, VaultError> {
        let mut seed = Zeroizing::new([0_u8; 32]);
        self.inner.prk.expand(&[b"ed25519 seed\0", purpose.as_bytes()], Length(32))?.fill(&mut *seed)?;
        Signer::from_seed(&DataKey::new(*seed))
    }
}
