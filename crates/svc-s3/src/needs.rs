//! What each operation needs: actions on resources, with S3's condition keys.
//!
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>

use burgward_service::Need;
use s3s::dto::{CopySource, ObjectCannedACL, ServerSideEncryption, StorageClass};
use s3s::{S3Result, s3_error};

use crate::error::not_served;

pub(crate) fn bucket_arn(bucket: &str) -> String {
    format!("arn:aws:s3:::{bucket}")
}

pub(crate) fn object_arn(bucket: &str, key: &str) -> String {
    format!("arn:aws:s3:::{bucket}/{key}")
}

pub(crate) fn on_bucket(action: &'static str, bucket: &str) -> Vec<Need> {
    vec![Need::new(action, bucket_arn(bucket))]
}

pub(crate) fn on_object(action: &'static str, bucket: &str, key: &str) -> Vec<Need> {
    vec![Need::new(action, object_arn(bucket, key))]
}

/// A listing: the condition keys are there only if the parameter is.
pub(crate) fn listing(bucket: &str, prefix: Option<&str>, delimiter: Option<&str>, max_keys: Option<i32>) -> Vec<Need> {
    let mut need = Need::new("s3:ListBucket", bucket_arn(bucket));
    if let Some(prefix) = prefix {
        need = need.with("s3:prefix", prefix);
    }
    if let Some(delimiter) = delimiter {
        need = need.with("s3:delimiter", delimiter);
    }
    if let Some(max_keys) = max_keys {
        need = need.with("s3:max-keys", i64::from(max_keys));
    }
    vec![need]
}

/// What a write may say about the object beside its content.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wishes<'a> {
    pub(crate) acl: Option<&'a ObjectCannedACL>,
    pub(crate) encryption: Option<&'a ServerSideEncryption>,
    pub(crate) storage_class: Option<&'a StorageClass>,
}

/// A write. Wishes that cannot be met are refused here, before anybody is asked for leave.
pub(crate) fn writing(bucket: &str, key: &str, wishes: Wishes<'_>) -> S3Result<Vec<Need>> {
    let arn = object_arn(bucket, key);
    let mut put = Need::new("s3:PutObject", arn.clone());
    if let Some(encryption) = wishes.encryption {
        if encryption.as_str() != ServerSideEncryption::AES256 {
            return Err(not_served(&format!("x-amz-server-side-encryption: {}", encryption.as_str())));
        }
        put = put.with("s3:x-amz-server-side-encryption", encryption.as_str());
    }
    if let Some(class) = wishes.storage_class {
        if class.as_str() != StorageClass::STANDARD {
            return Err(not_served(&format!("x-amz-storage-class: {}", class.as_str())));
        }
        put = put.with("s3:x-amz-storage-class", class.as_str());
    }
    let mut needs = Vec::new();
    if let Some(acl) = wishes.acl {
        // Buckets made since April 2023 have no access control lists: only the owner's full control is no error.
        // Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
        if acl.as_str() != ObjectCannedACL::BUCKET_OWNER_FULL_CONTROL {
            return Err(s3_error!(AccessControlListNotSupported, "The bucket does not allow ACLs"));
        }
        put = put.with("s3:x-amz-acl", acl.as_str());
        needs.push(Need::new("s3:PutObjectAcl", arn).with("s3:x-amz-acl", acl.as_str()));
    }
    needs.insert(0, put);
    Ok(needs)
}

/// Bucket and key of a copy's source; other sources than a bucket are refused.
pub(crate) fn source(source: &CopySource) -> S3Result<(&str, &str)> {
    match source {
        CopySource::Bucket { bucket, key, version_id: None } => Ok((bucket, key)),
        CopySource::Bucket { .. } => Err(not_served("x-amz-copy-source with versionId")),
        CopySource::AccessPoint { .. } | CopySource::Outpost { .. } => {
            Err(not_served("x-amz-copy-source of an access point"))
        }
    }
}

/// A copy reads its source and writes its target.
pub(crate) fn copying(
    from: &CopySource,
    bucket: &str,
    key: &str,
    wishes: Wishes<'_>,
    directive: Option<&str>,
) -> S3Result<Vec<Need>> {
    let (source_bucket, source_key) = source(from)?;
    let mut needs = on_object("s3:GetObject", source_bucket, source_key);
    let from = format!("{source_bucket}/{source_key}");
    for mut need in writing(bucket, key, wishes)? {
        need = need.with("s3:x-amz-copy-source", from.as_str());
        if let Some(directive) = directive {
            need = need.with("s3:x-amz-metadata-directive", directive);
        }
        needs.push(need);
    }
    Ok(needs)
}
