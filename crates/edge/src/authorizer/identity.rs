//! What identifies the caller, read from a request.

use burgward_template::model::IdentitySource;

use super::{Authorizer, Kind};
use crate::api::CompiledApi;
use crate::stages::Routed;

/// The context variables that identify a caller.
const CONTEXT: [&str; 12] = [
    "accountId",
    "apiId",
    "domainName",
    "httpMethod",
    "http.method",
    "identity.sourceIp",
    "identity.userAgent",
    "path",
    "protocol",
    "resourcePath",
    "routeKey",
    "stage",
];

/// Refuses context variables that are not known here: a key that is always missing would refuse everybody, and one
/// that is always the same would let one caller's result serve another.
pub(super) fn check(sources: &[IdentitySource]) -> Result<(), String> {
    let unknown = sources.iter().find_map(|source| match source {
        IdentitySource::Context(name) if !CONTEXT.contains(&name.as_str()) => Some(name),
        IdentitySource::Context(_)
        | IdentitySource::Header(_)
        | IdentitySource::Query(_)
        | IdentitySource::StageVariable(_) => None,
    });
    unknown.map_or(Ok(()), |name| Err(format!("the context variable `{name}` is not supported as an identity source")))
}

impl Authorizer {
    /// True if the request has more than one token. Which of them API Gateway takes is not documented, and a function
    /// behind that reads the other one would act for a caller who was not authorized.
    pub(crate) fn is_ambiguous(&self, routed: &Routed) -> bool {
        matches!(&self.kind, Kind::Token { header, .. } if routed.head().headers.get_all(header.as_str()).iter().count() > 1)
    }

    /// The identity's values, all there and none empty; nothing otherwise, and the function is not asked.
    pub(crate) fn identity(&self, api: &CompiledApi, routed: &Routed) -> Option<Vec<String>> {
        match &self.kind {
            Kind::Token { header, validation } => {
                let token = routed.head().header(header).filter(|token| !token.is_empty())?;
                // API Gateway does not say whether the expression has to match the whole token; it is only a filter
                // before the function, so an expression without anchors is taken as it is written.
                let valid = validation.as_ref().is_none_or(|expression| expression.is_match(token));
                valid.then(|| vec![token.to_owned()])
            }
            Kind::Request { sources, .. } => {
                sources.iter().map(|source| value(source, api, routed).filter(|value| !value.is_empty())).collect()
            }
        }
    }
}

fn value(source: &IdentitySource, api: &CompiledApi, routed: &Routed) -> Option<String> {
    let head = routed.head();
    match source {
        IdentitySource::Header(name) => {
            let all: Option<Vec<&str>> =
                head.headers.get_all(name.to_ascii_lowercase()).iter().map(|value| value.to_str().ok()).collect();
            // All values count: a second copy of a header must not ride on the first one's cached result.
            all.map(|values| values.join(","))
        }
        IdentitySource::Query(name) => {
            let values: Vec<&str> =
                head.query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect();
            Some(values.join(","))
        }
        IdentitySource::StageVariable(name) => {
            api.variables.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
        }
        IdentitySource::Context(name) => match name.as_str() {
            "accountId" => Some(api.account.to_string()),
            "apiId" => Some(api.id.clone()),
            "domainName" => Some(head.host.clone()),
            "httpMethod" | "http.method" => Some(head.method.to_string()),
            "identity.sourceIp" => Some(head.source_ip()),
            "identity.userAgent" => head.user_agent().map(str::to_owned),
            "path" => Some(head.path.clone()),
            "protocol" => Some(head.protocol.to_owned()),
            "resourcePath" => Some(routed.route().path.clone()),
            "routeKey" => Some(routed.route_key()),
            "stage" => Some(api.stage.clone()),
            _ => None,
        },
    }
}
