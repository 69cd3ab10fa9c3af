//! Where secrets lie: a record a secret, a sealed value a version.

use std::sync::Arc;

use burgward_service::ServiceError;
use burgward_store::{Batch, Store, StoreError};
use burgward_types::Secret;
use burgward_vault::DataKey;

use crate::record::{Content, Record};

/// Secrets in the store.
pub(crate) struct Shelf {
    store: Arc<dyn Store>,
    key: DataKey,
}

/// A change of a secret.
pub(crate) struct Change<'a> {
    pub(crate) record: &'a Record,
    /// A new version's id and value.
    pub(crate) value: Option<(&'a str, &'a Content)>,
    /// Versions that are gone.
    pub(crate) gone: &'a [String],
}

fn record_key(name: &str) -> Vec<u8> {
    format!("secretsmanager/secret/{name}").into_bytes()
}

fn value_key(name: &str, version: &str) -> Vec<u8> {
    format!("secretsmanager/value/{name}\0{version}").into_bytes()
}

/// What a sealed value is bound to, so that it opens nowhere else.
fn place(name: &str, version: &str) -> Vec<u8> {
    format!("secretsmanager value\0{name}\0{version}").into_bytes()
}

impl Shelf {
    pub(crate) fn new(store: Arc<dyn Store>, key: DataKey) -> Self {
        Self { store, key }
    }

    /// A secret's record.
    pub(crate) fn record(&self, name: &str) -> Result<Option<Record>, ServiceError> {
        let bytes = self.store.get(&record_key(name)).map_err(ServiceError::internal)?;
        bytes.map(|bytes| serde_json::from_slice(&bytes).map_err(ServiceError::internal)).transpose()
    }

    /// Replaces a secret's record, and keeps the value of a new version with it, if the record is still `before`.
    ///
    /// False if somebody else was faster. Values of versions that are `gone` are forgotten.
    pub(crate) async fn replace(&self, before: Option<&Record>, change: &Change<'_>) -> Result<bool, ServiceError> {
        let bytes = |r: &Record| serde_json::to_vec(r).map_err(ServiceError::internal);
        let (key, name) = (record_key(&change.record.name), &change.record.name);
        let seen = before.map(bytes).transpose()?;
        let mut batch = Batch::new().expect(key.clone(), seen).put(key, bytes(change.record)?);
        if let Some((version, content)) = change.value {
            let sealed = self.key.seal(&place(name, version), content.bytes().expose());
            batch = batch.put(value_key(name, version), sealed.map_err(ServiceError::internal)?);
        }
        for version in change.gone {
            batch = batch.delete(value_key(name, version));
        }
        match self.store.commit(batch).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(ServiceError::internal(error)),
        }
    }

    /// The value of a version.
    pub(crate) fn value(&self, name: &str, version: &str) -> Result<Content, ServiceError> {
        let sealed = self.store.get(&value_key(name, version)).map_err(ServiceError::internal)?;
        let sealed = sealed.ok_or_else(|| ServiceError::internal("a version without a value"))?;
        let open = self.key.open(&place(name, version), &sealed).map_err(ServiceError::internal)?;
        Content::from_bytes(Secret::new(open).expose())
            .ok_or_else(|| ServiceError::internal("a sealed value of no known kind"))
    }
}
