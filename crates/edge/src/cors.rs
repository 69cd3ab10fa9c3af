//! CORS: the `OPTIONS` methods that SAM adds to a REST API, and the answers an HTTP API gives by itself.
//!
//! Sources: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-corsconfiguration.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use burgward_template::model::{Cors, PayloadFormat};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::api::{CompiledRoute, Target};
use crate::authorizer::Authorizer;
use crate::head::Head;

/// Adds an `OPTIONS` method with a fixed answer to every path that has none.
pub(crate) fn add_preflights(routes: &mut Vec<CompiledRoute>, cors: &Cors, authorizer: Option<&Arc<Authorizer>>) {
    let mut paths: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
    for route in routes.iter() {
        let entry = paths.entry(route.path.clone()).or_insert_with(|| (route.resource_id.clone(), BTreeSet::new()));
        entry.1.insert(route.method.clone());
    }
    for (path, (resource_id, methods)) in paths {
        if methods.contains("OPTIONS") {
            continue;
        }
        routes.push(CompiledRoute {
            method: "OPTIONS".into(),
            path,
            resource_id,
            target: Target::Mock(rest_headers(cors, &methods)),
            payload: PayloadFormat::V1,
            authorizer: authorizer.cloned(),
            key_required: false,
            timeout: Duration::ZERO,
            throttle: None,
            method_throttles: Vec::new(),
        });
    }
}

fn rest_headers(cors: &Cors, methods: &BTreeSet<String>) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    if !cors.allow_headers.is_empty() {
        headers.push(("Access-Control-Allow-Headers".to_owned(), cors.allow_headers.join(",")));
    }
    let allowed = if cors.allow_methods.is_empty() { methods_of(methods) } else { cors.allow_methods.join(",") };
    headers.push(("Access-Control-Allow-Methods".to_owned(), allowed));
    if let Some(origin) = cors.allow_origins.first() {
        headers.push(("Access-Control-Allow-Origin".to_owned(), origin.clone()));
    }
    if let Some(age) = cors.max_age {
        headers.push(("Access-Control-Max-Age".to_owned(), age.to_string()));
    }
    if cors.allow_credentials {
        headers.push(("Access-Control-Allow-Credentials".to_owned(), "true".to_owned()));
    }
    headers
}

/// The methods of a path with `OPTIONS`, sorted; `ANY` stands for all that API Gateway knows.
fn methods_of(methods: &BTreeSet<String>) -> String {
    if methods.contains("ANY") {
        return "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT".to_owned();
    }
    let mut methods: BTreeSet<&str> = methods.iter().map(String::as_str).collect();
    methods.insert("OPTIONS");
    methods.into_iter().collect::<Vec<_>>().join(",")
}

/// Whether a request is a preflight that an HTTP API answers by itself.
pub(crate) fn is_preflight(head: &Head) -> bool {
    head.method == http::Method::OPTIONS
        && head.headers.contains_key(header::ORIGIN)
        && head.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// The headers of a preflight's answer; none if the origin is not allowed.
pub(crate) fn preflight_headers(cors: &Cors, head: &Head) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if !add_origin(cors, head, &mut headers) {
        return headers;
    }
    let lists = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, &cors.allow_methods),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, &cors.allow_headers),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, &cors.expose_headers),
    ];
    for (name, list) in lists {
        put(&mut headers, name, &list.join(","));
    }
    if let Some(age) = cors.max_age {
        put(&mut headers, header::ACCESS_CONTROL_MAX_AGE, &age.to_string());
    }
    headers
}

/// Replaces the CORS headers of a function's answer: with CORS configured, an HTTP API ignores the function's own.
pub(crate) fn apply(cors: &Cors, head: &Head, headers: &mut HeaderMap) {
    let all = [
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        header::ACCESS_CONTROL_ALLOW_METHODS,
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        header::ACCESS_CONTROL_MAX_AGE,
        header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
    ];
    for name in all {
        headers.remove(name);
    }
    if add_origin(cors, head, headers) {
        put(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, &cors.expose_headers.join(","));
    }
}

fn add_origin(cors: &Cors, head: &Head, headers: &mut HeaderMap) -> bool {
    let Some(origin) = head.header("origin") else { return false };
    let any = cors.allow_origins.iter().any(|allowed| allowed == "*");
    let allowed = any || cors.allow_origins.iter().any(|allowed| origin_matches(allowed, origin));
    if allowed {
        put(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, if any { "*" } else { origin });
        if cors.allow_credentials {
            put(headers, header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
    }
    allowed
}

/// `https://*` and `http://*` stand for every origin of that scheme.
fn origin_matches(allowed: &str, origin: &str) -> bool {
    match allowed.strip_suffix("://*") {
        Some(scheme) => origin.split_once("://").is_some_and(|(of, _)| of.eq_ignore_ascii_case(scheme)),
        None => allowed.eq_ignore_ascii_case(origin),
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let (false, Ok(value)) = (value.is_empty(), HeaderValue::try_from(value)) {
        headers.insert(name, value);
    }
}
