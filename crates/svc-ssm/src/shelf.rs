//! Where parameters lie: the head of each, its older versions, and the sealing of secret values.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use burgward_service::ServiceError;
use burgward_store::{Batch, Scan, Store, StoreError};
use burgward_vault::DataKey;

use crate::record::{Kind, Record};

/// How many versions of a parameter AWS keeps.
const VERSIONS: u64 = 100;

/// Parameters in the store.
pub(crate) struct Shelf {
    store: Arc<dyn Store>,
    key: DataKey,
}

/// What came of an attempt to write a new head.
pub(crate) enum Written {
    /// It is the head now.
    Done,
    /// Somebody else was faster.
    Overtaken,
}

fn head_key(name: &str) -> Vec<u8> {
    format!("ssm/head/{name}").into_bytes()
}

fn versions_prefix(name: &str) -> Vec<u8> {
    // The zero byte ends the name: no other name's versions share the prefix.
    format!("ssm/version/{name}\0").into_bytes()
}

fn version_key(name: &str, version: u64) -> Vec<u8> {
    [versions_prefix(name), format!("{version:020}").into_bytes()].concat()
}

fn decode(bytes: &[u8]) -> Result<Record, ServiceError> {
    serde_json::from_slice(bytes).map_err(ServiceError::internal)
}

impl Shelf {
    pub(crate) fn new(store: Arc<dyn Store>, key: DataKey) -> Self {
        Self { store, key }
    }

    /// The newest version of a parameter.
    pub(crate) fn head(&self, name: &str) -> Result<Option<Record>, ServiceError> {
        self.store.get(&head_key(name)).map_err(ServiceError::internal)?.map(|bytes| decode(&bytes)).transpose()
    }

    /// A version of a parameter.
    pub(crate) fn version(&self, head: &Record, version: u64) -> Result<Option<Record>, ServiceError> {
        if head.version == version {
            return Ok(Some(head.clone()));
        }
        let kept = self.store.get(&version_key(&head.name, version)).map_err(ServiceError::internal)?;
        kept.map(|bytes| decode(&bytes)).transpose()
    }

    /// Makes a record the head, if the head is still `before`; the old head becomes an older version.
    pub(crate) async fn replace(&self, before: Option<&Record>, record: &Record) -> Result<Written, ServiceError> {
        let bytes = |r: &Record| serde_json::to_vec(r).map_err(ServiceError::internal);
        let seen = before.map(bytes).transpose()?;
        let head = head_key(&record.name);
        let mut batch = Batch::new().expect(head.clone(), seen.clone()).put(head, bytes(record)?);
        if let (Some(before), Some(seen)) = (before, seen) {
            batch = batch.put(version_key(&before.name, before.version), seen);
        }
        if let Some(old) = record.version.checked_sub(VERSIONS) {
            batch = batch.delete(version_key(&record.name, old));
        }
        match self.store.commit(batch).await {
            Ok(()) => Ok(Written::Done),
            Err(StoreError::Conflict) => Ok(Written::Overtaken),
            Err(error) => Err(ServiceError::internal(error)),
        }
    }

    /// Removes a parameter with all its versions; false if there was none.
    pub(crate) async fn remove(&self, name: &str) -> Result<bool, ServiceError> {
        let existed = self.head(name)?.is_some();
        let batch = Batch::new().delete(head_key(name)).delete_prefix(versions_prefix(name));
        self.store.commit(batch).await.map_err(ServiceError::internal)?;
        Ok(existed)
    }

    /// At most `limit` parameters whose names start so, after a name, in the order of names.
    pub(crate) fn heads(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, ServiceError> {
        let mut scan = Scan::prefix(head_key(prefix), limit);
        if let Some(after) = after {
            scan = scan.after(head_key(after));
        }
        let found = self.store.scan(&scan).map_err(ServiceError::internal)?;
        found.iter().map(|entry| decode(&entry.value)).collect()
    }

    /// Seals a secret value for its place.
    pub(crate) fn seal(&self, name: &str, version: u64, value: &str) -> Result<String, ServiceError> {
        let sealed = self.key.seal(&place(name, version), value.as_bytes()).map_err(ServiceError::internal)?;
        Ok(STANDARD.encode(sealed))
    }

    /// The value as a client sees it: a secret one only if asked for in the clear.
    pub(crate) fn value(&self, record: &Record, decrypted: bool) -> Result<String, ServiceError> {
        if record.kind != Kind::SecureString || !decrypted {
            return Ok(record.value.clone());
        }
        let sealed = STANDARD.decode(&record.value).map_err(ServiceError::internal)?;
        let open = self.key.open(&place(&record.name, record.version), &sealed).map_err(ServiceError::internal)?;
        String::from_utf8(open).map_err(|_| ServiceError::internal("a sealed parameter is not UTF-8"))
    }
}

/// What a sealed value is bound to, so that it opens nowhere else.
fn place(name: &str, version: u64) -> Vec<u8> {
    format!("ssm parameter\0{name}\0{version}").into_bytes()
}
