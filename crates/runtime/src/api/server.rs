//! HTTP/1.1 on the listener inside a sandbox.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body as _, Incoming};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::state::{Answer, Api, Refused, Work};
use crate::outcome::{Failure, PAYLOAD_LIMIT, error_type};

/// Connections at once from inside one sandbox; further ones are closed unread.
const CONNECTIONS: usize = 16;
/// Head of a request, header lines included.
const HEAD_BYTES: usize = 64 * 1024;
const HEADERS: usize = 64;
/// An error object; a stack trace of a thousand frames fits.
const ERROR_LIMIT: usize = 1024 * 1024;
const ROOT: &str = "/2018-06-01/runtime/";

type Reply = Response<Full<Bytes>>;

/// Serves the Runtime API until dropped, which closes all its connections.
pub(crate) async fn serve(listener: TcpListener, api: Arc<Api>) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors, most likely: try again when some are free, not in a busy loop.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        while connections.try_join_next().is_some() {}
        let Ok(slot) = Arc::clone(&slots).try_acquire_owned() else { continue };
        let _ = stream.set_nodelay(true);
        let api = Arc::clone(&api);
        connections.spawn(async move {
            let service = hyper::service::service_fn(move |request| answer(request, Arc::clone(&api)));
            let connection = hyper::server::conn::http1::Builder::new()
                .max_buf_size(HEAD_BYTES)
                .max_headers(HEADERS)
                .auto_date_header(false)
                .serve_connection(TokioIo::new(stream), service);
            // What goes wrong on the wire is the function's own affair: it sees its connection close.
            let _ = connection.await;
            drop(slot);
        });
    }
}

async fn answer(request: Request<Incoming>, api: Arc<Api>) -> Result<Reply, Infallible> {
    let (head, body) = request.into_parts();
    let Some(path) = head.uri.path().strip_prefix(ROOT) else { return Ok(not_found()) };
    let mut steps = path.split('/');
    let reply = match (&head.method, steps.next(), steps.next(), steps.next(), steps.next()) {
        (&Method::GET, Some("invocation"), Some("next"), None, None) => next(&api).await,
        (&Method::POST, Some("invocation"), Some(id), Some("response"), None) => {
            response(&api, id, &head.headers, body).await
        }
        (&Method::POST, Some("invocation"), Some(id), Some("error"), None) => {
            error(&api, id, &head.headers, body).await
        }
        (&Method::POST, Some("init"), Some("error"), None, None) => init_error(&api, &head.headers, body).await,
        _ => Ok(not_found()),
    };
    Ok(reply.unwrap_or_else(refusal))
}

async fn next(api: &Api) -> Result<Reply, Refused> {
    let Work { request_id, payload, deadline_ms, arn, trace_id, client_context } = api.next().await?;
    let mut reply = Response::new(Full::new(payload));
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        headers.insert("lambda-runtime-aws-request-id", id);
    }
    headers.insert("lambda-runtime-deadline-ms", HeaderValue::from(deadline_ms));
    headers.insert("lambda-runtime-invoked-function-arn", arn);
    headers.insert("lambda-runtime-trace-id", trace_id);
    if let Some(context) = client_context {
        headers.insert("lambda-runtime-client-context", context);
    }
    Ok(reply)
}

async fn response(api: &Arc<Api>, id: &str, headers: &HeaderMap, body: Incoming) -> Result<Reply, Refused> {
    let claim = api.claim(id)?;
    let whole = match read(headers, body, PAYLOAD_LIMIT).await {
        Ok(whole) => whole,
        Err(ReadError::TooLarge) => {
            claim.answer(Answer::Error(Failure::response_too_large()));
            return Ok(too_large());
        }
        // The claim goes back: the runtime may try again on another connection.
        Err(ReadError::Broken) => return Ok(broken()),
    };
    claim.answer(match whole.error_trailer {
        Some(kind) => Answer::Error(Failure { payload: whole.bytes, error_type: kind }),
        None => Answer::Response(whole.bytes),
    });
    Ok(accepted())
}

async fn error(api: &Arc<Api>, id: &str, headers: &HeaderMap, body: Incoming) -> Result<Reply, Refused> {
    let claim = api.claim(id)?;
    match read_failure(headers, body, "Function.Unknown").await {
        Ok(failure) => claim.answer(Answer::Error(failure)),
        Err(ReadError::TooLarge) => {
            claim.answer(Answer::Error(Failure::response_too_large()));
            return Ok(too_large());
        }
        Err(ReadError::Broken) => return Ok(broken()),
    }
    Ok(accepted())
}

async fn init_error(api: &Arc<Api>, headers: &HeaderMap, body: Incoming) -> Result<Reply, Refused> {
    let claim = api.claim_init()?;
    match read_failure(headers, body, "Runtime.Unknown").await {
        Ok(failure) => claim.fail(failure),
        Err(ReadError::TooLarge) => {
            claim.fail(Failure::response_too_large());
            return Ok(too_large());
        }
        Err(ReadError::Broken) => return Ok(broken()),
    }
    Ok(accepted())
}

enum ReadError {
    TooLarge,
    Broken,
}

struct Whole {
    bytes: Bytes,
    /// A streamed answer that failed midway says so in a trailer.
    error_trailer: Option<String>,
}

async fn read(headers: &HeaderMap, body: Incoming, limit: usize) -> Result<Whole, ReadError> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        discard(body).await;
        return Err(ReadError::TooLarge);
    }
    let collected = Limited::new(body, limit).collect().await.map_err(|e| {
        if e.is::<http_body_util::LengthLimitError>() { ReadError::TooLarge } else { ReadError::Broken }
    })?;
    let kind = |trailers: &HeaderMap| {
        let value = trailers.get("lambda-runtime-function-error-type")?;
        Some(error_type(value.to_str().ok(), "Function.Unknown"))
    };
    let error_trailer = collected.trailers().and_then(kind);
    Ok(Whole { bytes: collected.to_bytes(), error_trailer })
}

/// Reads past a body that is too large, within reason, so that the client finds the answer and not a closed connection.
async fn discard(mut body: Incoming) {
    let mut left = 4 * PAYLOAD_LIMIT;
    while let Some(Ok(frame)) = body.frame().await {
        left = left.saturating_sub(frame.data_ref().map_or(1, Bytes::len));
        if left == 0 || body.is_end_stream() {
            return;
        }
    }
}

async fn read_failure(headers: &HeaderMap, body: Incoming, fallback: &str) -> Result<Failure, ReadError> {
    let whole = read(headers, body, ERROR_LIMIT).await?;
    let kind = headers.get("lambda-runtime-function-error-type").and_then(|kind| kind.to_str().ok());
    Ok(Failure { payload: whole.bytes, error_type: error_type(kind, fallback) })
}

fn reply(status: StatusCode, body: String) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::from(body)));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply
}

fn failed(status: StatusCode, error_type: &str, message: &str) -> Reply {
    reply(status, json!({ "errorMessage": message, "errorType": error_type }).to_string())
}

fn accepted() -> Reply {
    reply(StatusCode::ACCEPTED, r#"{"status":"OK"}"#.to_owned())
}

fn not_found() -> Reply {
    failed(StatusCode::NOT_FOUND, "NotFound", "the Runtime API has no such path")
}

fn broken() -> Reply {
    failed(StatusCode::BAD_REQUEST, "Runtime.TruncatedResponse", "the body ended early")
}

fn too_large() -> Reply {
    let message = format!("Exceeded maximum allowed payload size ({PAYLOAD_LIMIT} bytes).");
    failed(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message)
}

fn refusal(refused: Refused) -> Reply {
    match refused {
        Refused::InvalidRequestId => failed(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID"),
        Refused::InvalidState(why) => failed(StatusCode::FORBIDDEN, "InvalidStateTransition", why),
    }
}
