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

use burgward_template::model::PayloadFormat;
use bytes::Bytes;

pub(crate) use authorizer::authorizer;

use crate::api::CompiledApi;
use crate::stages::Content;

/// The event of a proxy integration.
pub(crate) fn proxy(api: &CompiledApi, content: &Content<'_>) -> Result<Bytes, serde_json::Error> {
    let mut out = Vec::with_capacity(2048 + content.body.len() * 2);
    match content.routed.route().payload {
        PayloadFormat::V1 => serde_json::to_writer(&mut out, &v1::event(api, content))?,
        PayloadFormat::V2 => serde_json::to_writer(&mut out, &v2::event(api, content))?,
    }
    Ok(out.into())
}
