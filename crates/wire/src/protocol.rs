//! Which protocol a service speaks.

use bytes::Bytes;
use http::StatusCode;

/// A protocol, with what differs between the services that speak it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// `awsJson1_0` and `awsJson1_1`: <https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html>.
    Json {
        /// `1.0` or `1.1`.
        version: &'static str,
        /// What stands before a modelled error's name in `__type`, such as `com.amazonaws.dynamodb.v20120810#`.
        error_prefix: &'static str,
        /// True for `DynamoDB`, whose clients check `x-amz-crc32`.
        crc32: bool,
    },
    /// `awsQuery`: <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>.
    Query {
        /// The namespace of the service's documents.
        namespace: &'static str,
    },
    /// `restXml` as S3 speaks it: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.
    RestXml,
}

/// A body ready to be sent, with the headers that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The status.
    pub status: StatusCode,
    /// Headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

impl Protocol {
    /// The `Content-Type` of answers.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        match self {
            Self::Json { version: "1.0", .. } => "application/x-amz-json-1.0",
            Self::Json { .. } => "application/x-amz-json-1.1",
            Self::Query { .. } => "text/xml",
            Self::RestXml => "application/xml",
        }
    }

    /// A good answer: the body as it is, with the protocol's headers.
    #[must_use]
    pub fn answer(&self, body: Bytes, request_id: &str) -> Encoded {
        self.encode(StatusCode::OK, body, request_id)
    }

    pub(crate) fn encode(&self, status: StatusCode, body: Bytes, request_id: &str) -> Encoded {
        let mut headers = vec![("content-type", self.content_type().to_owned())];
        match self {
            Self::Json { crc32, .. } => {
                headers.push(("x-amzn-requestid", request_id.to_owned()));
                if *crc32 {
                    headers.push(("x-amz-crc32", crc32fast::hash(&body).to_string()));
                }
            }
            Self::Query { .. } => headers.push(("x-amzn-requestid", request_id.to_owned())),
            Self::RestXml => {
                headers.push(("x-amz-request-id", request_id.to_owned()));
                headers.push(("x-amz-id-2", request_id.replace('-', "")));
            }
        }
        Encoded { status, headers, body }
    }
}
