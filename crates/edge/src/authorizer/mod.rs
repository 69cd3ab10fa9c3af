//! Lambda authorizers: who asks is decided by a function of the app, once per identity and not once per route.
//!
//! Sources: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html>

mod cache;
mod identity;
mod reply;

use burgward_template::model::{self, AuthorizerKind, PayloadFormat};
use regex::Regex;

pub(crate) use cache::Cache;
pub(crate) use reply::{Grant, Rule};

/// A compiled authorizer.
#[derive(Debug)]
pub(crate) struct Authorizer {
    pub(crate) name: String,
    pub(crate) function: String,
    pub(crate) kind: Kind,
    pub(crate) cache: Cache,
}

/// What the function is given.
#[derive(Debug)]
pub(crate) enum Kind {
    Token { header: String, validation: Option<Regex> },
    Request { sources: Vec<model::IdentitySource>, payload: PayloadFormat, simple: bool },
}

impl Authorizer {
    pub(crate) fn new(authorizer: &model::Authorizer) -> Result<Self, String> {
        let kind = match &authorizer.kind {
            AuthorizerKind::Token { header, validation } => {
                let validation = validation.as_deref().map(Regex::new).transpose();
                Kind::Token {
                    header: header.to_ascii_lowercase(),
                    validation: validation
                        .map_err(|error| format!("its validation expression is unusable: {error}"))?,
                }
            }
            AuthorizerKind::Request { identity, payload_version, simple_responses } => {
                identity::check(identity)?;
                Kind::Request { sources: identity.clone(), payload: *payload_version, simple: *simple_responses }
            }
        };
        // Without an identity there is nothing to key by: one caller's result must not become everybody's.
        let keyed = !matches!(&kind, Kind::Request { sources, .. } if sources.is_empty());
        let ttl = if keyed { authorizer.ttl_secs } else { 0 };
        let (name, function) = (authorizer.name.clone(), authorizer.function.clone());
        Ok(Self { name, function, kind, cache: Cache::new(ttl) })
    }
}
