//! The operations. Each takes its permit, so that none can be called without.

pub(crate) mod buckets;
pub(crate) mod complete;
pub(crate) mod copy;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod multipart;
pub(crate) mod put;

use s3s::S3Result;
use s3s::dto::{ETag, ETagCondition, ServerSideEncryption};

use crate::digest::Algorithm;

/// The checksum that the client wants kept: named by itself, or by its trailer.
pub(crate) fn wanted_algorithm(headers: &http::HeaderMap) -> S3Result<Option<Algorithm>> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(name) = text("x-amz-sdk-checksum-algorithm") {
        return Algorithm::parse(name).map(Some);
    }
    let trailer = text("x-amz-trailer").and_then(|names| names.trim().strip_prefix("x-amz-checksum-"));
    trailer.map(Algorithm::parse).transpose()
}

/// Everything at rest is encrypted with AES-256-GCM: what S3 calls SSE-S3, its default since 2023.
#[expect(clippy::unnecessary_wraps, reason = "outputs take it so")]
pub(crate) fn encrypted() -> Option<ServerSideEncryption> {
    Some(ServerSideEncryption::from_static(ServerSideEncryption::AES256))
}

#[expect(clippy::unnecessary_wraps, reason = "outputs take it so")]
pub(crate) fn etag(value: &str) -> Option<ETag> {
    Some(ETag::Strong(value.to_owned()))
}

/// True if a condition names this `ETag`, or any.
pub(crate) fn names(condition: &ETagCondition, etag: &str) -> bool {
    condition.is_any() || condition.as_etag().is_some_and(|named| named.value() == etag)
}

/// Fills the one of an output's five checksum fields that there is a checksum for, and its type.
macro_rules! fill_checksum {
    ($output:expr, $checksum:expr) => {
        if let Some(checksum) = $checksum {
            let value = Some(checksum.value.clone());
            match checksum.algorithm {
                crate::digest::Algorithm::Crc32 => $output.checksum_crc32 = value,
                crate::digest::Algorithm::Crc32c => $output.checksum_crc32c = value,
                crate::digest::Algorithm::Crc64Nvme => $output.checksum_crc64nvme = value,
                crate::digest::Algorithm::Sha1 => $output.checksum_sha1 = value,
                crate::digest::Algorithm::Sha256 => $output.checksum_sha256 = value,
            }
        }
    };
}

/// Takes the checksum headers of an input.
macro_rules! claimed {
    ($input:expr, $md5:expr) => {
        crate::digest::Claimed::new(
            $md5,
            [
                $input.checksum_crc32.take(),
                $input.checksum_crc32c.take(),
                $input.checksum_crc64nvme.take(),
                $input.checksum_sha1.take(),
                $input.checksum_sha256.take(),
            ],
        )
    };
}

pub(crate) use {claimed, fill_checksum};

/// The word for how a multipart object's checksum came about.
#[expect(clippy::unnecessary_wraps, reason = "outputs take it so")]
pub(crate) fn checksum_type(composite: bool) -> Option<s3s::dto::ChecksumType> {
    use s3s::dto::ChecksumType;
    let name = if composite { ChecksumType::COMPOSITE } else { ChecksumType::FULL_OBJECT };
    Some(ChecksumType::from_static(name))
}
