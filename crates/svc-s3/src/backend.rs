//! What s3s calls. Every method takes the permit of its operation in hand first, and refuses without.

use std::sync::Arc;

use async_trait::async_trait;
use burgward_service::{CallInfo, Operation, Permit, ServiceError};
use s3s::dto;
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};

use crate::needs::{bucket_arn, object_arn};
use crate::ops;
use crate::state::State;
use crate::table as t;

/// The operations behind the gate.
#[derive(Debug)]
pub(crate) struct Backend(pub(crate) Arc<State>);

/// The permit that the gate left with the request, if it is for this operation and this resource.
fn permit<O: Operation, I>(request: &mut S3Request<I>, resource: &str) -> S3Result<Arc<Permit<O>>> {
    let permit = request.extensions.remove::<Arc<Permit<O>>>().filter(|permit| permit.covers(resource));
    permit.ok_or_else(|| s3_error!(AccessDenied, "Access Denied"))
}

fn call_info<I>(request: &S3Request<I>) -> S3Result<CallInfo> {
    request.extensions.get::<CallInfo>().cloned().ok_or_else(|| s3_error!(AccessDenied, "Access Denied"))
}

fn answer<T>(output: T) -> S3Response<T> {
    S3Response::new(output)
}

#[async_trait]
impl S3 for Backend {
    async fn list_buckets(
        &self,
        mut req: S3Request<dto::ListBucketsInput>,
    ) -> S3Result<S3Response<dto::ListBucketsOutput>> {
        let permit = permit::<t::ListBuckets, _>(&mut req, "*")?;
        ops::buckets::list(&self.0, &permit, &req.input).map(answer)
    }

    async fn create_bucket(
        &self,
        mut req: S3Request<dto::CreateBucketInput>,
    ) -> S3Result<S3Response<dto::CreateBucketOutput>> {
        let arn = bucket_arn(&req.input.bucket);
        let permit = permit::<t::CreateBucket, _>(&mut req, &arn)?;
        ops::buckets::create(&self.0, &permit, req.input).await.map(answer)
    }

    async fn delete_bucket(
        &self,
        mut req: S3Request<dto::DeleteBucketInput>,
    ) -> S3Result<S3Response<dto::DeleteBucketOutput>> {
        let arn = bucket_arn(&req.input.bucket);
        let permit = permit::<t::DeleteBucket, _>(&mut req, &arn)?;
        ops::buckets::delete(&self.0, &permit, &req.input).await.map(answer)
    }

    async fn head_bucket(
        &self,
        mut req: S3Request<dto::HeadBucketInput>,
    ) -> S3Result<S3Response<dto::HeadBucketOutput>> {
        let arn = bucket_arn(&req.input.bucket);
        let permit = permit::<t::HeadBucket, _>(&mut req, &arn)?;
        ops::buckets::head(&self.0, &permit, &req.input).map(answer)
    }

    async fn get_bucket_location(
        &self,
        mut req: S3Request<dto::GetBucketLocationInput>,
    ) -> S3Result<S3Response<dto::GetBucketLocationOutput>> {
        let arn = bucket_arn(&req.input.bucket);
        let permit = permit::<t::GetBucketLocation, _>(&mut req, &arn)?;
        ops::buckets::location(&self.0, &permit, &req.input).map(answer)
    }

    async fn list_objects(
        &self,
        mut req: S3Request<dto::ListObjectsInput>,
    ) -> S3Result<S3Response<dto::ListObjectsOutput>> {
        let arn = bucket_arn(&req.input.bucket);
        let permit = permit::<t::ListObjects, _>(&mut req, &arn)?;
        ops::list::objects(&self.0, &permit, req.input).map(answer)
    }

    async fn list_objects_v2(
        &self,
        mut req: S3Request<dto::ListObjectsV2Input>,
    ) -> S3Result<S3Response<dto::ListObjectsV2Output>> {
        let arn = bucket_arn(&req.input.bucket);
        let permit = permit::<t::ListObjectsV2, _>(&mut req, &arn)?;
        ops::list::objects_v2(&self.0, &permit, req.input).map(answer)
    }

    async fn put_object(&self, mut req: S3Request<dto::PutObjectInput>) -> S3Result<S3Response<dto::PutObjectOutput>> {
        let arn = object_arn(&req.input.bucket, &req.input.key);
        let permit = permit::<t::PutObject, _>(&mut req, &arn)?;
        let wanted = ops::wanted_algorithm(&req.headers)?;
        ops::put::put(&self.0, &permit, req.input, wanted).await.map(answer)
    }

    async fn get_object(&self, mut req: S3Request<dto::GetObjectInput>) -> S3Result<S3Response<dto::GetObjectOutput>> {
        let arn = object_arn(&req.input.bucket, &req.input.key);
        let (permit, info) = (permit::<t::GetObject, _>(&mut req, &arn)?, call_info(&req)?);
        ops::get::get(&self.0, &permit, &info, req.input).await
    }

    async fn head_object(
        &self,
        mut req: S3Request<dto::HeadObjectInput>,
    ) -> S3Result<S3Response<dto::HeadObjectOutput>> {
        let arn = object_arn(&req.input.bucket, &req.input.key);
        let (permit, info) = (permit::<t::HeadObject, _>(&mut req, &arn)?, call_info(&req)?);
        ops::get::head(&self.0, &permit, &info, req.input).await
    }

    async fn delete_object(
        &self,
        mut req: S3Request<dto::DeleteObjectInput>,
    ) -> S3Result<S3Response<dto::DeleteObjectOutput>> {
        let arn = object_arn(&req.input.bucket, &req.input.key);
        let permit = permit::<t::DeleteObject, _>(&mut req, &arn)?;
        ops::delete::one(&self.0, &permit, req.input).await.map(answer)
    }

    async fn delete_objects(
        &self,
        mut req: S3Request<dto::DeleteObjectsInput>,
    ) -> S3Result<S3Response<dto::DeleteObjectsOutput>> {
        type Answers = Arc<[Result<Permit<t::DeleteObjects>, ServiceError>]>;
        let permits = req.extensions.remove::<Answers>();
        let permits = permits.ok_or_else(|| s3_error!(AccessDenied, "Access Denied"))?;
        ops::delete::many(&self.0, &permits, req.input).await.map(answer)
    }

    async fn copy_object(
        &self,
        mut req: S3Request<dto::CopyObjectInput>,
    ) -> S3Result<S3Response<dto::CopyObjectOutput>> {
        let arn = object_arn(&req.input.bucket, &req.input.key);
        let (permit, info) = (permit::<t::CopyObject, _>(&mut req, &arn)?, call_info(&req)?);
        ops::copy::copy(&self.0, &permit, &info, req.input).await.map(answer)
    }

    async fn create_multipart_upload(
        &self,
        mut req: S3Request<dto::CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<dto::CreateMultipartUploadOutput>> {
        let arn = object_arn(&req.input.bucket, &req.input.key);
        let permit = permit::<t::CreateMultipartUpload, _>(&mut req, &arn)?;
        ops::multipart::create(&self.0, &permit, req.input).await.map(answer)
    }

    async fn upload_part(
        &self,
        mut req: S3Request<dto::UploadPartInput>,
    ) -> S3Result<S3Response<dto::UploadPartOutput>> {
        let arn = object_arn(&req.input.bucket, &req.input.key);
        let permit = permit::<t::UploadPart, _>(&mut req, &arn)?;
        let wanted = ops::wanted_algorithm(&req.headers)?;
        ops::multipart::part(&self.0, &permit, req.input, wanted).await.map(answer)
    }

    async fn upload_part_copy(
        &self,
        mut req: S3Request<dto::UploadPartCopyInput>,
    ) -> S3Result<S3Response<dto::UploadPartCopyOutput>> {
        let arn = object_arn(&req.input.bucket, &req.input.key);
        let (permit, info) = (permit::<t::UploadPartCopy, _>(&mut req, &arn)?, call_info(&req)?);
        ops::copy::part(&self.0, &permit, &info, req.input).await.map(answer)
    }

    async fn complete_multipart_upload(
        &self,
        mut req: S3Request<dto::CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<dto::CompleteMultipartUploadOutput>> {
        let arn = object_arn(&req.input.bucket, &req.input.key);
        let permit = permit::<t::CompleteMultipartUpload, _>(&mut req, &arn)?;
        ops::complete::complete(&self.0, &permit, req.input).await.map(answer)
    }

    async fn abort_multipart_upload(
        &self,
        mut req: S3Request<dto::AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<dto::AbortMultipartUploadOutput>> {
        let arn = object_arn(&req.input.bucket, &req.input.key);
        let permit = permit::<t::AbortMultipartUpload, _>(&mut req, &arn)?;
        ops::multipart::abort(&self.0, &permit, req.input).await.map(answer)
    }

    async fn list_parts(&self, mut req: S3Request<dto::ListPartsInput>) -> S3Result<S3Response<dto::ListPartsOutput>> {
        let arn = object_arn(&req.input.bucket, &req.input.key);
        let permit = permit::<t::ListParts, _>(&mut req, &arn)?;
        ops::multipart::list_parts(&self.0, &permit, req.input).map(answer)
    }

    async fn list_multipart_uploads(
        &self,
        mut req: S3Request<dto::ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<dto::ListMultipartUploadsOutput>> {
        let arn = bucket_arn(&req.input.bucket);
        let permit = permit::<t::ListMultipartUploads, _>(&mut req, &arn)?;
        ops::multipart::list_uploads(&self.0, &permit, req.input).map(answer)
    }
}
