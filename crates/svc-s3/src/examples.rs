//! The smallest valid request of every operation, for the walk that proves each to be guarded.

use burgward_service::{Body, empty, full};
use http::{Method, Request};

/// An example of an operation; an operation without one gets a request that no operation has.
pub(crate) fn of(operation: &str) -> Request<Body> {
    let (method, path, headers, body): (Method, &str, &[(&str, &str)], &'static str) = match operation {
        "ListBuckets" => (Method::GET, "/", &[], ""),
        "CreateBucket" => (Method::PUT, "/example-bucket", &[], ""),
        "DeleteBucket" => (Method::DELETE, "/example-bucket", &[], ""),
        "HeadBucket" => (Method::HEAD, "/example-bucket", &[], ""),
        "GetBucketLocation" => (Method::GET, "/example-bucket?location", &[], ""),
        "ListObjects" => (Method::GET, "/example-bucket", &[], ""),
        "ListObjectsV2" => (Method::GET, "/example-bucket?list-type=2", &[], ""),
        "PutObject" => (Method::PUT, "/example-bucket/key", &[], "content"),
        "GetObject" => (Method::GET, "/example-bucket/key", &[], ""),
        "HeadObject" => (Method::HEAD, "/example-bucket/key", &[], ""),
        "DeleteObject" => (Method::DELETE, "/example-bucket/key", &[], ""),
        "DeleteObjects" => {
            (Method::POST, "/example-bucket?delete", &[], "<Delete><Object><Key>key</Key></Object></Delete>")
        }
        "CopyObject" => (Method::PUT, "/example-bucket/copy", &[("x-amz-copy-source", "/example-bucket/key")], ""),
        "CreateMultipartUpload" => (Method::POST, "/example-bucket/key?uploads", &[], ""),
        "UploadPart" => (Method::PUT, "/example-bucket/key?partNumber=1&uploadId=none", &[], "content"),
        "UploadPartCopy" => (
            Method::PUT,
            "/example-bucket/copy?partNumber=1&uploadId=none",
            &[("x-amz-copy-source", "/example-bucket/key")],
            "",
        ),
        "CompleteMultipartUpload" => (
            Method::POST,
            "/example-bucket/key?uploadId=none",
            &[],
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"0\"</ETag></Part></CompleteMultipartUpload>",
        ),
        "AbortMultipartUpload" => (Method::DELETE, "/example-bucket/key?uploadId=none", &[], ""),
        "ListParts" => (Method::GET, "/example-bucket/key?uploadId=none", &[], ""),
        "ListMultipartUploads" => (Method::GET, "/example-bucket?uploads", &[], ""),
        _ => (Method::OPTIONS, "/", &[], ""),
    };
    let mut request = Request::builder().method(method).uri(path).header("content-length", body.len());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(if body.is_empty() { empty() } else { full(body) }).unwrap_or_else(|_| Request::new(empty()))
}
