//! A request's head, cleaned: what came in, plus what only the platform may say.

use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine as _;
use burgward_types::{Clock, RequestId, Timestamp};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Method, Version};

use crate::Peer;
use crate::header_names::Spelling;
use crate::paths;

/// Headers of one connection, not of the request (RFC 9110, section 7.6.1).
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Headers that functions trust because the platform sets them: what a client sends under these names is dropped.
const PLATFORM: [&str; 14] = [
    "forwarded",
    "keep-alive",
    "proxy-connection",
    "via",
    "x-amz-apigw-id",
    "x-amz-cf-id",
    "x-amzn-requestid",
    "x-amzn-trace-id",
    "x-burgward-stopped-by",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-real-ip",
];

/// What every stage, the answer and the record know of a request.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) id: RequestId,
    /// `x-amz-apigw-id`: the same id in the form API Gateway gives it.
    pub(crate) extended_id: String,
    pub(crate) trace_id: String,
    pub(crate) at: Timestamp,
    pub(crate) peer: SocketAddr,
    /// The authority that was asked for, port included.
    pub(crate) host: String,
    /// How many `Host` headers came.
    pub(crate) hosts: usize,
    pub(crate) protocol: &'static str,
    pub(crate) method: Method,
    /// The path with unreserved characters decoded, stage included.
    pub(crate) path: String,
    pub(crate) raw_query: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) spelling: Spelling,
    /// The size of request line and headers as they came.
    pub(crate) bytes: usize,
}

impl Head {
    pub(crate) fn new(parts: Parts, peer: &Peer, clock: &dyn Clock) -> Self {
        let (id, at) = (RequestId::random(), clock.now());
        let random = hex_of(&id);
        let extended_id = extended(&random);
        let trace_id = format!("Root=1-{:08x}-{}", at.secs(), random.get(..24).unwrap_or(""));
        let host = match parts.uri.authority() {
            Some(authority) => authority.as_str().to_owned(),
            None => text(&parts.headers, &header::HOST).to_owned(),
        };
        let bytes = size(&parts);
        let raw_query = parts.uri.query().unwrap_or("").to_owned();
        let mut head = Self {
            id,
            extended_id,
            trace_id,
            at,
            peer: peer.remote,
            host,
            hosts: parts.headers.get_all(header::HOST).iter().count(),
            protocol: if parts.version == Version::HTTP_2 { "HTTP/2.0" } else { "HTTP/1.1" },
            method: parts.method,
            path: paths::normalise(parts.uri.path()),
            query: paths::query(&raw_query),
            raw_query,
            headers: parts.headers,
            spelling: peer.names.snapshot(),
            bytes,
        };
        head.clean(peer);
        head
    }

    fn clean(&mut self, peer: &Peer) {
        let named: Vec<HeaderName> = self
            .headers
            .get_all(header::CONNECTION)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|name| name.trim().parse().ok())
            .collect();
        for name in named.iter().chain(&HOP_BY_HOP) {
            self.headers.remove(name);
        }
        for name in PLATFORM {
            self.headers.remove(name);
        }
        let ours = [
            ("host", self.host.clone()),
            ("x-amzn-trace-id", self.trace_id.clone()),
            ("x-forwarded-for", peer.remote.ip().to_canonical().to_string()),
            ("x-forwarded-port", peer.local.port().to_string()),
            ("x-forwarded-proto", "https".to_owned()),
        ];
        for (name, value) in ours {
            if let Ok(value) = HeaderValue::try_from(value) {
                self.headers.insert(HeaderName::from_static(name), value);
            }
        }
    }

    pub(crate) fn source_ip(&self) -> String {
        self.peer.ip().to_canonical().to_string()
    }

    pub(crate) fn user_agent(&self) -> Option<&str> {
        self.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok())
    }

    /// The host without its port.
    pub(crate) fn host_name(&self) -> &str {
        host_name(&self.host)
    }

    /// A header's value, the last one if there are several; the empty text if it is no text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get_all(name).iter().next_back().map(|value| value.to_str().unwrap_or(""))
    }
}

/// A shared head, so that an early end can still be answered and recorded.
pub(crate) type SharedHead = Arc<Head>;

pub(crate) fn host_name(host: &str) -> &str {
    if host.starts_with('[') {
        return host.split_inclusive(']').next().unwrap_or(host);
    }
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
}

/// "Total combined size of request line and header values":
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
fn size(parts: &Parts) -> usize {
    let target = parts.uri.path_and_query().map_or(0, |target| target.as_str().len());
    let headers: usize = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    parts.method.as_str().len() + target + headers
}

fn hex_of(id: &RequestId) -> String {
    id.as_str().chars().filter(|c| *c != '-').collect()
}

/// Eleven bytes of the id, so that it ends in `=` as API Gateway's do.
fn extended(hex_id: &str) -> String {
    let bytes = hex::decode(hex_id).unwrap_or_default();
    base64::engine::general_purpose::STANDARD.encode(bytes.get(..11).unwrap_or_default())
}
