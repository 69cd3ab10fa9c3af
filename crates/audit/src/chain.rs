//! The chain: how a record is bound to its place, and the signed head that says where the chain ends.

use std::path::Path;

use aws_lc_rs::digest;
use burgward_vault::{DataKey, Signer, Vault, verify_signature, write_atomically};
use serde::{Deserialize, Serialize};

use crate::AuditError;

pub(crate) const HEAD_FILE: &str = "head.json";
const HEAD_SCHEMA: &str = "burgward/audit-head-v1";

/// The end of the chain: how many records, and the hash that covers them all.
///
/// Printed as `RECORDS:HASH`; keep a printed head elsewhere, and [`crate::AuditLog::verify`] proves that the log
/// still holds everything up to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many records the log has.
    pub records: u64,
    /// The hash of the last, which covers all before it.
    pub hash: [u8; 32],
}

/// What seals records and links each to those before it.
#[derive(Debug)]
pub(crate) struct Links {
    key: DataKey,
    /// Records are linked to nothing.
    #[cfg(feature = "test-without-layers")]
    loose: bool,
}

impl Links {
    pub(crate) fn of(vault: &Vault) -> Result<Self, AuditError> {
        Ok(Self {
            key: vault.key("audit")?,
            #[cfg(feature = "test-without-layers")]
            loose: vault.without().lacks(burgward_types::HouseLayer::AuditChain),
        })
    }
}

impl Head {
    /// The chain before its first record.
    pub(crate) const EMPTY: Self = Self { records: 0, hash: [0; 32] };

    /// Reads a printed head.
    pub fn parse(text: &str) -> Result<Self, AuditError> {
        let parts = text.trim().split_once(':');
        let head = parts.and_then(|(records, hash)| {
            let mut bytes = [0_u8; 32];
            hex::decode_to_slice(hash, &mut bytes).ok()?;
            Some(Self { records: records.parse().ok()?, hash: bytes })
        });
        head.ok_or_else(|| AuditError::NoHead(text.chars().take(100).collect()))
    }

    /// What binds a record to its place: the number it will have and everything before it.
    fn aad(&self) -> [u8; 40] {
        let mut aad = [0_u8; 40];
        let (number, hash) = aad.split_at_mut(8);
        number.copy_from_slice(&self.records.to_be_bytes());
        hash.copy_from_slice(&self.hash);
        aad
    }

    /// Seals the next record for its place and moves on.
    pub(crate) fn seal_next(&mut self, links: &Links, plaintext: &[u8]) -> Result<Vec<u8>, AuditError> {
        let aad = self.aad();
        #[cfg(feature = "test-without-layers")]
        let aad = if links.loose { [0; 40] } else { aad };
        let sealed = links.key.seal(&aad, plaintext)?;
        self.advance(&aad, &sealed);
        Ok(sealed)
    }

    /// Opens the next record, if it is the one sealed for this place, and moves on.
    pub(crate) fn open_next(&mut self, links: &Links, sealed: &[u8]) -> Option<Vec<u8>> {
        let aad = self.aad();
        #[cfg(feature = "test-without-layers")]
        let aad = if links.loose { [0; 40] } else { aad };
        let plaintext = links.key.open(&aad, sealed).ok()?;
        self.advance(&aad, sealed);
        Some(plaintext)
    }

    fn advance(&mut self, aad: &[u8; 40], sealed: &[u8]) {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(b"burgward audit v1\0");
        context.update(aad);
        context.update(sealed);
        self.hash.copy_from_slice(context.finish().as_ref());
        self.records += 1;
    }
}

impl std::fmt::Display for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.records, hex::encode(self.hash))
    }
}

/// The head with its signature (Ed25519): it can be checked by anyone who has the public key, without the vault.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignedHead {
    schema: String,
    /// The head as it is printed.
    pub head: String,
    /// The key to check with, hexadecimal.
    pub public_key: String,
    /// The signature over `burgward/audit-head-v1 HEAD`, hexadecimal.
    pub signature: String,
}

impl SignedHead {
    pub(crate) fn sign(head: &Head, signer: &Signer) -> Self {
        let head = head.to_string();
        let signature = hex::encode(signer.sign(format!("{HEAD_SCHEMA} {head}").as_bytes()));
        Self { schema: HEAD_SCHEMA.into(), head, public_key: hex::encode(signer.public_key()), signature }
    }

    /// The head, if the signature is `public_key`'s.
    #[must_use]
    pub fn verified(&self, public_key: &[u8]) -> Option<Head> {
        let signature = hex::decode(&self.signature).ok()?;
        let message = format!("{HEAD_SCHEMA} {}", self.head);
        let authentic = self.schema == HEAD_SCHEMA && verify_signature(public_key, message.as_bytes(), &signature);
        if authentic { Head::parse(&self.head).ok() } else { None }
    }
}

pub(crate) fn write_head(dir: &Path, head: &Head, signer: &Signer) -> Result<(), AuditError> {
    let path = dir.join(HEAD_FILE);
    let text = serde_json::to_vec_pretty(&SignedHead::sign(head, signer)).unwrap_or_default();
    write_atomically(&path, &text).map_err(AuditError::io("write", &path))
}

/// The signed head on the disk; `None` if there is none yet.
pub(crate) fn read_head(dir: &Path, vault: &Vault) -> Result<Option<Head>, AuditError> {
    let path = dir.join(HEAD_FILE);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(AuditError::io("read", &path)(error)),
    };
    let public_key = vault.signer("audit-head")?.public_key();
    let signed = serde_json::from_slice::<SignedHead>(&bytes).ok();
    let head = signed.and_then(|signed| signed.verified(&public_key));
    head.map(Some).ok_or(AuditError::HeadForged)
}
