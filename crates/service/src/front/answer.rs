//! One request from its arrival to its answer and its record.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use burgward_sigv4::{Payload, Presented, sha256_hex};
use burgward_wire::{Encoded, Protocol};
use futures_util::FutureExt as _;
use http::{Method, Request, Response, StatusCode, request::Parts};
use http_body::Body as _;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::paced::Paced;
use super::refusal::Refusal;
use super::{BodyRefused, Inner, Service, authenticate, receive, record, unserved};
use crate::caller::Facts;
use crate::guard::denied_record;
use crate::{Authenticated, Body, CallInfo, Guard, Origin, ServiceError, empty, full};

pub(super) async fn answer(inner: Arc<Inner>, origin: Origin, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let guard = Arc::clone(&inner.guard);
    let facts = receive::facts(origin, &parts, guard.scope().region.as_str(), guard.clock().now());
    let mut received = Received { inner, parts, facts, service: None };
    let body = identify(&mut received, body).await;
    let Received { parts, facts, service, .. } = received;
    let info = CallInfo(Arc::new(facts));
    match (body, service) {
        (Ok(body), Some(service)) => serve(&guard, &service, info, Request::from_parts(parts, body)).await,
        (body, service) => {
            let refusal = body.err().unwrap_or(Refusal::Malformed("no service was chosen"));
            let unserved = if let Refusal::Service(name) = &refusal { name } else { "" };
            let protocol =
                service.as_ref().map_or_else(|| unserved::protocol(unserved, &parts.headers), |s| s.protocol());
            note_refusal(&info, service.as_ref(), &refusal);
            let response = refuse(&info, &protocol, &refusal.error(&protocol));
            record::write(&guard, &info, &protocol, response).await
        }
    }
}

/// A request on its way to be authenticated, with what was found out so far.
struct Received {
    inner: Arc<Inner>,
    parts: Parts,
    facts: Facts,
    service: Option<Arc<dyn Service>>,
}

/// A signature's claim that is still to be judged.
struct Claimed {
    presented: Option<Presented>,
    payload: Option<Payload>,
    body_limit: usize,
    /// The limit of a body that the service takes piece by piece.
    streams: Option<u64>,
}

impl Received {
    /// Chooses the service and reads the claim. A refusal is written in the protocol of the service that was chosen.
    fn claim(&mut self) -> Result<Claimed, Refusal> {
        let settled =
            receive::bounded(&self.parts, &self.inner.limits).and_then(|()| receive::settle_host(&mut self.parts));
        let presented = Presented::read(&receive::head(&self.parts));
        let known = presented.as_ref().ok().and_then(Option::as_ref);
        let service = receive::choose(&self.inner, &self.parts, known)?;
        self.service = Some(Arc::clone(service));
        settled?;
        let presented = presented?;
        let claim = |presented: &Presented| {
            authenticate::claim(&self.inner, service.as_ref(), presented, &self.parts, &mut self.facts)
        };
        let payload = presented.as_ref().map(claim).transpose()?;
        Ok(Claimed { presented, payload, body_limit: service.body_limit(), streams: service.streams(&self.parts) })
    }

    /// Judges the claim; gives the checked body and whether it has to be read at once.
    fn judge(&mut self, claimed: &Claimed, hash: Option<&str>, body: Body) -> Result<(Body, bool), Refusal> {
        let check = match (&claimed.presented, &claimed.payload, &self.service) {
            (Some(presented), Some(payload), _) => {
                authenticate::judge(&self.inner, presented, payload, hash, &self.parts, &mut self.facts)?
            }
            (_, _, Some(service)) => authenticate::unsigned(service.as_ref(), &self.parts)?,
            (_, _, None) => return Err(Refusal::NoSignature),
        };
        Ok(authenticate::attach(&mut self.parts, claimed.payload.as_ref(), body, check))
    }
}

/// Authenticates a request and gives the body that stands for what was signed.
async fn identify(received: &mut Received, body: Body) -> Result<Body, Refusal> {
    let claimed = received.claim()?;
    let body = Body::new(Paced::new(body, received.inner.limits));
    let held = received.inner.budget.hold(received.facts.caller.origin);
    if claimed.payload == Some(Payload::OfBody) {
        let bytes = authenticate::read(body, claimed.body_limit, held).await?;
        let hash = sha256_hex(&bytes);
        return received.judge(&claimed, Some(&hash), full(bytes)).map(|(body, _)| body);
    }
    let (body, at_once) = received.judge(&claimed, None, body)?;
    match claimed.streams {
        Some(limit) if !at_once => limited(body, limit),
        Some(_) => authenticate::read(body, authenticate::EAGER, held).await.map(full),
        None => authenticate::read(body, claimed.body_limit, held).await.map(full),
    }
}

/// A body that is taken piece by piece, up to a limit.
fn limited(body: Body, limit: u64) -> Result<Body, Refusal> {
    if body.size_hint().lower() > limit {
        return Err(Refusal::Body(BodyRefused::TooLong));
    }
    let limited = Limited::new(body, usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(limited
        .map_err(|error| if error.is::<LengthLimitError>() { BodyRefused::TooLong.into() } else { error })
        .boxed_unsync())
}

/// The third stage: the service, which has to come by a permit; then the record, then the answer.
pub(super) async fn serve(
    guard: &Guard,
    service: &Arc<dyn Service>,
    info: CallInfo,
    request: Request<Body>,
) -> Response<Body> {
    let protocol = service.protocol();
    let preflight = request.method() == Method::OPTIONS;
    let call = Authenticated { info: info.clone(), request };
    // A panic in a service must not cost the record; what it left behind is judged by the services' own stores.
    let called = AssertUnwindSafe(service.call(guard, call)).catch_unwind().await;
    let mut response =
        called.unwrap_or_else(|_| refuse(&info, &protocol, &ServiceError::internal("the service panicked")));
    let good = response.status().as_u16() < 400;
    if good && !preflight && info.0.trail.steps().permits == 0 {
        let error = ServiceError::internal("the service answered without a permit");
        response = refuse(&info, &protocol, &error);
    }
    record::write(guard, &info, &protocol, response).await
}

/// A request that never reached a service is a denial on the record.
fn note_refusal(info: &CallInfo, service: Option<&Arc<dyn Service>>, refusal: &Refusal) {
    let mut steps = info.0.trail.steps();
    steps.service = service.map(|service| service.signing_name());
    if let Refusal::Service(name) = refusal {
        steps.decisions.push(denied_record(&format!("{name}:*"), "*"));
    }
}

/// Turns wire bytes into a response.
pub(crate) fn encoded(encoded: Encoded) -> Response<Body> {
    let mut response = Response::new(full(encoded.body));
    *response.status_mut() = encoded.status;
    for (name, value) in encoded.headers {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Writes an error and notes it for the record.
pub(crate) fn refuse(info: &CallInfo, protocol: &Protocol, error: &ServiceError) -> Response<Body> {
    info.failed(error.code(), error.message());
    if let Some(detail) = error.internal_detail() {
        info.detail("internal", detail);
    }
    encoded(protocol.error(&error.shape(protocol), info.request_id().as_str()))
}

/// The answer where not even a record could be written: the runtime is shutting down.
pub(super) fn broken() -> Response<Body> {
    let mut response = Response::new(empty());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}
