//! The encryption layers, tried as the sandbox's are.

use burgward_store::SqlStore;
use burgward_vault::Vault;

/// Each layer of encryption with what its probe saw: id, whether it held, evidence.
#[must_use]
pub fn crypto_selftest() -> Vec<(String, bool, String)> {
    vec![outcome("objects-aead", aead()), outcome("store-encryption", store()), outcome("audit-signature", signature())]
}

fn outcome(id: &str, result: Result<String, String>) -> (String, bool, String) {
    match result {
        Ok(evidence) => (id.to_owned(), true, evidence),
        Err(reason) => (id.to_owned(), false, reason),
    }
}

fn aead() -> Result<String, String> {
    let vault = Vault::ephemeral().map_err(|error| error.to_string())?;
    let mut sealed = vault.seal("selftest", b"name", b"content").map_err(|error| error.to_string())?;
    if vault.open("selftest", b"name", &sealed).ok().as_deref() != Some(b"content") {
        return Err("what was sealed did not open".into());
    }
    if vault.open("selftest", b"other", &sealed).is_ok() {
        return Err("it opened under another name".into());
    }
    if let Some(last) = sealed.last_mut() {
        *last ^= 1;
    }
    if vault.open("selftest", b"name", &sealed).is_ok() {
        return Err("it opened with a bit flipped".into());
    }
    Ok("sealed, opened; another name and a flipped bit refused".into())
}

fn store() -> Result<String, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let vault = Vault::ephemeral().map_err(|error| text(&error))?;
    let folder = std::env::temp_dir().join(format!("burgward-selftest-{}", std::process::id()));
    std::fs::create_dir(&folder).map_err(|error| text(&error))?;
    let path = folder.join("store.db");
    let result = vault.key("selftest").map_err(|error| text(&error)).and_then(|key| {
        drop(SqlStore::open(&path, &key).map_err(|error| text(&error))?);
        let head = std::fs::read(&path).map_err(|error| text(&error))?;
        if head.starts_with(b"SQLite format 3") {
            return Err("the file's head is readable".into());
        }
        let other = vault.key("another").map_err(|error| text(&error))?;
        if SqlStore::open(&path, &other).is_ok() {
            return Err("it opened with another key".into());
        }
        Ok("no readable page; another key refused".into())
    });
    drop(std::fs::remove_dir_all(&folder));
    result
}

fn signature() -> Result<String, String> {
    let vault = Vault::ephemeral().map_err(|error| error.to_string())?;
    let signer = vault.signer("selftest").map_err(|error| error.to_string())?;
    let signature = signer.sign(b"head");
    let key = signer.public_key();
    let holds = burgward_vault::verify_signature(&key, b"head", &signature);
    let forged = burgward_vault::verify_signature(&key, b"heap", &signature);
    if holds && !forged {
        Ok("signed, verified; another text refused".into())
    } else {
        Err("signatures do not hold".into())
    }
}
