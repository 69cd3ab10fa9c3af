//! The table of operations: what each may need, and which headers and parameters it understands.
//!
//! What stands in no line is refused before anything is read: an operation that is not served, and a header or parameter
//! that would ask for something that is not done (law 1: never ignored).

use burgward_service::{Access, Operation, OperationInfo};
use s3s::{S3Error, S3ErrorCode, S3Result};

use crate::error::not_served;

/// An operation's line.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) info: &'static OperationInfo,
    headers: &'static [&'static str],
    params: &'static [&'static str],
}

macro_rules! operations {
    ($($name:ident: $access:ident, $actions:expr, headers $headers:expr, params $params:expr;)+) => {
        $(
            #[doc = concat!("`", stringify!($name), "`.")]
            #[derive(Debug)]
            pub(crate) struct $name;

            impl Operation for $name {
                const INFO: OperationInfo = OperationInfo {
                    service: "s3",
                    name: stringify!($name),
                    actions: &$actions,
                    access: Access::$access,
                };
            }
        )+

        pub(crate) static OPERATIONS: &[&OperationInfo] = &[$(&$name::INFO),+];

        static LINES: &[Line] = &[$(Line { info: &$name::INFO, headers: &$headers, params: &$params }),+];
    };
}

operations! {
    ListBuckets: List, ["s3:ListAllMyBuckets"], headers [], params [];
    CreateBucket: Write, ["s3:CreateBucket"], headers ["x-amz-object-ownership"], params [];
    DeleteBucket: Write, ["s3:DeleteBucket"], headers [], params [];
    HeadBucket: List, ["s3:ListBucket"], headers [], params [];
    GetBucketLocation: Read, ["s3:GetBucketLocation"], headers [], params ["location"];
    ListObjects: List, ["s3:ListBucket"], headers [],
        params ["prefix", "delimiter", "marker", "max-keys", "encoding-type"];
    ListObjectsV2: List, ["s3:ListBucket"], headers [],
        params ["list-type", "prefix", "delimiter", "start-after", "continuation-token", "max-keys", "encoding-type",
            "fetch-owner"];
    PutObject: Write, ["s3:PutObject", "s3:PutObjectAcl"],
        headers ["x-amz-acl", "x-amz-checksum-*", "x-amz-meta-*", "x-amz-server-side-encryption", "x-amz-storage-class"],
        params [];
    GetObject: Read, ["s3:GetObject", "s3:ListBucket"], headers ["x-amz-checksum-mode"],
        params ["response-cache-control", "response-content-disposition", "response-content-encoding",
            "response-content-language", "response-content-type", "response-expires"];
    HeadObject: Read, ["s3:GetObject", "s3:ListBucket"], headers ["x-amz-checksum-mode"],
        params ["response-cache-control", "response-content-disposition", "response-content-encoding",
            "response-content-language", "response-content-type", "response-expires"];
    DeleteObject: Write, ["s3:DeleteObject"], headers [], params [];
    DeleteObjects: Write, ["s3:DeleteObject"], headers ["x-amz-checksum-*"], params ["delete"];
    CopyObject: Write, ["s3:GetObject", "s3:PutObject", "s3:PutObjectAcl"],
        headers ["x-amz-acl", "x-amz-checksum-algorithm", "x-amz-meta-*", "x-amz-server-side-encryption",
            "x-amz-storage-class", "x-amz-copy-source", "x-amz-copy-source-if-*", "x-amz-metadata-directive"],
        params [];
    CreateMultipartUpload: Write, ["s3:PutObject", "s3:PutObjectAcl"],
        headers ["x-amz-acl", "x-amz-checksum-algorithm", "x-amz-checksum-type", "x-amz-meta-*",
            "x-amz-server-side-encryption", "x-amz-storage-class"],
        params ["uploads"];
    UploadPart: Write, ["s3:PutObject"], headers ["x-amz-checksum-*"], params ["partNumber", "uploadId"];
    UploadPartCopy: Write, ["s3:GetObject", "s3:PutObject"],
        headers ["x-amz-copy-source", "x-amz-copy-source-if-*", "x-amz-copy-source-range"],
        params ["partNumber", "uploadId"];
    CompleteMultipartUpload: Write, ["s3:PutObject"],
        headers ["x-amz-checksum-*", "x-amz-mp-object-size"], params ["uploadId"];
    AbortMultipartUpload: Write, ["s3:AbortMultipartUpload"], headers [], params ["uploadId"];
    ListParts: Read, ["s3:ListMultipartUploadParts"], headers [],
        params ["uploadId", "max-parts", "part-number-marker"];
    ListMultipartUploads: List, ["s3:ListBucketMultipartUploads"], headers [],
        params ["uploads", "prefix", "delimiter", "key-marker", "upload-id-marker", "max-uploads", "encoding-type"];
}

/// Whether the caller may know that a key does not exist: AWS answers 404 to those who may list the bucket, else 403.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html> (permissions)
#[derive(Debug)]
pub(crate) struct Existence;

impl Operation for Existence {
    const INFO: OperationInfo =
        OperationInfo { service: "s3", name: "HeadBucket", actions: &["s3:ListBucket"], access: Access::List };
}

/// Headers that every operation understands. `x-amz-expected-bucket-owner` is judged for all of them in one place;
/// `x-amz-request-payer` asks for nothing here, since no bucket makes the requester pay.
const COMMON: &[&str] = &[
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-expected-bucket-owner",
    "x-amz-request-payer",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-source-expected-bucket-owner",
    "x-amz-te",
    "x-amz-trailer",
    "x-amz-user-agent",
];

pub(crate) fn line(name: &str) -> Option<&'static Line> {
    LINES.iter().find(|line| line.info.name == name)
}

impl Line {
    /// Refuses a header or parameter that this operation does not understand.
    pub(crate) fn judge(&self, headers: &http::HeaderMap, query: Option<&str>) -> S3Result<()> {
        let fits = |known: &&str, name: &str| match known.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => *known == name,
        };
        for name in headers.keys().map(http::HeaderName::as_str).filter(|name| name.starts_with("x-amz-")) {
            if !COMMON.iter().chain(self.headers).any(|known| fits(known, name)) {
                return Err(refused(name));
            }
        }
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let name = pair.split_once('=').map_or(pair, |(name, _)| name);
            let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
            if name != "x-id" && !self.params.iter().any(|known| fits(known, &name)) {
                return Err(refused(&name));
            }
        }
        Ok(())
    }
}

fn refused(name: &str) -> S3Error {
    let name: String = name.chars().take(100).collect();
    match name.as_str() {
        // An authentication that the front did not take away has not been verified.
        "X-Amz-Signature" | "Signature" | "AWSAccessKeyId" | "X-Amz-Credential" => {
            S3Error::with_message(S3ErrorCode::AccessDenied, "the request carries an unverified signature")
        }
        _ => not_served(&name),
    }
}
