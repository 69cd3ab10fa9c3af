//! Normal requests: those of `events/*.json`, those of an OpenAPI file's examples, and for routes that have none, requests made up from the template and
//! from what the code reads.

mod event;
mod field;
mod openapi;

use std::collections::HashMap;
use std::path::Path;

use burgward_template::model::{Api, App, AuthorizerKind, IdentitySource, Route};
use bytes::Bytes;
use http::Request;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::code::Code;

pub(crate) use field::Field;

/// What a path segment or a query part may hold unencoded (RFC 3986, section 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request as a client of the app sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Normal {
    /// Where it is written, such as `events/create.json`; none if made up.
    pub(crate) file: Option<String>,
    /// The API's logical id.
    pub(crate) api: String,
    /// The route's method and path, as the template says them.
    pub(crate) route: String,
    /// The function behind the route.
    pub(crate) function: String,
    pub(crate) method: String,
    /// Decoded segments of the path.
    pub(crate) segments: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<String>,
    /// Names of the headers that carry tokens.
    pub(crate) tokens: Vec<String>,
    /// Which segments are parameters.
    pub(crate) parameters: Vec<usize>,
}

impl Normal {
    /// What the client sends to an API at `base`, besides keys.
    pub(crate) fn request(&self, base: &str, api_key: Option<&str>) -> Result<Request<Bytes>, String> {
        let mut url = base.trim_end_matches('/').to_owned();
        for segment in &self.segments {
            url.push('/');
            url.extend(utf8_percent_encode(segment, UNRESERVED));
        }
        if self.segments.is_empty() {
            url.push('/');
        }
        for (at, (name, value)) in self.query.iter().enumerate() {
            url.push(if at == 0 { '?' } else { '&' });
            url.extend(utf8_percent_encode(name, UNRESERVED));
            url.push('=');
            url.extend(utf8_percent_encode(value, UNRESERVED));
        }
        let mut headers = self.headers.clone();
        if let (Some(key), false) = (api_key, self.header("x-api-key").is_some()) {
            headers.push(("x-api-key".to_owned(), key.to_owned()));
        }
        let body = self.body.clone().unwrap_or_default();
        crate::http::request(&self.method, &url, &headers, Bytes::from(body))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The same request with another value in a header; without the header if there is none.
    pub(crate) fn with_header(&self, name: &str, value: Option<&str>) -> Self {
        let mut changed = self.clone();
        changed.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        changed.headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        changed
    }

    /// The same request as somebody who has nothing sends it.
    pub(crate) fn without_tokens(&self) -> Self {
        let bare = self.tokens.iter().fold(self.clone(), |request, name| request.with_header(name, None));
        bare.with_header("x-api-key", None).with_header("cookie", None)
    }

    /// How reports name the request's target.
    pub(crate) fn target(&self) -> String {
        self.route.clone()
    }
}

/// All normal requests of an app, and what there is to say about them.
pub(crate) fn all(app: &App, folder: &Path, codes: &HashMap<String, Code>) -> (Vec<Normal>, Vec<String>) {
    let (mut events, mut notes) = event::read(&folder.join("events"));
    let (examples, of_examples) = openapi::read(folder);
    events.extend(examples);
    notes.extend(of_examples);
    let mut found = Vec::new();
    for (file, event) in events {
        match place(app, &event) {
            Some((api, route)) => found.push(bind(event, Some(file), api, route)),
            None => notes.push(format!("`{file}` fits no route: {} {}", event.method, event.path)),
        }
    }
    for (api, route) in app.apis.iter().flat_map(|api| api.routes.iter().map(move |route| (api, route))) {
        let name = route_name(route);
        if !found.iter().any(|normal| normal.api == api.logical_id && normal.route == name) {
            notes.push(format!("no event for {name}: a request is made up from the template and the code"));
            found.push(bind(made_up(route, codes.get(&route.function)), None, api, route));
        }
    }
    (found, notes)
}

/// `POST /author`.
pub(crate) fn route_name(route: &Route) -> String {
    if route.path == "$default" { "$default".to_owned() } else { format!("{} {}", route.method, route.path) }
}

fn bind(event: event::Event, file: Option<String>, api: &Api, route: &Route) -> Normal {
    let segments: Vec<String> = segments(&event.path).map(decode).collect();
    let pattern: Vec<&str> = segments_of(route).collect();
    let greedy = pattern.last().is_some_and(|last| last.ends_with("+}"));
    let is_parameter = |at: &usize| match pattern.get(*at) {
        Some(segment) => segment.starts_with('{'),
        None => greedy,
    };
    let parameters = (0..segments.len()).filter(is_parameter).collect();
    let tokens = token_headers(api, route, &event.headers);
    Normal {
        file,
        api: api.logical_id.clone(),
        route: route_name(route),
        function: route.function.clone(),
        method: event.method,
        segments,
        query: event.query,
        headers: event.headers,
        body: event.body,
        tokens,
        parameters,
    }
}

/// Headers that authorizers of the API look at, and those that carry tokens by custom.
fn token_headers(api: &Api, route: &Route, headers: &[(String, String)]) -> Vec<String> {
    let mut names = Vec::new();
    for authorizer in &api.authorizers {
        match &authorizer.kind {
            AuthorizerKind::Token { header, .. } => names.push(header.clone()),
            AuthorizerKind::Request { identity, .. } => {
                names.extend(identity.iter().filter_map(|source| match source {
                    IdentitySource::Header(name) => Some(name.clone()),
                    IdentitySource::Query(_) | IdentitySource::StageVariable(_) | IdentitySource::Context(_) => None,
                }));
            }
        }
    }
    let customary = |name: &str| name == "authorization" || name.contains("token");
    names.extend(headers.iter().map(|(name, _)| name.clone()).filter(|name| customary(&name.to_ascii_lowercase())));
    let sent = |name: &String| headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
    names.retain(|name| sent(name) || route.authorizer.is_some());
    for name in &mut names {
        name.make_ascii_lowercase();
    }
    names.sort();
    names.dedup();
    names
}

/// The route that an event belongs to: the one with the most literal segments.
fn place<'a>(app: &'a App, event: &event::Event) -> Option<(&'a Api, &'a Route)> {
    let routes = app.apis.iter().flat_map(|api| api.routes.iter().map(move |route| (api, route)));
    let fitting = routes.filter_map(|(api, route)| Some((score(route, event)?, api, route)));
    // `max_by_key` takes the last of equals: reversed, the first one that the template declares wins.
    let mut fitting: Vec<_> = fitting.collect();
    fitting.reverse();
    fitting.into_iter().max_by_key(|(score, _, _)| *score).map(|(_, api, route)| (api, route))
}

fn score(route: &Route, event: &event::Event) -> Option<usize> {
    if route.path == "$default" {
        return Some(0);
    }
    if route.method != "ANY" && !route.method.eq_ignore_ascii_case(&event.method) {
        return None;
    }
    let mut path = segments(&event.path);
    let mut literals = 1;
    for pattern in segments_of(route) {
        let segment = path.next()?;
        if pattern.ends_with("+}") {
            return Some(literals);
        }
        if !pattern.starts_with('{') {
            literals += (pattern == decode(segment)).then_some(2)?;
        }
    }
    path.next().is_none().then_some(literals + 1)
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

fn segments_of(route: &Route) -> impl Iterator<Item = &str> {
    segments(if route.path == "$default" { "" } else { &route.path })
}

fn decode(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// A request for a route that no event calls.
fn made_up(route: &Route, code: Option<&Code>) -> event::Event {
    let fields = code.map(Code::body_fields).unwrap_or_default();
    let writes = !fields.is_empty();
    let method = match route.method.as_str() {
        "ANY" if writes => "POST",
        "ANY" => "GET",
        method => method,
    };
    let takes_body = !matches!(method, "GET" | "HEAD" | "DELETE" | "OPTIONS");
    let body = serde_json::Value::Object(fields.into_iter().map(|name| (name, "canary".into())).collect());
    let query = code.map(Code::query_fields).unwrap_or_default();
    let path: Vec<String> = segments_of(route)
        .map(|segment| if segment.starts_with('{') { "canary".to_owned() } else { segment.to_owned() })
        .collect();
    let headers =
        if takes_body { vec![("content-type".to_owned(), "application/json".to_owned())] } else { Vec::new() };
    event::Event {
        method: method.to_owned(),
        path: format!("/{}", path.join("/")),
        query: query.into_iter().map(|name| (name, "canary".to_owned())).collect(),
        headers,
        body: takes_body.then(|| body.to_string()),
    }
}
