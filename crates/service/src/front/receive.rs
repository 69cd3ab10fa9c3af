//! The first stage: a request as it came, believed in nothing.

use std::sync::Arc;

use burgward_sigv4::{Head, Presented};
use burgward_types::{Principal, RequestId, Timestamp};
use http::header::{HOST, REFERER, USER_AGENT};
use http::{HeaderMap, HeaderName, request::Parts};

use super::refusal::Refusal;
use super::{BodyLimits, Inner, Service};
use crate::caller::Facts;
use crate::trail::Trail;
use crate::{Caller, Origin, Tls};

/// What is known of a request before anything about it is believed.
pub(super) fn facts(origin: Origin, parts: &Parts, region: &str, at: Timestamp) -> Facts {
    Facts {
        caller: Caller {
            principal: Principal::Anonymous,
            access_key_id: None,
            origin,
            session_policies: Arc::from([]),
            issued: None,
            user_id: String::new(),
        },
        presented_key: None,
        request_id: RequestId::random(),
        at,
        tls: parts.extensions.get::<Tls>().copied(),
        user_agent: header_text(&parts.headers, &USER_AGENT),
        referer: header_text(&parts.headers, &REFERER),
        region: region.into(),
        place: None,
        signed_at: None,
        trail: Trail::default(),
    }
}

/// A head of a size that is read further.
pub(super) fn bounded(parts: &Parts, limits: &BodyLimits) -> Result<(), Refusal> {
    let headers = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    let target = parts.uri.path_and_query().map_or(0, |target| target.as_str().len());
    if parts.headers.len() > limits.headers || headers.sum::<usize>() + target > limits.head_bytes {
        return Err(Refusal::HeadTooLong);
    }
    Ok(())
}

/// One host, whether HTTP/1.1's header or HTTP/2's authority names it.
pub(super) fn settle_host(parts: &mut Parts) -> Result<(), Refusal> {
    let mut hosts = parts.headers.get_all(HOST).iter();
    let (first, second) = (hosts.next(), hosts.next());
    match (first, second, parts.uri.authority()) {
        (_, Some(_), _) => Err(Refusal::Malformed("the request names its host twice")),
        (Some(host), None, Some(authority)) if host.as_bytes() != authority.as_str().as_bytes() => {
            Err(Refusal::Malformed("the request's host is not its authority"))
        }
        (None, None, Some(authority)) => {
            let value = authority.as_str().parse().map_err(|_| Refusal::Malformed("the host is malformed"))?;
            parts.headers.insert(HOST, value);
            Ok(())
        }
        (None, None, None) => Err(Refusal::Malformed("the request names no host")),
        (Some(_), None, _) => Ok(()),
    }
}

/// What of the head a signature covers.
pub(super) fn head(parts: &Parts) -> Head<'_> {
    Head {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or(""),
        headers: &parts.headers,
    }
}

/// Attacker-controlled text for records: cut short.
fn header_text(headers: &HeaderMap, name: &HeaderName) -> Option<Box<str>> {
    let text = String::from_utf8_lossy(headers.get(name)?.as_bytes());
    Some(text.chars().take(512).collect::<String>().into())
}

/// The service a request is for: the one its signature names; without a signature the one its shape names.
pub(super) fn choose<'a>(
    inner: &'a Inner,
    parts: &Parts,
    presented: Option<&Presented>,
) -> Result<&'a Arc<dyn Service>, Refusal> {
    if let Some(presented) = presented {
        let name = &presented.scope.service;
        return inner.service(name).ok_or_else(|| Refusal::Service(name.chars().take(64).collect()));
    }
    let headers = &parts.headers;
    if let Some(target) = headers.get("x-amz-target") {
        let target = String::from_utf8_lossy(target.as_bytes());
        let prefix = target.rsplit_once('.').map_or("", |(prefix, _)| prefix);
        let service = inner.services.iter().find(|service| service.target_prefix() == Some(prefix));
        return service.ok_or_else(|| Refusal::Service(prefix.chars().take(64).collect()));
    }
    let host = headers.get(HOST).map(|host| String::from_utf8_lossy(host.as_bytes())).unwrap_or_default();
    let label = host.split('.').next().unwrap_or_default();
    let form = headers.get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form"));
    let query = parts.uri.query().unwrap_or("");
    let is_query = form || query.split('&').any(|pair| pair.starts_with("Action="));
    let fallback = if is_query && parts.uri.path() == "/" { "sts" } else { "s3" };
    let found = inner.service(label).or_else(|| inner.service(fallback));
    found.ok_or_else(|| Refusal::Service(fallback.to_owned()))
}
