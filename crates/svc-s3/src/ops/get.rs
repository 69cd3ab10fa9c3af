//! `GetObject` and `HeadObject`.

use burgward_service::{CallInfo, Need, Permit};
use s3s::dto::{self, ETagCondition, StreamingBlob, Timestamp};
use s3s::{S3Response, S3Result, s3_error};

use super::{encrypted, etag, fill_checksum, names};
use crate::error::from_service;
use crate::meta::{Object, seconds, whole_seconds};
use crate::needs::bucket_arn;
use crate::state::State;
use crate::table as t;

/// The object, or the error that the caller may know: 404 only for one who may list the bucket.
pub(crate) async fn existing(state: &State, info: &CallInfo, bucket: &str, key: &str) -> S3Result<Object> {
    if let Some(object) = state.object(bucket, key)? {
        return Ok(object);
    }
    let may_list = vec![Need::new("s3:ListBucket", bucket_arn(bucket))];
    state.guard.authorize::<t::Existence>(info, may_list).await.map_err(|error| from_service(&error))?;
    Err(s3_error!(NoSuchKey, "The specified key does not exist."))
}

/// The conditions of a read, in the order of RFC 9110, section 13.2.2.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_field_names, reason = "they are the headers' names")]
pub(crate) struct Conditions<'a> {
    pub(crate) if_match: Option<&'a ETagCondition>,
    pub(crate) if_unmodified_since: Option<&'a Timestamp>,
    pub(crate) if_none_match: Option<&'a ETagCondition>,
    pub(crate) if_modified_since: Option<&'a Timestamp>,
}

impl Conditions<'_> {
    /// `Ok(false)`: the client has it already.
    pub(crate) fn hold(&self, object: &Object) -> S3Result<bool> {
        let modified = object.modified.secs();
        let holds = match (self.if_match, self.if_unmodified_since) {
            (Some(condition), _) => names(condition, &object.etag),
            (None, Some(since)) => modified <= seconds(since),
            (None, None) => true,
        };
        if !holds {
            return Err(s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold"));
        }
        Ok(match (self.if_none_match, self.if_modified_since) {
            (Some(condition), _) => !names(condition, &object.etag),
            (None, Some(since)) => modified > seconds(since),
            (None, None) => true,
        })
    }
}

pub(crate) async fn get(
    state: &State,
    _permit: &Permit<t::GetObject>,
    info: &CallInfo,
    input: dto::GetObjectInput,
) -> S3Result<S3Response<dto::GetObjectOutput>> {
    let object = existing(state, info, &input.bucket, &input.key).await?;
    let conditions = Conditions {
        if_match: input.if_match.as_ref(),
        if_unmodified_since: input.if_unmodified_since.as_ref(),
        if_none_match: input.if_none_match.as_ref(),
        if_modified_since: input.if_modified_since.as_ref(),
    };
    if !conditions.hold(&object)? {
        return Err(not_modified());
    }
    let (range, content_range) = ranged(input.range.as_ref(), object.size)?;
    let body = state.blobs.read(&object.blobs, range.start, range.end)?;
    let described = &object.described;
    let mut output = dto::GetObjectOutput {
        accept_ranges: Some("bytes".into()),
        body: Some(StreamingBlob::wrap(body)),
        content_length: i64::try_from(range.end - range.start).ok(),
        content_range,
        content_type: input.response_content_type.or_else(|| content_type(&object)),
        cache_control: input.response_cache_control.or_else(|| described.cache_control.clone()),
        content_disposition: input.response_content_disposition.or_else(|| described.content_disposition.clone()),
        content_encoding: input.response_content_encoding.or_else(|| described.content_encoding.clone()),
        content_language: input.response_content_language.or_else(|| described.content_language.clone()),
        expires: input.response_expires.or_else(|| described.expires()),
        e_tag: etag(&object.etag),
        last_modified: Some(whole_seconds(object.modified)),
        metadata: described.metadata(),
        server_side_encryption: encrypted(),
        ..Default::default()
    };
    if input.checksum_mode.is_some() && output.content_range.is_none() {
        output.checksum_type = object.checksum.as_ref().and_then(|sum| super::checksum_type(sum.composite));
        fill_checksum!(output, &object.checksum);
    }
    Ok(S3Response::new(output))
}

pub(crate) async fn head(
    state: &State,
    _permit: &Permit<t::HeadObject>,
    info: &CallInfo,
    input: dto::HeadObjectInput,
) -> S3Result<S3Response<dto::HeadObjectOutput>> {
    let object = existing(state, info, &input.bucket, &input.key).await?;
    let conditions = Conditions {
        if_match: input.if_match.as_ref(),
        if_unmodified_since: input.if_unmodified_since.as_ref(),
        if_none_match: input.if_none_match.as_ref(),
        if_modified_since: input.if_modified_since.as_ref(),
    };
    if !conditions.hold(&object)? {
        return Err(not_modified());
    }
    let (range, content_range) = ranged(input.range.as_ref(), object.size)?;
    let described = &object.described;
    let partial = content_range.is_some();
    let mut output = dto::HeadObjectOutput {
        accept_ranges: Some("bytes".into()),
        content_length: i64::try_from(range.end - range.start).ok(),
        content_range,
        content_type: input.response_content_type.or_else(|| content_type(&object)),
        cache_control: input.response_cache_control.or_else(|| described.cache_control.clone()),
        content_disposition: input.response_content_disposition.or_else(|| described.content_disposition.clone()),
        content_encoding: input.response_content_encoding.or_else(|| described.content_encoding.clone()),
        content_language: input.response_content_language.or_else(|| described.content_language.clone()),
        expires: input.response_expires.or_else(|| described.expires()),
        e_tag: etag(&object.etag),
        last_modified: Some(whole_seconds(object.modified)),
        metadata: described.metadata(),
        server_side_encryption: encrypted(),
        ..Default::default()
    };
    if input.checksum_mode.is_some() && !partial {
        output.checksum_type = object.checksum.as_ref().and_then(|sum| super::checksum_type(sum.composite));
        fill_checksum!(output, &object.checksum);
    }
    Ok(S3Response::new(output))
}

fn content_type(object: &Object) -> Option<String> {
    object.described.content_type.clone().or_else(|| Some("binary/octet-stream".into()))
}

/// The bytes asked for, and the answer's `Content-Range` if they are not all.
fn ranged(range: Option<&dto::Range>, size: u64) -> S3Result<(std::ops::Range<u64>, Option<String>)> {
    let Some(range) = range else { return Ok((0..size, None)) };
    let bytes = range.check(size)?;
    let content_range = format!("bytes {}-{}/{size}", bytes.start, bytes.end.saturating_sub(1));
    Ok((bytes, Some(content_range)))
}

fn not_modified() -> s3s::S3Error {
    s3_error!(NotModified, "Not Modified")
}
