//! Buckets.

use burgward_service::Permit;
use burgward_store::{Batch, Scan, StoreError};
use s3s::dto::{self, Owner};
use s3s::{S3Result, s3_error};

use crate::bucket_name::bucket_name_fault;
use crate::error::{internal, not_served};
use crate::meta::{self, Bucket};
use crate::state::{State, decode, encode};
use crate::table as t;

pub(crate) fn list(
    state: &State,
    permit: &Permit<t::ListBuckets>,
    input: &dto::ListBucketsInput,
) -> S3Result<dto::ListBucketsOutput> {
    if input.continuation_token.is_some() || input.max_buckets.is_some() {
        return Err(not_served("max-buckets"));
    }
    let mut buckets = Vec::new();
    for entry in state.store.scan(&Scan::prefix(meta::BUCKETS, usize::MAX)).map_err(internal)? {
        let bucket: Bucket = decode(&entry.value)?;
        let name = entry.key.get(meta::BUCKETS.len()..).map(String::from_utf8_lossy);
        buckets.push(dto::Bucket {
            name: name.map(Into::into),
            creation_date: Some(meta::timestamp(bucket.created)),
            ..Default::default()
        });
    }
    let owner = Owner { id: Some(permit.scope().account.to_string()), ..Default::default() };
    Ok(dto::ListBucketsOutput { buckets: Some(buckets), owner: Some(owner), ..Default::default() })
}

pub(crate) async fn create(
    state: &State,
    permit: &Permit<t::CreateBucket>,
    input: dto::CreateBucketInput,
) -> S3Result<dto::CreateBucketOutput> {
    if bucket_name_fault(&input.bucket).is_some() {
        return Err(s3_error!(InvalidBucketName, "The specified bucket is not valid."));
    }
    let region = permit.scope().region.as_str();
    let ownership = input.object_ownership.as_ref().map(dto::ObjectOwnership::as_str);
    if ownership.is_some_and(|ownership| ownership != dto::ObjectOwnership::BUCKET_OWNER_ENFORCED) {
        return Err(not_served("x-amz-object-ownership with access control lists"));
    }
    let constraint = match &input.create_bucket_configuration {
        Some(configuration) if configuration.bucket.is_some() || configuration.location.is_some() => {
            return Err(not_served("directory buckets"));
        }
        Some(configuration) => configuration.location_constraint.as_ref().map(dto::BucketLocationConstraint::as_str),
        None => None,
    };
    if constraint.unwrap_or("us-east-1") != region {
        return Err(s3_error!(
            IllegalLocationConstraintException,
            "The location constraint is incompatible for the region specific endpoint this request was sent to."
        ));
    }
    let place = meta::bucket_key(&input.bucket);
    let bucket = encode(&Bucket { created: state.now() })?;
    match state.store.commit(Batch::new().expect(place.clone(), None).put(place, bucket)).await {
        Ok(()) => Ok(dto::CreateBucketOutput { location: Some(format!("/{}", input.bucket)) }),
        Err(StoreError::Conflict) => Err(s3_error!(
            BucketAlreadyOwnedByYou,
            "Your previous request to create the named bucket succeeded and you already own it."
        )),
        Err(error) => Err(internal(error)),
    }
}

pub(crate) async fn delete(
    state: &State,
    _permit: &Permit<t::DeleteBucket>,
    input: &dto::DeleteBucketInput,
) -> S3Result<dto::DeleteBucketOutput> {
    let place = meta::bucket_key(&input.bucket);
    let bucket = encode(&state.bucket(&input.bucket)?)?;
    let refuse = || s3_error!(BucketNotEmpty, "The bucket you tried to delete is not empty");
    if !is_empty(state, &input.bucket)? {
        return Err(refuse());
    }
    state.commit(Batch::new().expect(place.clone(), Some(bucket.clone())).delete(place.clone())).await?;
    // An object that arrived in between keeps its bucket.
    if !is_empty(state, &input.bucket)? {
        state.commit(Batch::new().put(place, bucket)).await?;
        return Err(refuse());
    }
    Ok(dto::DeleteBucketOutput::default())
}

fn is_empty(state: &State, bucket: &str) -> S3Result<bool> {
    for prefix in ["s3/o/", "s3/u/"] {
        let scan = Scan::prefix(format!("{prefix}{bucket}/"), 1);
        if !state.store.scan(&scan).map_err(internal)?.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

pub(crate) fn head(
    state: &State,
    permit: &Permit<t::HeadBucket>,
    input: &dto::HeadBucketInput,
) -> S3Result<dto::HeadBucketOutput> {
    state.bucket(&input.bucket)?;
    let region = permit.scope().region.to_string();
    Ok(dto::HeadBucketOutput { bucket_region: Some(region), ..Default::default() })
}

pub(crate) fn location(
    state: &State,
    permit: &Permit<t::GetBucketLocation>,
    input: &dto::GetBucketLocationInput,
) -> S3Result<dto::GetBucketLocationOutput> {
    state.bucket(&input.bucket)?;
    // The oldest region has no name here. Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
    let region = Some(permit.scope().region.to_string()).filter(|region| region != "us-east-1");
    Ok(dto::GetBucketLocationOutput { location_constraint: region.map(Into::into) })
}
