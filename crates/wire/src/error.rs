//! Errors as each protocol writes them.

use std::borrow::Cow;

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Map, Value};

use crate::{Encoded, Protocol, XmlWriter};

/// Whose fault an error is; clients retry the server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The request is at fault.
    Sender,
    /// The service is at fault.
    Receiver,
}

/// What a client may see of an error.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorShape {
    /// The status.
    pub status: StatusCode,
    /// The code without a namespace, such as `ResourceNotFoundException`. A code that holds a `#` is sent as it is.
    pub code: Cow<'static, str>,
    /// The message.
    pub message: String,
    /// Further members: of the JSON object, or elements of S3's `<Error>`.
    pub members: Map<String, Value>,
}

impl ErrorShape {
    /// Whose fault it is, by the status.
    #[must_use]
    pub fn fault(&self) -> Fault {
        if self.status.is_server_error() { Fault::Receiver } else { Fault::Sender }
    }
}

impl Protocol {
    /// Writes an error the way this protocol's clients read it.
    #[must_use]
    pub fn error(&self, error: &ErrorShape, request_id: &str) -> Encoded {
        let body = match self {
            Self::Json { error_prefix, .. } => json_body(error, error_prefix),
            Self::Query { namespace } => query_body(error, namespace, request_id),
            Self::RestXml => rest_xml_body(error, request_id),
        };
        self.encode(error.status, Bytes::from(body), request_id)
    }
}

fn json_body(error: &ErrorShape, prefix: &str) -> String {
    let mut object = Map::new();
    let kind = if error.code.contains('#') { error.code.to_string() } else { format!("{prefix}{}", error.code) };
    object.insert("__type".to_owned(), Value::String(kind));
    // DynamoDB and Logs write `message`, older JSON services `Message`; botocore reads either.
    object.insert("message".to_owned(), Value::String(error.message.clone()));
    object.extend(error.members.clone());
    Value::Object(object).to_string()
}

fn query_body(error: &ErrorShape, namespace: &str, request_id: &str) -> String {
    let mut xml = XmlWriter::new("ErrorResponse", Some(namespace));
    let fault = match error.fault() {
        Fault::Sender => "Sender",
        Fault::Receiver => "Receiver",
    };
    xml.open("Error").text("Type", fault).text("Code", &error.code).text("Message", &error.message).close();
    xml.text("RequestId", request_id);
    xml.finish()
}

/// S3's elements that an error may carry beside code and message; others are not sent.
const S3_MEMBERS: [&str; 7] =
    ["Key", "BucketName", "Resource", "AWSAccessKeyId", "Expires", "ServerTime", "X-Amz-Expires"];

fn rest_xml_body(error: &ErrorShape, request_id: &str) -> String {
    let mut xml = XmlWriter::new("Error", None);
    xml.text("Code", &error.code).text("Message", &error.message);
    for name in S3_MEMBERS {
        if let Some(Value::String(text)) = error.members.get(name) {
            xml.text(name, text);
        }
    }
    xml.text("RequestId", request_id).text("HostId", &request_id.replace('-', ""));
    xml.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing() -> ErrorShape {
        ErrorShape {
            status: StatusCode::BAD_REQUEST,
            code: "ResourceNotFoundException".into(),
            message: "Requested resource not found".into(),
            members: Map::new(),
        }
    }

    #[test]
    fn json_names_the_type_and_dynamodb_adds_its_checksum() {
        let protocol =
            Protocol::Json { version: "1.0", error_prefix: "com.amazonaws.dynamodb.v20120810#", crc32: true };
        let sent = protocol.error(&missing(), "rid");
        assert_eq!(
            sent.body,
            r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Requested resource not found"}"#
        );
        assert_eq!(sent.headers[0], ("content-type", "application/x-amz-json-1.0".to_owned()));
        assert_eq!(sent.headers[2], ("x-amz-crc32", crc32fast::hash(&sent.body).to_string()));
    }

    #[test]
    fn query_wraps_and_s3_does_not() {
        let query = Protocol::Query { namespace: "https://sts.amazonaws.com/doc/2011-06-15/" };
        let sent = query.error(&missing(), "rid");
        assert_eq!(
            sent.body,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
             <Error><Type>Sender</Type><Code>ResourceNotFoundException</Code><Message>Requested resource not found</Message>\
             </Error><RequestId>rid</RequestId></ErrorResponse>"
        );
        let s3 = Protocol::RestXml.error(&missing(), "r-id");
        assert_eq!(
            s3.body,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>ResourceNotFoundException</Code><Message>Requested \
             resource not found</Message><RequestId>r-id</RequestId><HostId>rid</HostId></Error>"
        );
    }
}
