//! Calls of JSON and Query services: the operation's name and the whole body.

use http::{Response, request::Parts};

use super::refusal::Refusal;
use super::{Held, Service, refuse};
use crate::body::gather;
use crate::guard::denied_record;
use crate::{Authenticated, Body, BoxError, Call, Protocol, ServiceError};

/// Why a body that a service reads itself must not be used.
pub(crate) fn body_error(error: &BoxError) -> ServiceError {
    Refusal::of_body(error).error(&Protocol::RestXml)
}

/// Reads the body, which verifies it, and finds the operation among the service's own.
pub(crate) async fn read_call(call: Authenticated, service: &dyn Service) -> Result<Call, Response<Body>> {
    let Authenticated { info, request } = call;
    let (parts, body) = request.into_parts();
    let protocol = service.protocol();
    // The front has read and counted it; a call of the house's own comes here as it is.
    let body = match gather(body, service.body_limit(), Held::uncounted()).await {
        Ok(read) => read,
        Err(error) => return Err(refuse(&info, &protocol, &Refusal::of_body(&error).error(&protocol))),
    };
    let name = match protocol {
        Protocol::Json { .. } => target(&parts, service),
        Protocol::Query { .. } => action(&parts, &body),
        Protocol::RestXml => None,
    };
    let name = name.unwrap_or_default();
    let Some(operation) = service.operations().iter().copied().find(|own| own.name == name) else {
        return Err(unknown(&info, service, &name));
    };
    info.operation(operation);
    Ok(Call::new(info, operation, protocol, parts.headers, body))
}

fn unknown(info: &crate::CallInfo, service: &dyn Service, name: &str) -> Response<Body> {
    let named: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(64).collect();
    {
        let mut steps = info.0.trail.steps();
        steps.service = Some(service.signing_name());
        steps.decisions.push(denied_record(&format!("{}:{named}", service.signing_name()), "*"));
        steps.event_name = Some(named.clone());
    }
    let protocol = service.protocol();
    let error = match protocol {
        Protocol::Query { .. } => ServiceError::client("InvalidAction", format!("Could not find operation {named}")),
        Protocol::Json { .. } | Protocol::RestXml => ServiceError::unknown_operation(&named),
    };
    refuse(info, &protocol, &error)
}

/// `X-Amz-Target: DynamoDB_20120810.GetItem`.
fn target(parts: &Parts, service: &dyn Service) -> Option<String> {
    let target = parts.headers.get("x-amz-target")?.to_str().ok()?;
    let (prefix, name) = target.rsplit_once('.')?;
    (Some(prefix) == service.target_prefix()).then(|| name.to_owned())
}

/// `Action=GetCallerIdentity`, in the body of a POST or in the query of a GET.
fn action(parts: &Parts, body: &[u8]) -> Option<String> {
    let body = std::str::from_utf8(body).ok()?;
    let pairs = body.split('&').chain(parts.uri.query().unwrap_or("").split('&'));
    let mut actions = pairs.filter_map(|pair| pair.strip_prefix("Action="));
    let name = actions.next()?;
    actions.next().is_none().then(|| burgward_sigv4::decode(name))
}
