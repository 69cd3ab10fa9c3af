//! Parts that events share: headers, parameters, bodies.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use burgward_template::model::ApiKind;
use http::HeaderMap;
use http::header::{self, HeaderValue};
use serde::{Serialize, Serializer};

use crate::answer::is_binary;
use crate::api::CompiledApi;
use crate::head::Head;
use crate::paths::decode;

/// Names and values, written as an object in their order.
#[derive(Debug, Default)]
pub(super) struct Pairs<'a, V>(pub(super) Vec<(Cow<'a, str>, V)>);

impl<V: Serialize> Serialize for Pairs<'_, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<V> Pairs<'_, V> {
    /// Events of proxy integrations say `null` instead of an empty object.
    pub(super) fn or_null(self) -> Option<Self> {
        (!self.0.is_empty()).then_some(self)
    }
}

pub(super) type Single<'a> = Pairs<'a, Cow<'a, str>>;
pub(super) type Multi<'a> = Pairs<'a, Vec<Cow<'a, str>>>;

/// A header's value as text; bytes that are no UTF-8 become U+FFFD.
fn text(value: &HeaderValue) -> Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
}

/// Names that HTTP APIs spell in their own way in format 1.0, as events of AWS show; all others are in lower case.
const SPELLED: [&str; 7] = [
    "Content-Length",
    "Host",
    "User-Agent",
    "X-Amzn-Trace-Id",
    "X-Forwarded-For",
    "X-Forwarded-Port",
    "X-Forwarded-Proto",
];

/// The spelling of a name in format 1.0: REST APIs keep the client's, HTTP APIs have one of their own.
fn spelled<'a>(head: &'a Head, kind: ApiKind, name: &'a str) -> Cow<'a, str> {
    match kind {
        ApiKind::Rest => head.spelling.of(name).into(),
        ApiKind::Http => SPELLED.into_iter().find(|own| own.eq_ignore_ascii_case(name)).unwrap_or(name).into(),
    }
}

fn shown(kind: ApiKind, name: &header::HeaderName) -> bool {
    kind == ApiKind::Http || *name != header::CONTENT_LENGTH
}

/// Format 1.0: the last value of each header.
pub(super) fn headers(head: &Head, kind: ApiKind) -> Single<'_> {
    let names = head.headers.keys().filter(|name| shown(kind, name));
    Pairs(names.map(|name| (spelled(head, kind, name.as_str()), last(&head.headers, name))).collect())
}

fn last<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Cow<'a, str> {
    headers.get_all(name).iter().next_back().map(text).unwrap_or_default()
}

/// Format 1.0: all values of each header.
pub(super) fn multi_headers(head: &Head, kind: ApiKind) -> Multi<'_> {
    let names = head.headers.keys().filter(|name| shown(kind, name));
    let all = |name| head.headers.get_all(name).iter().map(text).collect();
    Pairs(names.map(|name| (spelled(head, kind, name.as_str()), all(name))).collect())
}

/// Format 2.0: all values joined by commas, names in lower case, without cookies.
pub(super) fn joined_headers(head: &Head) -> Single<'_> {
    let names = head.headers.keys().filter(|name| **name != header::COOKIE);
    let joined = |name| {
        let mut values = head.headers.get_all(name).iter().map(text);
        let first = values.next().unwrap_or_default();
        values.fold(first, |all, value| format!("{all},{value}").into())
    };
    Pairs(names.map(|name| (name.as_str().into(), joined(name))).collect())
}

/// Format 2.0: every cookie by itself.
pub(super) fn cookies(head: &Head) -> Vec<String> {
    let lines = head.headers.get_all(header::COOKIE).iter().map(text);
    lines.flat_map(|line| line.split(';').map(|cookie| cookie.trim().to_owned()).collect::<Vec<_>>()).collect()
}

/// Format 1.0: the last value of each parameter.
pub(super) fn query(head: &Head) -> Single<'_> {
    let mut pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> = Vec::new();
    for (name, value) in &head.query {
        match pairs.iter_mut().find(|(known, _)| known == name) {
            Some((_, last)) => *last = value.into(),
            None => pairs.push((name.into(), value.into())),
        }
    }
    Pairs(pairs)
}

/// Format 1.0: all values of each parameter.
pub(super) fn multi_query(head: &Head) -> Multi<'_> {
    let mut pairs: Vec<(Cow<'_, str>, Vec<Cow<'_, str>>)> = Vec::new();
    for (name, value) in &head.query {
        match pairs.iter_mut().find(|(known, _)| known == name) {
            Some((_, values)) => values.push(value.into()),
            None => pairs.push((name.into(), vec![value.into()])),
        }
    }
    Pairs(pairs)
}

/// Format 2.0: all values joined by commas.
pub(super) fn joined_query(head: &Head) -> Single<'_> {
    let multi = multi_query(head);
    Pairs(multi.0.into_iter().map(|(name, values)| (name, values.join(",").into())).collect())
}

/// The variables of the path: REST APIs leave them percent-encoded, HTTP APIs decode them.
pub(super) fn parameters(parameters: &[(String, String)], kind: ApiKind) -> Single<'_> {
    let value = |value: &'_ str| -> String { if kind == ApiKind::Http { decode(value) } else { value.to_owned() } };
    Pairs(parameters.iter().map(|(name, text)| (name.into(), value(text).into())).collect())
}

pub(super) fn variables(api: &CompiledApi) -> Single<'_> {
    Pairs(api.variables.iter().map(|(name, value)| (name.into(), value.into())).collect())
}

/// A body as text, or as base64.
pub(super) fn body<'a>(api: &CompiledApi, head: &Head, body: &'a [u8]) -> (Option<Cow<'a, str>>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    let binary = match api.kind {
        ApiKind::Rest => is_binary(&api.binary, head.header("content-type").unwrap_or("application/json")),
        ApiKind::Http => {
            head.headers.contains_key(header::CONTENT_ENCODING)
                || !is_text(head.header("content-type"))
                || std::str::from_utf8(body).is_err()
        }
    };
    if binary { (Some(STANDARD.encode(body).into()), true) } else { (Some(String::from_utf8_lossy(body)), false) }
}

/// HTTP APIs encode every body but those of these types, forms included; a body without a type is taken as text.
fn is_text(media: Option<&str>) -> bool {
    let Some(media) = media else { return true };
    let media = media.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    media.starts_with("text/")
        || ["application/json", "application/xml", "application/javascript"].contains(&media.as_str())
        || media.ends_with("+json")
        || media.ends_with("+xml")
}
