//! What is kept about buckets, objects and uploads.

use std::collections::BTreeMap;

use burgward_types::Timestamp;
use s3s::dto;
use serde::{Deserialize, Serialize};

use crate::blob::Blob;
use crate::digest::Checksum;

/// A bucket.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Bucket {
    pub(crate) created: Timestamp,
}

/// What a client says about a content and gets back with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Described {
    pub(crate) content_type: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_language: Option<String>,
    pub(crate) expires: Option<i64>,
    pub(crate) user: BTreeMap<String, String>,
}

/// An object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Object {
    pub(crate) size: u64,
    pub(crate) etag: String,
    pub(crate) modified: Timestamp,
    pub(crate) described: Described,
    pub(crate) checksum: Option<Checksum>,
    /// One content, or one for each part.
    pub(crate) blobs: Vec<Blob>,
    /// True if it was uploaded in parts.
    #[serde(default)]
    pub(crate) multipart: bool,
}

/// An upload in parts that was begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Upload {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) begun: Timestamp,
    pub(crate) described: Described,
    pub(crate) algorithm: Option<crate::digest::Algorithm>,
}

/// A part of an upload.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) number: i32,
    pub(crate) md5: String,
    pub(crate) modified: Timestamp,
    pub(crate) checksum: Checksum,
    pub(crate) blob: Blob,
}

pub(crate) const BUCKETS: &str = "s3/b/";

pub(crate) fn bucket_key(bucket: &str) -> Vec<u8> {
    format!("{BUCKETS}{bucket}").into_bytes()
}

/// A bucket's name has no `/`, so that no object's key can reach into another bucket.
pub(crate) fn object_key(bucket: &str, key: &str) -> Vec<u8> {
    format!("s3/o/{bucket}/{key}").into_bytes()
}

pub(crate) fn upload_key(bucket: &str, key: &str, id: &str) -> Vec<u8> {
    format!("s3/u/{bucket}/{key}\0{id}").into_bytes()
}

pub(crate) fn part_key(id: &str, number: i32) -> Vec<u8> {
    format!("s3/p/{id}/{number:05}").into_bytes()
}

pub(crate) fn timestamp(at: Timestamp) -> dto::Timestamp {
    at.to_datetime().into()
}

/// S3 answers and compares times in whole seconds.
pub(crate) fn whole_seconds(at: Timestamp) -> dto::Timestamp {
    Timestamp::from_secs(at.secs()).to_datetime().into()
}

impl Described {
    pub(crate) fn expires(&self) -> Option<dto::Timestamp> {
        self.expires.map(|secs| timestamp(Timestamp::from_secs(secs)))
    }

    /// The user's metadata, as the answers have it.
    pub(crate) fn metadata(&self) -> Option<dto::Metadata> {
        (!self.user.is_empty()).then(|| self.user.clone().into_iter().collect())
    }

    /// The bytes of the user's metadata, which S3 limits.
    pub(crate) fn user_len(&self) -> usize {
        self.user.iter().map(|(name, value)| name.len() + value.len()).sum()
    }
}

/// Whole seconds of a time in a request.
pub(crate) fn seconds(at: &dto::Timestamp) -> i64 {
    let mut text = Vec::new();
    if at.format(dto::TimestampFormat::EpochSeconds, &mut text).is_err() {
        return 0;
    }
    let text = String::from_utf8(text).unwrap_or_default();
    text.split('.').next().and_then(|secs| secs.parse().ok()).unwrap_or(0)
}
