//! `DeleteObject` and `DeleteObjects`.

use burgward_service::{Permit, ServiceError};
use s3s::dto;
use s3s::{S3Result, s3_error};

use super::names;
use crate::error::{from_service, not_served};
use crate::meta::Object;
use crate::needs::object_arn;
use crate::state::State;
use crate::table as t;

pub(crate) async fn one(
    state: &State,
    _permit: &Permit<t::DeleteObject>,
    input: dto::DeleteObjectInput,
) -> S3Result<dto::DeleteObjectOutput> {
    state.bucket(&input.bucket)?;
    let condition = |old: Option<&Object>| match (&input.if_match, old) {
        (Some(condition), Some(old)) if !names(condition, &old.etag) => {
            Err(s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold"))
        }
        (Some(_), None) => Err(s3_error!(NoSuchKey, "The specified key does not exist.")),
        _ => Ok(()),
    };
    // That there was nothing is no error, nor told.
    state.remove(&input.bucket, &input.key, &condition).await?;
    Ok(dto::DeleteObjectOutput::default())
}

/// Deletes what each permit is for; a key that was denied is answered as such.
pub(crate) async fn many(
    state: &State,
    permits: &[Result<Permit<t::DeleteObjects>, ServiceError>],
    input: dto::DeleteObjectsInput,
) -> S3Result<dto::DeleteObjectsOutput> {
    state.bucket(&input.bucket)?;
    if input.delete.objects.len() > 1000 {
        return Err(s3_error!(
            MalformedXML,
            "The XML you provided was not well-formed or did not validate against our published schema"
        ));
    }
    let quiet = input.delete.quiet.unwrap_or(false);
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for (at, object) in input.delete.objects.into_iter().enumerate() {
        let outcome = delete_listed(state, permits.get(at), &input.bucket, &object).await;
        match outcome {
            Ok(()) if quiet => {}
            Ok(()) => deleted.push(dto::DeletedObject { key: Some(object.key), ..Default::default() }),
            Err(error) => errors.push(dto::Error {
                code: Some(error.code().as_str().to_owned()),
                message: error.message().map(str::to_owned),
                key: Some(object.key),
                version_id: None,
            }),
        }
    }
    Ok(dto::DeleteObjectsOutput { deleted: Some(deleted), errors: Some(errors), request_charged: None })
}

async fn delete_listed(
    state: &State,
    permit: Option<&Result<Permit<t::DeleteObjects>, ServiceError>>,
    bucket: &str,
    object: &dto::ObjectIdentifier,
) -> S3Result<()> {
    match permit {
        Some(Ok(permit)) if permit.covers(&object_arn(bucket, &object.key)) => {}
        Some(Err(denied)) => return Err(from_service(denied)),
        _ => return Err(s3_error!(AccessDenied, "Access Denied")),
    }
    if object.version_id.is_some()
        || object.e_tag.is_some()
        || object.size.is_some()
        || object.last_modified_time.is_some()
    {
        return Err(not_served("conditions and versions of a listed object"));
    }
    state.remove(bucket, &object.key, &|_| Ok(())).await.map(|_| ())
}
