//! What the store promises to its callers.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on panics, in its helpers too"
)]

use burgward_store::{Batch, Scan, SqlStore, Store as _, StoreError};
use burgward_vault::Vault;

fn keys(store: &SqlStore, scan: &Scan) -> Vec<String> {
    store.scan(scan).unwrap().into_iter().map(|entry| String::from_utf8(entry.key).unwrap()).collect()
}

#[tokio::test]
async fn keys_are_ordered_and_scanned_by_prefix() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqlStore::open(&dir.path().join("s.db"), &Vault::ephemeral().unwrap().key("store").unwrap()).unwrap();
    for key in ["b/2", "a/1", "b/1", "b/10", "c"] {
        store.put(key.into(), key.to_uppercase().into()).await.unwrap();
    }
    assert_eq!(store.get(b"b/10").unwrap().unwrap(), b"B/10");
    assert_eq!(keys(&store, &Scan::prefix("b/", 9)), ["b/1", "b/10", "b/2"]);
    assert_eq!(keys(&store, &Scan::prefix("b/", 1).after("b/1")), ["b/10"]);
    assert_eq!(keys(&store, &Scan::prefix("", 9).from("b/2")), ["b/2", "c"]);
    store.commit(Batch::new().delete_prefix("b/").put("d", "")).await.unwrap();
    assert_eq!(keys(&store, &Scan::prefix("", 9)), ["a/1", "c", "d"]);
}

#[tokio::test]
async fn compare_and_set_lets_one_win() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqlStore::open(&dir.path().join("s.db"), &Vault::ephemeral().unwrap().key("store").unwrap()).unwrap();
    let race = (0..16_u8).map(|at| {
        let store = store.clone();
        tokio::spawn(async move { store.compare_and_set(b"k".to_vec(), None, Some(vec![at])).await.unwrap() })
    });
    let mut wins = 0;
    for winner in race.collect::<Vec<_>>() {
        wins += u8::from(winner.await.unwrap());
    }
    assert_eq!(wins, 1);
    let conflict = store.commit(Batch::new().put("x", "1").expect("k", None)).await;
    assert!(matches!(conflict, Err(StoreError::Conflict)));
    assert_eq!(store.get(b"x").unwrap(), None, "a batch happens as a whole or not at all");
}

/// The engine would write to standard error past everything here, so that only another process can see it.
#[test]
fn a_wrong_key_is_an_error_and_nothing_on_standard_error() {
    const DIR: &str = "STORE_WRONG_KEY_DIR";
    if let Some(path) = std::env::var_os(DIR) {
        let (path, vault) = (std::path::Path::new(&path).join("s.db"), Vault::ephemeral().unwrap());
        drop(SqlStore::open(&path, &vault.key("store").unwrap()).unwrap());
        let error = SqlStore::open(&path, &vault.key("another").unwrap()).unwrap_err();
        assert!(matches!(&error, StoreError::WrongKey(_)), "{error}");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut this = std::process::Command::new(std::env::current_exe().unwrap());
    this.args(["a_wrong_key_is_an_error_and_nothing_on_standard_error", "--exact", "--nocapture"]).env(DIR, dir.path());
    let output = this.output().unwrap();
    assert_eq!((output.status.success(), String::from_utf8_lossy(&output.stderr).as_ref()), (true, ""));
    assert!(dir.path().join("s.db").exists());
}

#[tokio::test]
async fn another_key_does_not_open_it_and_nothing_readable_lies_there() {
    let dir = tempfile::tempdir().unwrap();
    let (path, vault) = (dir.path().join("s.db"), Vault::ephemeral().unwrap());
    let store = SqlStore::open(&path, &vault.key("store").unwrap()).unwrap();
    store.put(b"a key in clear".to_vec(), b"a value in clear".to_vec()).await.unwrap();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(8).any(|window| window == b"in clear" || window == b"SQLite f"), "{path:?}");
        assert_eq!(std::os::unix::fs::MetadataExt::mode(&path.metadata().unwrap()) & 0o777, 0o600, "{path:?}");
    }
    drop(store);
    let error = SqlStore::open(&path, &vault.key("another").unwrap()).unwrap_err();
    assert!(matches!(&error, StoreError::WrongKey(_)), "{error}");
    let again = SqlStore::open(&path, &vault.key("store").unwrap()).unwrap();
    assert_eq!(again.get(b"a key in clear").unwrap().unwrap(), b"a value in clear");
}
