//! S3.
//!
//! Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html> and "Required permissions
//! for Amazon S3 API operations", <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>.
//! A request for a version needs the version's action instead:
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>. Keys of buckets that AWS KMS encrypts:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html>.

use super::{Kind, On, Row, Service, When, named, same};

const BUCKET: On = On::One(Kind::Bucket, &["Bucket"]);
const READS: &[&str] = &["GetObject", "HeadObject", "GetObjectAttributes", "SelectObjectContent"];
const WRITES: &[&str] = &["PutObject", "CopyObject", "CreateMultipartUpload"];

pub(super) const SERVICES: &[Service] = &[Service { sdk: "s3", prefix: "s3", rows: ROWS }];

const ROWS: &[Row] = &[
    named(READS, "GetObject", On::Object).when(When::Without("VersionId")),
    named(READS, "GetObjectVersion", On::Object).when(When::With("VersionId")),
    named(READS, "kms:Decrypt", On::KeyOf(Kind::Bucket)),
    named(&["PutObject", "CopyObject", "CreateMultipartUpload"], "PutObject", On::Object),
    named(&["UploadPart", "UploadPartCopy", "CompleteMultipartUpload"], "PutObject", On::Object),
    named(&["CopyObject", "UploadPartCopy"], "GetObject", On::CopySource),
    named(WRITES, "PutObjectAcl", On::Object).when(When::With("ACL")),
    named(WRITES, "PutObjectAcl", On::Object).when(When::With("GrantFullControl")),
    named(WRITES, "PutObjectAcl", On::Object).when(When::With("GrantRead")),
    named(WRITES, "PutObjectTagging", On::Object).when(When::With("Tagging")),
    named(WRITES, "PutObjectRetention", On::Object).when(When::With("ObjectLockRetainUntilDate")),
    named(WRITES, "PutObjectLegalHold", On::Object).when(When::With("ObjectLockLegalHoldStatus")),
    named(&["PutObject", "CopyObject", "CreateMultipartUpload"], "kms:GenerateDataKey", On::KeyOf(Kind::Bucket)),
    named(&["CopyObject", "UploadPart", "CompleteMultipartUpload"], "kms:Decrypt", On::KeyOf(Kind::Bucket)),
    named(&["DeleteObject"], "DeleteObject", On::Object).when(When::Without("VersionId")),
    named(&["DeleteObject"], "DeleteObjectVersion", On::Object).when(When::With("VersionId")),
    named(&["DeleteObjects"], "DeleteObject", On::Object),
    same(&["AbortMultipartUpload"], On::Object),
    named(&["ListParts"], "ListMultipartUploadParts", On::Object),
    named(&["ListObjects", "ListObjectsV2", "HeadBucket"], "ListBucket", BUCKET),
    named(&["ListObjectVersions"], "ListBucketVersions", BUCKET),
    named(&["ListMultipartUploads"], "ListBucketMultipartUploads", BUCKET),
    named(&["ListBuckets"], "ListAllMyBuckets", On::Anything),
    same(&["GetObjectTagging", "PutObjectTagging", "DeleteObjectTagging"], On::Object).when(When::Without("VersionId")),
    named(&["GetObjectTagging"], "GetObjectVersionTagging", On::Object).when(When::With("VersionId")),
    named(&["PutObjectTagging"], "PutObjectVersionTagging", On::Object).when(When::With("VersionId")),
    named(&["DeleteObjectTagging"], "DeleteObjectVersionTagging", On::Object).when(When::With("VersionId")),
    same(&["GetObjectAcl", "PutObjectAcl"], On::Object).when(When::Without("VersionId")),
    named(&["GetObjectAcl"], "GetObjectVersionAcl", On::Object).when(When::With("VersionId")),
    named(&["PutObjectAcl"], "PutObjectVersionAcl", On::Object).when(When::With("VersionId")),
    same(
        &["GetObjectRetention", "PutObjectRetention", "GetObjectLegalHold", "PutObjectLegalHold", "RestoreObject"],
        On::Object,
    ),
    same(
        &[
            "CreateBucket",
            "DeleteBucket",
            "GetBucketLocation",
            "GetBucketPolicy",
            "PutBucketPolicy",
            "DeleteBucketPolicy",
            "GetBucketPolicyStatus",
            "GetBucketAcl",
            "PutBucketAcl",
            "GetBucketTagging",
            "PutBucketTagging",
            "GetBucketVersioning",
            "PutBucketVersioning",
            "GetBucketLogging",
            "PutBucketLogging",
            "GetBucketWebsite",
            "PutBucketWebsite",
            "GetBucketOwnershipControls",
            "PutBucketOwnershipControls",
        ],
        BUCKET,
    ),
    named(&["GetBucketCors"], "GetBucketCORS", BUCKET),
    named(&["PutBucketCors", "DeleteBucketCors"], "PutBucketCORS", BUCKET),
    named(&["GetBucketEncryption"], "GetEncryptionConfiguration", BUCKET),
    named(&["PutBucketEncryption", "DeleteBucketEncryption"], "PutEncryptionConfiguration", BUCKET),
    named(&["GetBucketLifecycleConfiguration"], "GetLifecycleConfiguration", BUCKET),
    named(&["PutBucketLifecycleConfiguration", "DeleteBucketLifecycle"], "PutLifecycleConfiguration", BUCKET),
    named(&["GetBucketNotificationConfiguration"], "GetBucketNotification", BUCKET),
    named(&["PutBucketNotificationConfiguration"], "PutBucketNotification", BUCKET),
    named(&["GetPublicAccessBlock"], "GetBucketPublicAccessBlock", BUCKET),
    named(&["PutPublicAccessBlock", "DeletePublicAccessBlock"], "PutBucketPublicAccessBlock", BUCKET),
    named(&["DeleteBucketTagging"], "PutBucketTagging", BUCKET),
    named(&["DeleteBucketWebsite"], "DeleteBucketWebsite", BUCKET),
];
