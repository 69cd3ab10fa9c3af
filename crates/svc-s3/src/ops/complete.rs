//! `CompleteMultipartUpload`: the parts become an object, at once and without copying them.

use burgward_service::Permit;
use burgward_store::Batch;
use futures_util::StreamExt as _;
use s3s::dto;
use s3s::{S3Result, s3_error};

use super::multipart::{parts, upload};
use super::put::replaceable;
use super::{claimed, encrypted, etag, fill_checksum};
use crate::blob::{Blob, Blobs};
use crate::digest::{Algorithm, Checksum, Digests, composite, etag_of_parts};
use crate::error::internal;
use crate::meta::{self, Object, Part, Upload};
use crate::state::{State, encode};
use crate::table as t;

/// All parts but the last have at least this size.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>
const MIN_PART: u64 = 5 * 1024 * 1024;

pub(crate) async fn complete(
    state: &State,
    _permit: &Permit<t::CompleteMultipartUpload>,
    mut input: dto::CompleteMultipartUploadInput,
) -> S3Result<dto::CompleteMultipartUploadOutput> {
    let upload = upload(state, &input.bucket, &input.key, &input.upload_id)?;
    let claimed = claimed!(input, None)?;
    let named = input.multipart_upload.take().and_then(|named| named.parts).unwrap_or_default();
    let all = parts(state, &upload.id)?;
    let chosen = choose(&named, &all)?;
    let size: u64 = chosen.iter().map(|part| part.blob.size).sum();
    if input.mpu_object_size.is_some_and(|claimed| u64::try_from(claimed) != Ok(size)) {
        return Err(s3_error!(
            InvalidRequest,
            "The provided 'x-amz-mp-object-size' header value does not match what was computed."
        ));
    }
    let blobs: Vec<Blob> = chosen.iter().map(|part| part.blob.clone()).collect();
    let checksum = checksum(state, &upload, &chosen, &blobs, size).await?;
    if let Some((algorithm, value)) = claimed.checksums.first() {
        let whole = checksum.as_ref().filter(|sum| sum.algorithm == *algorithm);
        if whole.is_none_or(|sum| sum.value != *value) {
            return Err(s3_error!(
                BadDigest,
                "The {} you specified did not match the calculated checksum.",
                algorithm.name()
            ));
        }
    }
    let md5s: Vec<[u8; 16]> = chosen.iter().filter_map(|part| hex::decode(&part.md5).ok()?.try_into().ok()).collect();
    let object = Object {
        size,
        etag: etag_of_parts(&md5s),
        modified: state.now(),
        described: upload.described.clone(),
        checksum,
        blobs,
        multipart: true,
    };
    let unused: Vec<Blob> =
        all.iter().filter(|part| !object.blobs.contains(&part.blob)).map(|part| part.blob.clone()).collect();
    let place = meta::upload_key(&input.bucket, &input.key, &upload.id);
    let mut also = Batch::new().expect(place.clone(), Some(encode(&upload)?)).delete(place);
    for part in &all {
        also = also.expect(meta::part_key(&upload.id, part.number), Some(encode(part)?));
    }
    let also = Blobs::forget(&unused, also.delete_prefix(format!("s3/p/{}/", upload.id)));
    let condition = |old: Option<&Object>| replaceable(old, input.if_match.as_ref(), input.if_none_match.as_ref());
    state.replace((&input.bucket, &input.key), &object, &[], also, &condition).await?;
    state.blobs.unlink(&unused);
    let mut output = dto::CompleteMultipartUploadOutput {
        location: Some(format!("/{}/{}", input.bucket, input.key)),
        bucket: Some(input.bucket),
        key: Some(input.key),
        e_tag: etag(&object.etag),
        checksum_type: object.checksum.as_ref().and_then(|sum| super::checksum_type(sum.composite)),
        server_side_encryption: encrypted(),
        ..Default::default()
    };
    fill_checksum!(output, &object.checksum);
    Ok(output)
}

/// The parts that the client names, if they are there as it saw them.
fn choose(named: &[dto::CompletedPart], all: &[Part]) -> S3Result<Vec<Part>> {
    if named.is_empty() {
        return Err(s3_error!(
            MalformedXML,
            "The XML you provided was not well-formed or did not validate against our published schema"
        ));
    }
    let mut chosen: Vec<Part> = Vec::with_capacity(named.len());
    for name in named {
        let number = name.part_number.unwrap_or(0);
        if chosen.last().is_some_and(|before| before.number >= number) {
            return Err(s3_error!(
                InvalidPartOrder,
                "The list of parts was not in ascending order. The parts list must be specified in order by part number."
            ));
        }
        let part = all.iter().find(|part| part.number == number && as_named(part, name));
        chosen.push(part.cloned().ok_or_else(|| {
            s3_error!(
                InvalidPart,
                "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."
            )
        })?);
    }
    let but_last = chosen.split_last().map_or(&[][..], |(_, rest)| rest);
    if but_last.iter().any(|part| part.blob.size < MIN_PART) {
        return Err(s3_error!(EntityTooSmall, "Your proposed upload is smaller than the minimum allowed size"));
    }
    Ok(chosen)
}

fn as_named(part: &Part, name: &dto::CompletedPart) -> bool {
    let sums = [
        (Algorithm::Crc32, &name.checksum_crc32),
        (Algorithm::Crc32c, &name.checksum_crc32c),
        (Algorithm::Crc64Nvme, &name.checksum_crc64nvme),
        (Algorithm::Sha1, &name.checksum_sha1),
        (Algorithm::Sha256, &name.checksum_sha256),
    ];
    let sums_fit = sums.iter().all(|(algorithm, claimed)| {
        claimed.as_ref().is_none_or(|value| *value == part.checksum.value && *algorithm == part.checksum.algorithm)
    });
    sums_fit && name.e_tag.as_ref().is_some_and(|etag| etag.value() == part.md5)
}

/// The object's checksum: of the parts' checksums, or with CRC64NVME of the whole content, which is read for it.
async fn checksum(
    state: &State,
    upload: &Upload,
    chosen: &[Part],
    blobs: &[Blob],
    size: u64,
) -> S3Result<Option<Checksum>> {
    let algorithm = upload.algorithm.unwrap_or(Algorithm::Crc64Nvme);
    if algorithm != Algorithm::Crc64Nvme {
        let sums: Vec<&str> = chosen.iter().map(|part| part.checksum.value.as_str()).collect();
        return Ok(Some(composite(algorithm, &sums)));
    }
    let mut digests = Digests::new(algorithm);
    let mut content = state.blobs.read(blobs, 0, size)?;
    while let Some(bytes) = content.next().await {
        digests.update(&bytes.map_err(internal)?);
    }
    Ok(Some(digests.finish().checksum))
}
