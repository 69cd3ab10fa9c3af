//! Ed25519 signatures (RFC 8032) for what must be checkable with a public key alone.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use crate::{DataKey, VaultError};

/// Signs for one purpose.
#[derive(Debug)]
pub struct Signer(Ed25519KeyPair);

impl Signer {
    pub(crate) fn from_seed(seed: &DataKey) -> Result<Self, VaultError> {
        Ed25519KeyPair::from_seed_unchecked(seed.expose()).map(Self).map_err(|_| VaultError::Crypto)
    }

    /// The signature of a message.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }

    /// The key that the signatures are checked with.
    #[must_use]
    pub fn public_key(&self) -> Vec<u8> {
        self.0.public_key().as_ref().to_vec()
    }
}

/// True if `signature` is `public_key`'s over `message`.
#[must_use]
pub fn verify_signature(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public_key).verify(message, signature).is_ok()
}
