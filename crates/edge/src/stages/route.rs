//! The second stage: stage prefix and route.

use std::borrow::Cow;

use burgward_template::model::ApiKind;
use http::header::HeaderMap;

use super::{Received, Trail};
use crate::api::{CompiledApi, CompiledRoute, Target};
use crate::cors;
use crate::head::Head;
use crate::paths::one_spelling;
use crate::router::{Match, canonical};
use crate::stop::{Cause, Stop, StoppedBy};

/// A request with its route.
#[derive(Debug)]
pub(crate) struct Routed {
    received: Received,
    found: Match,
    /// The path without its stage.
    path: String,
}

/// What routing comes to.
#[derive(Debug)]
pub(crate) enum Found {
    Route(Box<Routed>),
    /// A preflight that the API answers by itself.
    Preflight(HeaderMap),
}

impl Routed {
    pub(crate) fn find(api: &CompiledApi, received: Received, trail: &mut Trail) -> Result<Found, Stop> {
        let stop = |cause, reason: &str| Stop::new(StoppedBy::Route, cause, reason);
        let path = without_stage(&api.stage, &received.head().path)
            .ok_or_else(|| stop(Cause::UnknownStage, "the path does not begin with the stage"))?
            .to_owned();
        if let Some(cors) =
            api.cors.as_ref().filter(|_| api.kind == ApiKind::Http && cors::is_preflight(received.head()))
        {
            return Ok(Found::Preflight(cors::preflight_headers(cors, received.head())));
        }
        let found = api
            .router
            .find(received.head().method.as_str(), &path)
            .ok_or_else(|| stop(Cause::NoRoute, "no route has this method and path"))?;
        let routed = Self { received, found, path };
        trail.route = Some(routed.route_key());
        if let Target::Function(function) = &routed.route().target {
            trail.function = Some(function.clone());
        }
        Ok(Found::Route(Box::new(routed)))
    }

    pub(crate) fn head(&self) -> &Head {
        self.received.head()
    }

    pub(crate) fn route(&self) -> &CompiledRoute {
        &self.found.route
    }

    /// `GET /pets/{id}`, or `$default`.
    pub(crate) fn route_key(&self) -> String {
        let route = self.route();
        if route.path == "$default" { route.path.clone() } else { format!("{} {}", route.method, route.path) }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn parameters(&self) -> &[(String, String)] {
        &self.found.parameters
    }

    /// The ARN of this request's method. Its path is the one that routing matched, so that no two spellings that reach
    /// one route look different to a policy.
    pub(crate) fn arn(&self, api: &CompiledApi) -> String {
        let matched = canonical(api.kind, &self.path);
        api.arn(self.head().method.as_str(), &policy_path(&self.route().path, matched))
    }

    pub(super) fn take_body(&mut self) -> Option<crate::unread::Upload> {
        self.received.take_body()
    }
}

/// The route's own words where it has words, and one spelling of what its variables took.
fn policy_path(route: &str, matched: &str) -> String {
    let mut words = route.split('/').map(Some).chain(std::iter::repeat(None));
    let parts = matched.split('/').map(|part| match words.next().flatten() {
        Some(word) if !word.starts_with('{') && word != "$default" => Cow::Borrowed(word),
        _ => one_spelling(part),
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The path after the stage; `$default` has no part in the path.
fn without_stage<'a>(stage: &str, path: &'a str) -> Option<&'a str> {
    if stage == "$default" {
        return Some(path);
    }
    let rest = path.strip_prefix('/')?.strip_prefix(stage)?;
    match rest {
        "" => Some("/"),
        _ if rest.starts_with('/') => Some(rest),
        _ => None,
    }
}
