//! Where root keys may come from, and what opens with them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on panics, in its helpers too"
)]

use std::os::unix::fs::PermissionsExt as _;

use burgward_types::Secret;
use burgward_vault::{CHUNK_LEN, RootKey, Stream, Vault, VaultError, sealed_len, verify_signature};

#[test]
fn a_key_file_is_made_once_and_judged() {
    let dir = tempfile::tempdir().unwrap();
    let (data, path) = (dir.path().join("data"), dir.path().join("keys/root-key"));
    std::fs::create_dir(&data).unwrap();
    assert!(matches!(RootKey::from_file_0600(&path, &data, false), Err(VaultError::Missing { .. })));
    let sealed = {
        let root = RootKey::from_file_0600(&path, &data, true).unwrap();
        assert_eq!(root.source(), format!("file `{}` (mode 0600)", path.display()));
        Vault::unlock(&root, &data).unwrap().seal("p", b"place", b"value").unwrap()
    };
    let vault = Vault::unlock(&RootKey::from_file_0600(&path, &data, true).unwrap(), &data).unwrap();
    assert_eq!(vault.open("p", b"place", &sealed).unwrap(), b"value");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let error = RootKey::from_file_0600(&path, &data, true).unwrap_err().to_string();
    assert!(
        error.contains("has mode 0640") && error.ends_with(&format!("hint: run `chmod 600 {}`", path.display())),
        "{error}"
    );
    let link = dir.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(RootKey::from_file_0600(&link, &data, true).unwrap_err().to_string().contains("is a symbolic link"));
    let inside = RootKey::from_file_0600(&data.join("sub/root-key"), &data, true).unwrap_err().to_string();
    assert!(inside.contains("lies in the data directory"), "{inside}");
}

#[test]
fn a_wrong_root_key_is_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let passphrase = |text: &str| RootKey::from_passphrase(&Secret::new(text.to_owned()), dir.path());
    assert!(matches!(passphrase("short"), Err(VaultError::ShortPassphrase(5))));
    Vault::unlock(&passphrase("correct horse battery").unwrap(), dir.path()).unwrap();
    Vault::unlock(&passphrase("correct horse battery").unwrap(), dir.path()).unwrap();
    let error = Vault::unlock(&passphrase("another horse battery").unwrap(), dir.path()).unwrap_err();
    assert!(matches!(error, VaultError::WrongRootKey { .. }), "{error}");
    let credential = dir.path().join("burgward-root-key");
    std::fs::write(&credential, "zz").unwrap();
    assert!(matches!(RootKey::from_systemd_credential(dir.path()), Err(VaultError::Malformed { .. })));
    std::fs::write(&credential, [7; 32]).unwrap();
    assert_eq!(
        RootKey::from_systemd_credential(dir.path()).unwrap().source(),
        "systemd credential `burgward-root-key`"
    );
}

#[test]
fn sealed_values_open_in_their_place_alone() {
    let vault = Vault::ephemeral().unwrap();
    let sealed = vault.seal("p", b"place", b"value").unwrap();
    assert_ne!(sealed, vault.seal("p", b"place", b"value").unwrap());
    assert!(vault.open("q", b"place", &sealed).is_err());
    assert!(vault.open("p", b"other", &sealed).is_err());
    for at in 0..sealed.len() {
        let mut bad = sealed.clone();
        bad[at] ^= 1;
        assert!(vault.open("p", b"place", &bad).is_err(), "byte {at}");
        assert!(vault.open("p", b"place", &sealed[..at]).is_err(), "cut at {at}");
    }
    let signer = vault.signer("head").unwrap();
    let signature = signer.sign(b"message");
    assert!(verify_signature(&signer.public_key(), b"message", &signature));
    assert!(!verify_signature(&signer.public_key(), b"another", &signature));
    assert!(!verify_signature(&vault.signer("else").unwrap().public_key(), b"message", &signature));
}

#[test]
fn chunks_open_at_their_index_alone() {
    let key = Vault::ephemeral().unwrap().key("objects").unwrap();
    let stream = Stream::create(&key, b"id").unwrap();
    let (mut first, mut last) = (vec![1; CHUNK_LEN], vec![2; 10]);
    stream.seal_chunk(0, false, &mut first).unwrap();
    stream.seal_chunk(1, true, &mut last).unwrap();
    assert_eq!(sealed_len(CHUNK_LEN as u64 + 10), (32 + first.len() + last.len()) as u64);
    let again = Stream::resume(&key, b"id", stream.header()).unwrap();
    let open = |index, is_last, chunk: &[u8]| again.open_chunk(index, is_last, &mut chunk.to_vec()).is_ok();
    assert!(open(1, true, &last) && open(0, false, &first));
    assert!(!open(0, true, &first), "cut off after the first");
    assert!(!open(0, true, &last) && !open(1, false, &first), "reordered");
    let other = Stream::resume(&key, b"other", stream.header()).unwrap();
    assert!(other.open_chunk(0, false, &mut first).is_err(), "taken from another value");
}
