//! The last step: platform headers, and the gateway's own answers.

use burgward_template::model::ApiKind;
use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};
use http_body_util::Full;

use crate::answer::Answer;
use crate::api::CompiledApi;
use crate::cors;
use crate::head::Head;
use crate::stop::Stop;

/// The gateway's own answer to a request that ended early.
pub(crate) fn stopped(api: &CompiledApi, stop: &Stop) -> Answer {
    let wording = stop.wording(api.kind);
    let mut answer = Response::new(Bytes::from(wording.body));
    *answer.status_mut() = wording.status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if !wording.error_type.is_empty() {
        let error_type = HeaderValue::from_static(wording.error_type);
        answer.headers_mut().insert(HeaderName::from_static("x-amzn-errortype"), error_type);
    }
    answer
}

/// A preflight that an HTTP API answers by itself.
pub(crate) fn preflight(headers: header::HeaderMap) -> Answer {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    *answer.headers_mut() = headers;
    answer
}

/// Adds what every answer carries.
pub(crate) fn finish(api: &CompiledApi, head: &Head, mut answer: Answer, from_function: bool) -> Response<Full<Bytes>> {
    if let (ApiKind::Http, Some(cors)) = (api.kind, &api.cors)
        && !cors::is_preflight(head)
    {
        cors::apply(cors, head, answer.headers_mut());
    }
    let headers = answer.headers_mut();
    let mut put = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    match api.kind {
        ApiKind::Rest => {
            put("x-amzn-requestid", head.id.as_str());
            put("x-amz-apigw-id", &head.extended_id);
            if from_function {
                put("x-amzn-trace-id", &head.trace_id);
            }
        }
        ApiKind::Http => put("apigw-requestid", head.id.as_str()),
    }
    // HTTP/1.1 leaves the body of an answer to `HEAD` out by itself; on h2, it would break the stream.
    if head.method == Method::HEAD {
        let length = answer.body().len();
        answer.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        answer.body_mut().clear();
    }
    answer.map(Full::new)
}
