//! Amazon S3: objects encrypted in files, spoken to through `s3s`.
//!
//! The way of a call: [`S3::call`] (signature verified before, by the front) -> s3s reads the request -> `access.rs`
//! computes what it needs and asks the guard -> `backend.rs` takes the permit in hand -> `ops/` does it.
//!
//! Invariants: nothing is acknowledged before content and metadata are on the disk; no path is built from a name that a
//! client chose; a header, parameter or operation that is not understood is refused (`table.rs`).
//!
//! Deliberately absent: versions, tags, access control lists, SSE-KMS and SSE-C, website and lifecycle settings, form
//! uploads (`POST`). Each is refused with `NotImplemented`.

mod access;
mod backend;
mod blob;
mod bucket_name;
mod digest;
mod error;
mod examples;
mod meta;
mod needs;
mod ops;
mod state;
mod table;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use burgward_service::{Authenticated, Body, CallInfo, Guard, OperationInfo, Protocol, Scope, Service, empty, full};
use burgward_store::Store;
use burgward_vault::Vault;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::service::{S3Service, S3ServiceBuilder};

pub use bucket_name::bucket_name_fault;
pub use error::OpenError;

/// The service.
#[derive(Debug)]
pub struct S3 {
    guard: Arc<Guard>,
    adapter: S3Service,
}

/// The longest XML document that is read.
const XML_BYTES: usize = 4 << 20;

/// The largest object or part that one request may bring.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>
const UPLOAD_BYTES: u64 = 5 << 30;

/// How much of a body s3s reads before anybody is asked: XML documents, and no forms.
fn limits() -> S3Config {
    let mut limits = S3Config::default();
    limits.xml_max_body_size = XML_BYTES;
    limits.form_max_field_size = 1;
    limits.form_max_fields_size = 1;
    limits.form_max_parts = 1;
    limits
}

impl S3 {
    /// Opens S3 with its contents in `dir`, which is made if need be, and its metadata in `store`.
    pub fn open(dir: &Path, vault: &Vault, store: Arc<dyn Store>, guard: Arc<Guard>) -> Result<Self, OpenError> {
        let state = Arc::new(state::State::open(dir, vault, store, Arc::clone(&guard))?);
        let mut builder = S3ServiceBuilder::new(backend::Backend(state));
        // Without an authentication provider s3s would not ask the gate: see `access.rs`.
        builder.set_auth(access::NoKeys);
        builder.set_access(access::Gate { guard: Arc::clone(&guard) });
        builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(limits()))));
        Ok(Self { guard, adapter: builder.build() })
    }

    async fn serve(&self, info: CallInfo, mut request: Request<Body>) -> Response<s3s::Body> {
        if is_form(&request) {
            return plain(
                StatusCode::NOT_IMPLEMENTED,
                "NotImplemented",
                "uploads by form (`POST`) are not served here",
            );
        }
        request.extensions_mut().insert(info);
        // A decoded `aws-chunked` body lost its header; s3s wants one where the body is XML.
        let length = http_body::Body::size_hint(request.body()).exact();
        if let (Some(length), false) = (length, request.headers().contains_key(http::header::CONTENT_LENGTH)) {
            request.headers_mut().insert(http::header::CONTENT_LENGTH, length.into());
        }
        match self.adapter.call(request.map(s3s::Body::http_body_unsync)).await {
            Ok(response) => response,
            Err(_) => plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalError",
                "We encountered an internal error. Please try again.",
            ),
        }
    }
}

#[async_trait]
impl Service for S3 {
    fn signing_name(&self) -> &'static str {
        "s3"
    }

    fn protocol(&self) -> Protocol {
        Protocol::RestXml
    }

    /// An XML document, such as that of a thousand keys to delete.
    fn body_limit(&self) -> usize {
        XML_BYTES
    }

    fn streams(&self, request: &http::request::Parts) -> Option<u64> {
        let has_key =
            request.uri.path().trim_start_matches('/').split_once('/').is_some_and(|(_, key)| !key.is_empty());
        (request.method == Method::PUT && has_key).then_some(UPLOAD_BYTES)
    }

    fn operations(&self) -> &'static [&'static OperationInfo] {
        table::OPERATIONS
    }

    fn example(&self, operation: &OperationInfo, _scope: &Scope) -> Request<Body> {
        examples::of(operation.name)
    }

    async fn call(&self, guard: &Guard, call: Authenticated) -> Response<Body> {
        let Authenticated { info, request, .. } = call;
        // The gate asks the guard it was built with: another one's rules must not be passed over.
        if !std::ptr::eq(guard, Arc::as_ptr(&self.guard)) {
            return finish(&info, plain(StatusCode::FORBIDDEN, "AccessDenied", "Access Denied")).await;
        }
        let response = self.serve(info.clone(), request).await;
        finish(&info, response).await
    }
}

/// s3s would take a form's file into memory before anybody is asked for leave.
fn is_form(request: &Request<Body>) -> bool {
    let kind = request.headers().get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    request.method() == Method::POST && kind.is_some_and(|kind| kind.to_ascii_lowercase().contains("multipart/"))
}

fn plain(status: StatusCode, code: &str, message: &str) -> Response<s3s::Body> {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    let mut response = Response::new(s3s::Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/xml"));
    response
}

/// The five entities that XML itself has (section 4.6 of the recommendation).
fn unescaped(text: &str) -> String {
    let entities = [("&quot;", "\""), ("&apos;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

/// Gives the answer its request id, and tells the audit record how it failed.
async fn finish(info: &CallInfo, response: Response<s3s::Body>) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    if let Ok(id) = http::HeaderValue::from_str(info.request_id().as_str()) {
        parts.headers.insert("x-amz-id-2", id.clone());
        parts.headers.insert("x-amz-request-id", id);
    }
    if parts.status == StatusCode::OK && parts.headers.contains_key(http::header::CONTENT_RANGE) {
        // s3s answers so to GET alone; AWS to HEAD as well.
        parts.status = StatusCode::PARTIAL_CONTENT;
    }
    if parts.status == StatusCode::NOT_MODIFIED {
        parts.headers.remove(http::header::CONTENT_TYPE);
        parts.headers.remove(http::header::CONTENT_LENGTH);
        return Response::from_parts(parts, empty());
    }
    if !parts.status.is_client_error() && !parts.status.is_server_error() {
        return Response::from_parts(parts, body.boxed_unsync());
    }
    // Errors are short and at hand.
    let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let element = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(value, _)| value.to_owned())
    };
    let code = element("Code").unwrap_or_else(|| parts.status.to_string());
    info.failed(&code, &unescaped(&element("Message").unwrap_or_default()));
    let id = format!("<RequestId>{}</RequestId></Error>", info.request_id());
    let text = text.replacen("</Error>", &id, 1);
    parts.headers.remove(http::header::CONTENT_LENGTH);
    Response::from_parts(parts, full(text))
}
