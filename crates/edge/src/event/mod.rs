//! The events that functions and authorizers get, field by field as API Gateway sends them.
//!
//! Sources: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-input-format>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html>

mod authorizer;
mod context;
mod fields;
mod v1;
mod v2;

use std::io;

use burgward_template::model::PayloadFormat;

pub(crate) use authorizer::authorizer;

use crate::api::CompiledApi;
use crate::stages::Content;

/// The event of a proxy integration; the error is an `io::Error` if it grows over `limit`.
pub(crate) fn proxy(api: &CompiledApi, content: &Content<'_>, limit: usize) -> Result<Vec<u8>, serde_json::Error> {
    let room = expected(content.body.len()).min(limit);
    let mut out = Capped { out: Vec::with_capacity(room), limit };
    match content.routed.route().payload {
        PayloadFormat::V1 => serde_json::to_writer(&mut out, &v1::event(api, content))?,
        PayloadFormat::V2 => serde_json::to_writer(&mut out, &v2::event(api, content))?,
    }
    Ok(out.out)
}

/// How large an event with a body of that size will be, most likely.
pub(crate) fn expected(body: usize) -> usize {
    body.saturating_mul(2).saturating_add(2048)
}

/// Text that stops growing at its limit: escaped, a body can become six times as long.
struct Capped {
    out: Vec<u8>,
    limit: usize,
}

impl io::Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.out.len().saturating_add(bytes.len()) > self.limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.out.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
