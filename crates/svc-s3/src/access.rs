//! Where an S3 request becomes authorized: s3s asks here before it calls the backend.
//!
//! s3s runs these hooks only when an authentication provider is set, and their default is yes. So one is set that knows no
//! key ([`NoKeys`]), every operation of the table has its hook below, `check` refuses all others, and the backend
//! refuses a request that brings no permit: three independent walls.

use std::sync::Arc;

use async_trait::async_trait;
use burgward_service::{CallInfo, Guard, Need, Operation, Permit};
use burgward_types::Principal;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::dto;
use s3s::{S3Request, S3Result, s3_error};

use crate::error::{from_service, internal, not_served};
use crate::needs::{self, Wishes};
use crate::table::{self as t};

/// An authentication provider without keys: signatures are verified before, by the front.
#[derive(Debug)]
pub(crate) struct NoKeys;

#[async_trait]
impl S3Auth for NoKeys {
    async fn get_secret_key(&self, _access_key: &str) -> S3Result<SecretKey> {
        Err(s3_error!(AccessDenied, "the request carries an unverified signature"))
    }
}

/// Asks the guard.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) guard: Arc<Guard>,
}

impl Gate {
    /// Whether a bucket has a policy of its own, which alone can let somebody in who has no key.
    fn has_policy(&self, bucket: Option<&str>) -> bool {
        let policies = self.guard.policies().current();
        bucket.is_some_and(|bucket| policies.resource_policy(&format!("arn:aws:s3:::{bucket}")).is_some())
    }

    /// Asks the guard for leave, and leaves the permit with the request.
    async fn admit<O: Operation, I>(&self, request: &mut S3Request<I>, needs: Vec<Need>) -> S3Result<()> {
        let info = request.extensions.get::<CallInfo>().cloned();
        let info = info.ok_or_else(|| internal("a request came without its call's data"))?;
        let permit = self.guard.authorize::<O>(&info, needs).await.map_err(|error| from_service(&error))?;
        request.extensions.insert(Arc::<Permit<O>>::new(permit));
        Ok(())
    }
}

#[async_trait]
impl S3Access for Gate {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let name = context.s3_op().name();
        let line = t::line(name).ok_or_else(|| not_served(name))?;
        if context.headers().contains_key(http::header::AUTHORIZATION) || context.credentials().is_some() {
            return Err(s3_error!(AccessDenied, "the request carries an unverified signature"));
        }
        line.judge(context.headers(), context.uri().query())?;
        let account = self.guard.scope().account.as_str();
        for header in ["x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"] {
            if context.headers().get(header).is_some_and(|expected| expected.as_bytes() != account.as_bytes()) {
                return Err(s3_error!(AccessDenied, "Access Denied"));
            }
        }
        let Some(info) = context.extensions_mut().get::<CallInfo>() else {
            return Err(internal("a request came without its call's data"));
        };
        info.operation(line.info);
        let anonymous = matches!(info.caller().principal, Principal::Anonymous);
        // The body comes after this: nobody is asked for one who cannot be let in whatever it says.
        if anonymous && !self.has_policy(context.s3_path().get_bucket_name()) {
            return Err(s3_error!(AccessDenied, "Access Denied"));
        }
        Ok(())
    }

    async fn list_buckets(&self, req: &mut S3Request<dto::ListBucketsInput>) -> S3Result<()> {
        self.admit::<t::ListBuckets, _>(req, vec![Need::new("s3:ListAllMyBuckets", "*")]).await
    }

    async fn create_bucket(&self, req: &mut S3Request<dto::CreateBucketInput>) -> S3Result<()> {
        let needs = needs::on_bucket("s3:CreateBucket", &req.input.bucket);
        self.admit::<t::CreateBucket, _>(req, needs).await
    }

    async fn delete_bucket(&self, req: &mut S3Request<dto::DeleteBucketInput>) -> S3Result<()> {
        let needs = needs::on_bucket("s3:DeleteBucket", &req.input.bucket);
        self.admit::<t::DeleteBucket, _>(req, needs).await
    }

    async fn head_bucket(&self, req: &mut S3Request<dto::HeadBucketInput>) -> S3Result<()> {
        let needs = needs::on_bucket("s3:ListBucket", &req.input.bucket);
        self.admit::<t::HeadBucket, _>(req, needs).await
    }

    async fn get_bucket_location(&self, req: &mut S3Request<dto::GetBucketLocationInput>) -> S3Result<()> {
        let needs = needs::on_bucket("s3:GetBucketLocation", &req.input.bucket);
        self.admit::<t::GetBucketLocation, _>(req, needs).await
    }

    async fn list_objects(&self, req: &mut S3Request<dto::ListObjectsInput>) -> S3Result<()> {
        let input = &req.input;
        let needs = needs::listing(&input.bucket, input.prefix.as_deref(), input.delimiter.as_deref(), input.max_keys);
        self.admit::<t::ListObjects, _>(req, needs).await
    }

    async fn list_objects_v2(&self, req: &mut S3Request<dto::ListObjectsV2Input>) -> S3Result<()> {
        let input = &req.input;
        let needs = needs::listing(&input.bucket, input.prefix.as_deref(), input.delimiter.as_deref(), input.max_keys);
        self.admit::<t::ListObjectsV2, _>(req, needs).await
    }

    async fn put_object(&self, req: &mut S3Request<dto::PutObjectInput>) -> S3Result<()> {
        let input = &req.input;
        let wishes = Wishes {
            acl: input.acl.as_ref(),
            encryption: input.server_side_encryption.as_ref(),
            storage_class: input.storage_class.as_ref(),
        };
        let needs = needs::writing(&input.bucket, &input.key, wishes)?;
        self.admit::<t::PutObject, _>(req, needs).await
    }

    async fn get_object(&self, req: &mut S3Request<dto::GetObjectInput>) -> S3Result<()> {
        let needs = needs::on_object("s3:GetObject", &req.input.bucket, &req.input.key);
        self.admit::<t::GetObject, _>(req, needs).await
    }

    async fn head_object(&self, req: &mut S3Request<dto::HeadObjectInput>) -> S3Result<()> {
        let needs = needs::on_object("s3:GetObject", &req.input.bucket, &req.input.key);
        self.admit::<t::HeadObject, _>(req, needs).await
    }

    async fn delete_object(&self, req: &mut S3Request<dto::DeleteObjectInput>) -> S3Result<()> {
        let needs = needs::on_object("s3:DeleteObject", &req.input.bucket, &req.input.key);
        self.admit::<t::DeleteObject, _>(req, needs).await
    }

    /// Each key is decided on by itself, so that one denial does not refuse the others: AWS answers key by key.
    async fn delete_objects(&self, req: &mut S3Request<dto::DeleteObjectsInput>) -> S3Result<()> {
        let info = req.extensions.get::<CallInfo>().cloned();
        let info = info.ok_or_else(|| internal("a request came without its call's data"))?;
        let mut answers = Vec::new();
        for object in &req.input.delete.objects {
            let needs = needs::on_object("s3:DeleteObject", &req.input.bucket, &object.key);
            answers.push(self.guard.authorize::<t::DeleteObjects>(&info, needs).await);
        }
        // One who may delete nothing of it gets a plain denial, and a record that says so.
        if let (false, Some(Err(denied))) = (answers.iter().any(Result::is_ok), answers.first()) {
            return Err(from_service(denied));
        }
        req.extensions.insert(Arc::<[_]>::from(answers));
        Ok(())
    }

    async fn copy_object(&self, req: &mut S3Request<dto::CopyObjectInput>) -> S3Result<()> {
        let input = &req.input;
        let wishes = Wishes {
            acl: input.acl.as_ref(),
            encryption: input.server_side_encryption.as_ref(),
            storage_class: input.storage_class.as_ref(),
        };
        let directive = input.metadata_directive.as_ref().map(dto::MetadataDirective::as_str);
        let needs = needs::copying(&input.copy_source, &input.bucket, &input.key, wishes, directive)?;
        self.admit::<t::CopyObject, _>(req, needs).await
    }

    async fn create_multipart_upload(&self, req: &mut S3Request<dto::CreateMultipartUploadInput>) -> S3Result<()> {
        let input = &req.input;
        let wishes = Wishes {
            acl: input.acl.as_ref(),
            encryption: input.server_side_encryption.as_ref(),
            storage_class: input.storage_class.as_ref(),
        };
        let needs = needs::writing(&input.bucket, &input.key, wishes)?;
        self.admit::<t::CreateMultipartUpload, _>(req, needs).await
    }

    async fn upload_part(&self, req: &mut S3Request<dto::UploadPartInput>) -> S3Result<()> {
        let needs = needs::on_object("s3:PutObject", &req.input.bucket, &req.input.key);
        self.admit::<t::UploadPart, _>(req, needs).await
    }

    async fn upload_part_copy(&self, req: &mut S3Request<dto::UploadPartCopyInput>) -> S3Result<()> {
        let input = &req.input;
        let needs = needs::copying(&input.copy_source, &input.bucket, &input.key, Wishes::default(), None)?;
        self.admit::<t::UploadPartCopy, _>(req, needs).await
    }

    async fn complete_multipart_upload(&self, req: &mut S3Request<dto::CompleteMultipartUploadInput>) -> S3Result<()> {
        let needs = needs::on_object("s3:PutObject", &req.input.bucket, &req.input.key);
        self.admit::<t::CompleteMultipartUpload, _>(req, needs).await
    }

    async fn abort_multipart_upload(&self, req: &mut S3Request<dto::AbortMultipartUploadInput>) -> S3Result<()> {
        let needs = needs::on_object("s3:AbortMultipartUpload", &req.input.bucket, &req.input.key);
        self.admit::<t::AbortMultipartUpload, _>(req, needs).await
    }

    async fn list_parts(&self, req: &mut S3Request<dto::ListPartsInput>) -> S3Result<()> {
        let needs = needs::on_object("s3:ListMultipartUploadParts", &req.input.bucket, &req.input.key);
        self.admit::<t::ListParts, _>(req, needs).await
    }

    async fn list_multipart_uploads(&self, req: &mut S3Request<dto::ListMultipartUploadsInput>) -> S3Result<()> {
        let needs = needs::on_bucket("s3:ListBucketMultipartUploads", &req.input.bucket);
        self.admit::<t::ListMultipartUploads, _>(req, needs).await
    }
}
