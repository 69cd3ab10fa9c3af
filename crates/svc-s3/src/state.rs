//! Buckets and objects: metadata in the store, contents in blobs.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use burgward_service::Guard;
use burgward_store::{Batch, Scan, Store};
use burgward_types::Timestamp;
use burgward_vault::Vault;
use s3s::{S3Result, s3_error};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::blob::{Blob, Blobs, Received};
use crate::error::{OpenError, internal};
use crate::meta::{self, Bucket, Object};

/// How often a write is repeated when somebody else changed the same key in between.
const TRIES: u32 = 64;

/// All of S3's state.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) blobs: Blobs,
    pub(crate) guard: Arc<Guard>,
}

/// What must hold of the object that a write replaces.
pub(crate) type Condition<'a> = &'a (dyn Fn(Option<&Object>) -> S3Result<()> + Send + Sync);

impl State {
    pub(crate) fn open(dir: &Path, vault: &Vault, store: Arc<dyn Store>, guard: Arc<Guard>) -> Result<Self, OpenError> {
        let directory = |source| OpenError::Directory { path: dir.to_owned(), source };
        let blobs = Blobs::open(dir, vault.key("s3-objects")?, Arc::clone(&store)).map_err(directory)?;
        let state = Self { store, blobs, guard };
        let files = state.blobs.files().map_err(directory)?;
        if !files.is_empty() {
            let named = state.named_blobs()?;
            let lost = files.into_iter().filter(|id| !named.contains(id));
            let lost: Vec<Blob> = lost.map(|id| Blob { id, size: 0, inline: false }).collect();
            state.blobs.unlink(&lost);
        }
        Ok(state)
    }

    /// Every content that some metadata names. What cannot be read as metadata stops the start: nothing is cleared away
    /// on a guess.
    fn named_blobs(&self) -> Result<HashSet<String>, OpenError> {
        let mut named = HashSet::new();
        for (prefix, of_parts) in [("s3/o/", false), ("s3/p/", true)] {
            let mut scan = Scan::prefix(prefix, 1000);
            loop {
                let entries = self.store.scan(&scan)?;
                let Some(last) = entries.last() else { break };
                scan = scan.after(last.key.clone());
                for entry in &entries {
                    named.extend(blob_ids(&entry.value, of_parts)?);
                }
            }
        }
        Ok(named)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.guard.clock().now()
    }

    pub(crate) fn get<T: DeserializeOwned>(&self, key: &[u8]) -> S3Result<Option<T>> {
        self.store.get(key).map_err(internal)?.map(|value| decode(&value)).transpose()
    }

    pub(crate) fn bucket(&self, name: &str) -> S3Result<Bucket> {
        let bucket = self.get(&meta::bucket_key(name))?;
        bucket.ok_or_else(|| s3_error!(NoSuchBucket, "The specified bucket does not exist"))
    }

    pub(crate) fn object(&self, bucket: &str, key: &str) -> S3Result<Option<Object>> {
        self.bucket(bucket)?;
        self.get(&meta::object_key(bucket, key))
    }

    pub(crate) async fn commit(&self, batch: Batch) -> S3Result<()> {
        self.store.commit(batch).await.map_err(store_failed)
    }

    /// Puts an object in the place of what is there, if `condition` holds of it. What was received is removed again if
    /// nothing comes of it.
    pub(crate) async fn replace(
        &self,
        (bucket, key): (&str, &str),
        object: &Object,
        received: &[Received],
        also: Batch,
        condition: Condition<'_>,
    ) -> S3Result<()> {
        let outcome = self.try_replace(bucket, key, object, received, also, condition).await;
        if outcome.is_err() {
            let blobs: Vec<Blob> = received.iter().map(|received| received.blob.clone()).collect();
            self.blobs.unlink(&blobs);
        }
        outcome
    }

    async fn try_replace(
        &self,
        bucket: &str,
        key: &str,
        object: &Object,
        received: &[Received],
        also: Batch,
        condition: Condition<'_>,
    ) -> S3Result<()> {
        let (place, bucket_place) = (meta::object_key(bucket, key), meta::bucket_key(bucket));
        let value = encode(object)?;
        for _ in 0..TRIES {
            // The bucket must still be there when the object arrives.
            let bucket_value = self.store.get(&bucket_place).map_err(internal)?;
            if bucket_value.is_none() {
                return Err(s3_error!(NoSuchBucket, "The specified bucket does not exist"));
            }
            let seen = self.store.get(&place).map_err(internal)?;
            let old: Option<Object> = seen.as_deref().map(decode).transpose()?;
            condition(old.as_ref())?;
            let gone = old.map(|old| old.blobs).unwrap_or_default();
            let batch = also.clone().expect(bucket_place.clone(), bucket_value).expect(place.clone(), seen);
            let batch = received.iter().fold(batch, |batch, received| received.add_to(batch));
            let batch = Blobs::forget(&gone, batch).put(place.clone(), value.clone());
            match self.store.commit(batch).await {
                Ok(()) => {
                    self.blobs.unlink(&gone);
                    return Ok(());
                }
                Err(burgward_store::StoreError::Conflict) => {}
                Err(error) => return Err(store_failed(error)),
            }
        }
        Err(s3_error!(
            OperationAborted,
            "A conflicting conditional operation is currently in progress against this resource. Please try again."
        ))
    }

    /// Removes an object if `condition` holds of it; true if there was one.
    pub(crate) async fn remove(&self, bucket: &str, key: &str, condition: Condition<'_>) -> S3Result<bool> {
        let place = meta::object_key(bucket, key);
        for _ in 0..TRIES {
            let seen = self.store.get(&place).map_err(internal)?;
            let old: Option<Object> = seen.as_deref().map(decode).transpose()?;
            condition(old.as_ref())?;
            let Some(old) = old else { return Ok(false) };
            let batch = Blobs::forget(&old.blobs, Batch::new().expect(place.clone(), seen)).delete(place.clone());
            match self.store.commit(batch).await {
                Ok(()) => {
                    self.blobs.unlink(&old.blobs);
                    return Ok(true);
                }
                Err(burgward_store::StoreError::Conflict) => {}
                Err(error) => return Err(store_failed(error)),
            }
        }
        Err(s3_error!(
            OperationAborted,
            "A conflicting conditional operation is currently in progress against this resource. Please try again."
        ))
    }
}

/// The contents that an object's or a part's metadata names.
fn blob_ids(value: &[u8], of_part: bool) -> Result<Vec<String>, OpenError> {
    let blobs = if of_part {
        serde_json::from_slice::<meta::Part>(value).map(|part| vec![part.blob])
    } else {
        serde_json::from_slice::<Object>(value).map(|object| object.blobs)
    };
    Ok(blobs?.into_iter().map(|blob| blob.id).collect())
}

pub(crate) fn encode<T: Serialize>(value: &T) -> S3Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(internal)
}

pub(crate) fn decode<T: DeserializeOwned>(value: &[u8]) -> S3Result<T> {
    serde_json::from_slice(value).map_err(internal)
}

fn store_failed(error: burgward_store::StoreError) -> s3s::S3Error {
    if matches!(error, burgward_store::StoreError::Conflict) {
        return s3_error!(
            OperationAborted,
            "A conflicting conditional operation is currently in progress against this resource. Please try again."
        );
    }
    internal(error)
}
