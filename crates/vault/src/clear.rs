//! What stands on the disk when a test takes sealing away: the same lengths, nothing encrypted, nothing judged.

use crate::VaultError;
use crate::seal::{SALT_LEN, TAG_LEN, VERSION};

/// In place of sealing.
pub(crate) fn seal(plaintext: &[u8]) -> Vec<u8> {
    [&[VERSION], &[0; SALT_LEN][..], plaintext, &[0; TAG_LEN]].concat()
}

/// In place of opening.
pub(crate) fn open(sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
    let body = sealed.get(1 + SALT_LEN..sealed.len().saturating_sub(TAG_LEN)).ok_or(VaultError::NotAuthentic)?;
    Ok(body.to_vec())
}
