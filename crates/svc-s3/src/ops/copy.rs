//! `CopyObject` and `UploadPartCopy`: the source's bytes are opened and sealed anew.

use burgward_service::{CallInfo, Permit};
use burgward_store::Batch;
use s3s::dto;
use s3s::{S3Result, s3_error};

use super::get::{Conditions, existing};
use super::put::{described, object};
use super::{encrypted, etag, fill_checksum, multipart};
use crate::digest::{Algorithm, Digests};
use crate::meta::{Described, Object, seconds, whole_seconds};
use crate::needs::{object_arn, source};
use crate::state::State;
use crate::table as t;

/// The source, if the permit is for it too and its conditions hold.
async fn source_object<O>(
    state: &State,
    permit: &Permit<O>,
    info: &CallInfo,
    from: &dto::CopySource,
    conditions: Conditions<'_>,
) -> S3Result<Object> {
    let (bucket, key) = source(from)?;
    if !permit.covers(&object_arn(bucket, key)) {
        return Err(s3_error!(AccessDenied, "Access Denied"));
    }
    let object = existing(state, info, bucket, key).await?;
    if !conditions.hold(&object)? {
        return Err(s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold"));
    }
    Ok(object)
}

pub(crate) async fn copy(
    state: &State,
    permit: &Permit<t::CopyObject>,
    info: &CallInfo,
    mut input: dto::CopyObjectInput,
) -> S3Result<dto::CopyObjectOutput> {
    state.bucket(&input.bucket)?;
    let conditions = Conditions {
        if_match: input.copy_source_if_match.as_ref(),
        if_unmodified_since: input.copy_source_if_unmodified_since.as_ref(),
        if_none_match: input.copy_source_if_none_match.as_ref(),
        if_modified_since: input.copy_source_if_modified_since.as_ref(),
    };
    let from = source_object(state, permit, info, &input.copy_source, conditions).await?;
    let replaces = input.metadata_directive.as_ref().is_some_and(|d| d.as_str() == dto::MetadataDirective::REPLACE);
    if !replaces && source(&input.copy_source)? == (&*input.bucket, &*input.key) {
        return Err(s3_error!(
            InvalidRequest,
            "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes."
        ));
    }
    let about = if replaces { replaced(&mut input)? } else { from.described.clone() };
    let kept = from.checksum.as_ref().map(|sum| sum.algorithm);
    let wanted = input.checksum_algorithm.as_ref().map(|name| Algorithm::parse(name.as_str())).transpose()?;
    let digests = Digests::new(wanted.or(kept).unwrap_or(Algorithm::Crc64Nvme));
    let body = state.blobs.read(&from.blobs, 0, from.size)?;
    let received = state.blobs.receive(body, digests).await?;
    let copied = object(state, &received, about);
    state.replace((&input.bucket, &input.key), &copied, &[received], Batch::new(), &|_| Ok(())).await?;
    let mut result = dto::CopyObjectResult {
        e_tag: etag(&copied.etag),
        last_modified: Some(whole_seconds(copied.modified)),
        checksum_type: super::checksum_type(false),
        ..Default::default()
    };
    fill_checksum!(result, &copied.checksum);
    Ok(dto::CopyObjectOutput {
        copy_object_result: Some(result),
        server_side_encryption: encrypted(),
        ..Default::default()
    })
}

fn replaced(input: &mut dto::CopyObjectInput) -> S3Result<Described> {
    described(Described {
        content_type: input.content_type.take(),
        cache_control: input.cache_control.take(),
        content_disposition: input.content_disposition.take(),
        content_encoding: input.content_encoding.take(),
        content_language: input.content_language.take(),
        expires: input.expires.as_ref().map(seconds),
        user: input.metadata.take().unwrap_or_default().into_iter().collect(),
    })
}

pub(crate) async fn part(
    state: &State,
    permit: &Permit<t::UploadPartCopy>,
    info: &CallInfo,
    input: dto::UploadPartCopyInput,
) -> S3Result<dto::UploadPartCopyOutput> {
    let upload = multipart::upload(state, &input.bucket, &input.key, &input.upload_id)?;
    let conditions = Conditions {
        if_match: input.copy_source_if_match.as_ref(),
        if_unmodified_since: input.copy_source_if_unmodified_since.as_ref(),
        if_none_match: input.copy_source_if_none_match.as_ref(),
        if_modified_since: input.copy_source_if_modified_since.as_ref(),
    };
    let from = source_object(state, permit, info, &input.copy_source, conditions).await?;
    let range = match input.copy_source_range.as_deref() {
        Some(range) => dto::Range::parse(range)
            .ok()
            .and_then(|range| range.check(from.size).ok())
            .ok_or_else(|| s3_error!(InvalidArgument, "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy"))?,
        None => 0..from.size,
    };
    let digests = Digests::new(upload.algorithm.unwrap_or(Algorithm::Crc64Nvme));
    let body = state.blobs.read(&from.blobs, range.start, range.end)?;
    let received = state.blobs.receive(body, digests).await?;
    let part = multipart::keep(state, (&input.bucket, &input.key), &upload, input.part_number, received).await?;
    let mut result = dto::CopyPartResult {
        e_tag: etag(&part.md5),
        last_modified: Some(whole_seconds(part.modified)),
        ..Default::default()
    };
    if upload.algorithm.is_some() {
        fill_checksum!(result, Some(&part.checksum));
    }
    Ok(dto::UploadPartCopyOutput {
        copy_part_result: Some(result),
        server_side_encryption: encrypted(),
        ..Default::default()
    })
}
