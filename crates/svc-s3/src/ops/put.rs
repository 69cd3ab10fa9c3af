//! `PutObject`.

use burgward_service::Permit;
use burgward_store::Batch;
use futures_util::stream;
use s3s::dto::{self, ETagCondition};
use s3s::{S3Result, StdError, s3_error};

use super::{claimed, encrypted, etag, fill_checksum, names};
use crate::blob::Received;
use crate::digest::{Algorithm, Claimed, Digests};
use crate::meta::{Described, Object, seconds};
use crate::state::State;
use crate::table as t;

/// The most bytes of one upload. Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html>
const MAX_USER_METADATA: usize = 2 * 1024;

pub(crate) async fn put(
    state: &State,
    _permit: &Permit<t::PutObject>,
    mut input: dto::PutObjectInput,
    wanted: Option<Algorithm>,
) -> S3Result<dto::PutObjectOutput> {
    state.bucket(&input.bucket)?;
    let claimed = claimed!(input, input.content_md5.take())?;
    let described = described(Described {
        content_type: input.content_type.take(),
        cache_control: input.cache_control.take(),
        content_disposition: input.content_disposition.take(),
        content_encoding: input.content_encoding.take(),
        content_language: input.content_language.take(),
        expires: input.expires.as_ref().map(seconds),
        user: input.metadata.take().unwrap_or_default().into_iter().collect(),
    })?;
    let received = receive(state, input.body.take(), &claimed, wanted).await?;
    let object = object(state, &received, described);
    let output = output(&object);
    let condition = |old: Option<&Object>| replaceable(old, input.if_match.as_ref(), input.if_none_match.as_ref());
    state.replace((&input.bucket, &input.key), &object, &[received], Batch::new(), &condition).await?;
    Ok(output)
}

/// Takes a body in and compares it with what the request claims of it.
pub(crate) async fn receive(
    state: &State,
    body: Option<dto::StreamingBlob>,
    claimed: &Claimed,
    wanted: Option<Algorithm>,
) -> S3Result<Received> {
    // Without a wish, AWS keeps this one.
    let algorithm = claimed.checksums.first().map(|(algorithm, _)| *algorithm).or(wanted);
    let digests = Digests::new(algorithm.unwrap_or(Algorithm::Crc64Nvme));
    let received = match body {
        Some(body) => state.blobs.receive(body, digests).await?,
        None => state.blobs.receive(stream::empty::<Result<_, StdError>>(), digests).await?,
    };
    if let Err(error) = claimed.check(&received.digested) {
        state.blobs.unlink(std::slice::from_ref(&received.blob));
        return Err(error);
    }
    Ok(received)
}

pub(crate) fn object(state: &State, received: &Received, described: Described) -> Object {
    Object {
        size: received.blob.size,
        etag: hex::encode(received.digested.md5),
        modified: state.now(),
        described,
        checksum: Some(received.digested.checksum.clone()),
        blobs: vec![received.blob.clone()],
        multipart: false,
    }
}

fn output(object: &Object) -> dto::PutObjectOutput {
    let mut output = dto::PutObjectOutput {
        e_tag: etag(&object.etag),
        server_side_encryption: encrypted(),
        checksum_type: super::checksum_type(false),
        ..Default::default()
    };
    fill_checksum!(output, &object.checksum);
    output
}

/// Judges what a client says about a content; what only describes the transfer is left out.
pub(crate) fn described(mut described: Described) -> S3Result<Described> {
    if described.user_len() > MAX_USER_METADATA {
        return Err(s3_error!(MetadataTooLarge, "Your metadata headers exceed the maximum allowed metadata size"));
    }
    described.content_encoding = described.content_encoding.and_then(|encodings| {
        let kept = encodings.split(',').map(str::trim).filter(|encoding| !matches!(*encoding, "aws-chunked" | ""));
        Some(kept.collect::<Vec<_>>().join(",")).filter(|kept| !kept.is_empty())
    });
    Ok(described)
}

/// Conditional writes.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>
pub(crate) fn replaceable(
    old: Option<&Object>,
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> S3Result<()> {
    let failed = || s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold");
    if let Some(condition) = if_match {
        let Some(old) = old else { return Err(s3_error!(NoSuchKey, "The specified key does not exist.")) };
        if !names(condition, &old.etag) {
            return Err(failed());
        }
    }
    match (if_none_match, old) {
        (Some(condition), Some(old)) if names(condition, &old.etag) => Err(failed()),
        (Some(condition), _) if !condition.is_any() => Err(crate::error::not_served("if-none-match other than `*`")),
        _ => Ok(()),
    }
}
