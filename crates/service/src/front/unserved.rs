//! How a service that is not served here would have said no.
//!
//! An SDK reads an error only if it has the shape of its service's protocol; otherwise its user sees a code such as
//! `Unknown` and no message. The request's own form says which protocol that is, but for the two that have no form.

use burgward_wire::Protocol;
use http::{HeaderMap, header::CONTENT_TYPE};

/// Services whose protocol is `restXml`; all others without a form of their own speak `restJson1`.
const REST_XML: [&str; 6] = ["s3", "s3-object-lambda", "s3-outposts", "s3express", "route53", "cloudfront"];

/// The namespaces of the services that `awsQuery` is asked of most; clients do not look at it.
const NAMESPACES: [(&str, &str); 7] = [
    ("autoscaling", "http://autoscaling.amazonaws.com/doc/2011-01-01/"),
    ("cloudformation", "http://cloudformation.amazonaws.com/doc/2010-05-15/"),
    ("iam", "https://iam.amazonaws.com/doc/2010-05-08/"),
    ("monitoring", "http://monitoring.amazonaws.com/doc/2010-08-01/"),
    ("rds", "http://rds.amazonaws.com/doc/2014-10-31/"),
    ("sns", "http://sns.amazonaws.com/doc/2010-03-31/"),
    ("sqs", "http://queue.amazonaws.com/doc/2012-11-05/"),
];
const ANY_NAMESPACE: &str = "https://aws.amazon.com/";

/// The protocol of a request to a service of this name.
pub(super) fn protocol(name: &str, headers: &HeaderMap) -> Protocol {
    let kind = headers.get(CONTENT_TYPE).map_or(&b""[..], |kind| kind.as_bytes());
    if kind.starts_with(b"application/x-www-form-urlencoded") {
        let known = NAMESPACES.iter().find(|(service, _)| *service == name);
        return Protocol::Query { namespace: known.map_or(ANY_NAMESPACE, |(_, namespace)| namespace) };
    }
    if REST_XML.contains(&name) && !headers.contains_key("x-amz-target") {
        return Protocol::RestXml;
    }
    let version = if kind.starts_with(b"application/x-amz-json-1.0") { "1.0" } else { "1.1" };
    Protocol::Json { version, error_prefix: "", crc32: false }
}
