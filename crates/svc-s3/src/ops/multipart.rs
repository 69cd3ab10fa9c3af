//! Uploads in parts: begun, filled, listed, given up.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html>

use burgward_service::Permit;
use burgward_store::{Batch, Scan, StoreError};
use burgward_types::RequestId;
use s3s::dto;
use s3s::{S3Result, s3_error};

use super::put::{described, receive};
use super::{claimed, encrypted, etag, fill_checksum};
use crate::blob::{Blob, Blobs, Received};
use crate::digest::Algorithm;
use crate::error::{internal, not_served};
use crate::meta::{self, Described, Part, Upload, seconds, timestamp};
use crate::state::{State, decode, encode};
use crate::table as t;

pub(crate) fn no_such_upload() -> s3s::S3Error {
    s3_error!(
        NoSuchUpload,
        "The specified multipart upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
    )
}

/// The upload of that id, if it is one of this very key.
pub(crate) fn upload(state: &State, bucket: &str, key: &str, id: &str) -> S3Result<Upload> {
    state.bucket(bucket)?;
    state.get(&meta::upload_key(bucket, key, id))?.ok_or_else(no_such_upload)
}

/// All parts of an upload, in the order of their numbers.
pub(crate) fn parts(state: &State, id: &str) -> S3Result<Vec<Part>> {
    let scan = Scan::prefix(format!("s3/p/{id}/"), usize::MAX);
    state.store.scan(&scan).map_err(internal)?.iter().map(|entry| decode(&entry.value)).collect()
}

pub(crate) async fn create(
    state: &State,
    _permit: &Permit<t::CreateMultipartUpload>,
    input: dto::CreateMultipartUploadInput,
) -> S3Result<dto::CreateMultipartUploadOutput> {
    state.bucket(&input.bucket)?;
    let algorithm = input.checksum_algorithm.as_ref().map(|name| Algorithm::parse(name.as_str())).transpose()?;
    let composite = algorithm != Some(Algorithm::Crc64Nvme);
    if let Some(wanted) = &input.checksum_type {
        let name = if composite { dto::ChecksumType::COMPOSITE } else { dto::ChecksumType::FULL_OBJECT };
        if wanted.as_str() != name {
            return Err(not_served(&format!("x-amz-checksum-type: {} with this algorithm", wanted.as_str())));
        }
    }
    let described = described(Described {
        content_type: input.content_type,
        cache_control: input.cache_control,
        content_disposition: input.content_disposition,
        content_encoding: input.content_encoding,
        content_language: input.content_language,
        expires: input.expires.as_ref().map(seconds),
        user: input.metadata.unwrap_or_default().into_iter().collect(),
    })?;
    let id = RequestId::random().to_string();
    let upload = Upload { id: id.clone(), key: input.key.clone(), begun: state.now(), described, algorithm };
    let place = meta::upload_key(&input.bucket, &input.key, &id);
    let bucket = meta::bucket_key(&input.bucket);
    let there = state.store.get(&bucket).map_err(internal)?;
    state.commit(Batch::new().expect(bucket, there).put(place, encode(&upload)?)).await?;
    Ok(dto::CreateMultipartUploadOutput {
        checksum_type: algorithm.and_then(|_| super::checksum_type(composite)),
        checksum_algorithm: input.checksum_algorithm,
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(id),
        server_side_encryption: encrypted(),
        ..Default::default()
    })
}

pub(crate) async fn part(
    state: &State,
    _permit: &Permit<t::UploadPart>,
    mut input: dto::UploadPartInput,
    wanted: Option<Algorithm>,
) -> S3Result<dto::UploadPartOutput> {
    let upload = upload(state, &input.bucket, &input.key, &input.upload_id)?;
    let claimed = claimed!(input, input.content_md5.take())?;
    let received = receive(state, input.body.take(), &claimed, upload.algorithm.or(wanted)).await?;
    let part = keep(state, (&input.bucket, &input.key), &upload, input.part_number, received).await?;
    let mut output =
        dto::UploadPartOutput { e_tag: etag(&part.md5), server_side_encryption: encrypted(), ..Default::default() };
    fill_checksum!(output, Some(&part.checksum));
    Ok(output)
}

/// Keeps a part, in the place of an earlier one of its number.
pub(crate) async fn keep(
    state: &State,
    (bucket, key): (&str, &str),
    upload: &Upload,
    number: i32,
    received: Received,
) -> S3Result<Part> {
    let outcome = try_keep(state, bucket, key, upload, number, &received).await;
    if outcome.is_err() {
        state.blobs.unlink(std::slice::from_ref(&received.blob));
    }
    outcome
}

async fn try_keep(
    state: &State,
    bucket: &str,
    key: &str,
    upload: &Upload,
    number: i32,
    received: &Received,
) -> S3Result<Part> {
    if !(1..=10_000).contains(&number) {
        return Err(s3_error!(InvalidArgument, "Part number must be an integer between 1 and 10000, inclusive"));
    }
    let part = Part {
        number,
        md5: hex::encode(received.digested.md5),
        modified: state.now(),
        checksum: received.digested.checksum.clone(),
        blob: received.blob.clone(),
    };
    let (place, upload_place) = (meta::part_key(&upload.id, number), meta::upload_key(bucket, key, &upload.id));
    let upload_value = encode(upload)?;
    loop {
        let seen = state.store.get(&place).map_err(internal)?;
        let gone: Vec<Blob> =
            seen.as_deref().map(decode::<Part>).transpose()?.map(|old| old.blob).into_iter().collect();
        let batch = Batch::new().expect(upload_place.clone(), Some(upload_value.clone())).expect(place.clone(), seen);
        let batch = Blobs::forget(&gone, received.add_to(batch)).put(place.clone(), encode(&part)?);
        match state.store.commit(batch).await {
            Ok(()) => {
                state.blobs.unlink(&gone);
                return Ok(part);
            }
            // The upload was completed or given up, or another request for the same part was first.
            Err(StoreError::Conflict) if state.store.get(&upload_place).map_err(internal)?.is_none() => {
                return Err(no_such_upload());
            }
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(internal(error)),
        }
    }
}

pub(crate) async fn abort(
    state: &State,
    _permit: &Permit<t::AbortMultipartUpload>,
    input: dto::AbortMultipartUploadInput,
) -> S3Result<dto::AbortMultipartUploadOutput> {
    let upload = upload(state, &input.bucket, &input.key, &input.upload_id)?;
    let place = meta::upload_key(&input.bucket, &input.key, &upload.id);
    // First the upload, so that no further part is kept; then what it had.
    let batch = Batch::new().expect(place.clone(), Some(encode(&upload)?)).delete(place);
    match state.store.commit(batch).await {
        Ok(()) => {}
        Err(StoreError::Conflict) => return Err(no_such_upload()),
        Err(error) => return Err(internal(error)),
    }
    let blobs: Vec<Blob> = parts(state, &upload.id)?.into_iter().map(|part| part.blob).collect();
    let batch = Batch::new().delete_prefix(format!("s3/p/{}/", upload.id));
    state.commit(Blobs::forget(&blobs, batch)).await?;
    state.blobs.unlink(&blobs);
    Ok(dto::AbortMultipartUploadOutput::default())
}

pub(crate) fn list_parts(
    state: &State,
    permit: &Permit<t::ListParts>,
    input: dto::ListPartsInput,
) -> S3Result<dto::ListPartsOutput> {
    let upload = upload(state, &input.bucket, &input.key, &input.upload_id)?;
    let marker = input.part_number_marker.unwrap_or(0);
    let limit = input.max_parts.unwrap_or(1000).clamp(0, 1000);
    let count = usize::try_from(limit).unwrap_or(0);
    let all: Vec<Part> = parts(state, &upload.id)?.into_iter().filter(|part| part.number > marker).collect();
    let listed = |part: &Part| {
        let mut listed = dto::Part {
            part_number: Some(part.number),
            e_tag: etag(&part.md5),
            size: i64::try_from(part.blob.size).ok(),
            last_modified: Some(timestamp(part.modified)),
            ..Default::default()
        };
        if upload.algorithm.is_some() {
            fill_checksum!(listed, Some(&part.checksum));
        }
        listed
    };
    let shown: Vec<dto::Part> = all.iter().take(count).map(listed).collect();
    let owner = Some(permit.scope().account.to_string());
    Ok(dto::ListPartsOutput {
        is_truncated: Some(all.len() > shown.len()),
        next_part_number_marker: shown.last().and_then(|part| part.part_number),
        part_number_marker: Some(marker),
        max_parts: Some(limit),
        parts: Some(shown),
        initiator: Some(dto::Initiator { id: owner.clone(), ..Default::default() }),
        owner: Some(dto::Owner { id: owner, ..Default::default() }),
        storage_class: Some(dto::StorageClass::from_static(dto::StorageClass::STANDARD)),
        checksum_algorithm: upload.algorithm.map(|algorithm| algorithm.name().to_owned().into()),
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        ..Default::default()
    })
}

pub(crate) fn list_uploads(
    state: &State,
    permit: &Permit<t::ListMultipartUploads>,
    input: dto::ListMultipartUploadsInput,
) -> S3Result<dto::ListMultipartUploadsOutput> {
    state.bucket(&input.bucket)?;
    if input.delimiter.is_some() || input.encoding_type.as_ref().is_some_and(|encoding| encoding.as_str() != "url") {
        return Err(not_served("a delimiter in ListMultipartUploads"));
    }
    let encode = super::list::encoder(input.encoding_type.as_ref())?;
    let base = format!("s3/u/{}/", input.bucket);
    let mut scan = Scan::prefix(format!("{base}{}", input.prefix.as_deref().unwrap_or_default()), usize::MAX);
    if let Some(marker) = &input.key_marker {
        // Behind the marker's upload, or behind all uploads of its key.
        let upload = input.upload_id_marker.as_deref().unwrap_or("\u{10ffff}");
        scan = scan.after(format!("{base}{marker}\0{upload}"));
    }
    let limit = input.max_uploads.unwrap_or(1000).clamp(0, 1000);
    let entries = state.store.scan(&scan).map_err(internal)?;
    let owner = Some(permit.scope().account.to_string());
    let mut shown = Vec::new();
    for entry in entries.iter().take(usize::try_from(limit).unwrap_or(0)) {
        let upload: Upload = decode(&entry.value)?;
        shown.push(dto::MultipartUpload {
            key: Some(encode(&upload.key)),
            upload_id: Some(upload.id),
            initiated: Some(timestamp(upload.begun)),
            initiator: Some(dto::Initiator { id: owner.clone(), ..Default::default() }),
            owner: Some(dto::Owner { id: owner.clone(), ..Default::default() }),
            storage_class: Some(dto::StorageClass::from_static(dto::StorageClass::STANDARD)),
            ..Default::default()
        });
    }
    let last = shown.last().filter(|_| entries.len() > shown.len()).cloned();
    Ok(dto::ListMultipartUploadsOutput {
        is_truncated: Some(last.is_some()),
        next_key_marker: last.as_ref().and_then(|upload| upload.key.clone()),
        next_upload_id_marker: last.and_then(|upload| upload.upload_id),
        key_marker: input.key_marker.as_deref().map(encode),
        upload_id_marker: input.upload_id_marker,
        prefix: input.prefix.as_deref().map(encode),
        max_uploads: Some(limit),
        uploads: Some(shown),
        encoding_type: input.encoding_type,
        bucket: Some(input.bucket),
        ..Default::default()
    })
}
