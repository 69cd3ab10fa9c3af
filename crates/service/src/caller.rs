//! Who calls, from where, and a request that is known to be theirs.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use burgward_sigv4::Place;
use burgward_types::{Principal, RequestId, SandboxId, Timestamp};
use serde_json::Value;

use crate::trail::Trail;
use crate::{Body, OperationInfo, Policy};

/// Where a request came in. It is told by the descriptor the request came through, never by the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The listener inside a sandbox's network namespace.
    Sandbox(SandboxId),
    /// The endpoint for people and programs outside.
    Outside(SocketAddr),
    /// Burgward itself, deploying.
    Internal,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sandbox(id) => id.fmt(f),
            Self::Outside(address) => address.ip().fmt(f),
            Self::Internal => f.write_str("internal"),
        }
    }
}

/// Put into a request's extensions by a listener that terminated TLS; `aws:SecureTransport` is true with it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tls {
    /// `1.2` or `1.3`.
    pub version: &'static str,
}

/// The caller of a verified request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Caller {
    /// The principal that the key was issued to; `Anonymous` without a signature.
    pub principal: Principal,
    /// The key's id.
    pub access_key_id: Option<String>,
    /// Where the request came in.
    pub origin: Origin,
    /// Policies that the key's session is narrowed by.
    pub session_policies: Arc<[Arc<Policy>]>,
    /// When the session of a temporary key began.
    pub issued: Option<Timestamp>,
    /// `aws:userid`: the principal's unique id, with the session's name for a role.
    pub user_id: String,
}

/// The facts behind a [`CallInfo`]; the front fills them in while it authenticates.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) caller: Caller,
    /// The key id that was presented, whether or not it turned out to be good.
    pub(crate) presented_key: Option<String>,
    pub(crate) request_id: RequestId,
    pub(crate) at: Timestamp,
    pub(crate) tls: Option<Tls>,
    pub(crate) user_agent: Option<Box<str>>,
    pub(crate) referer: Option<Box<str>>,
    pub(crate) region: Box<str>,
    pub(crate) place: Option<Place>,
    pub(crate) signed_at: Option<Timestamp>,
    pub(crate) trail: Trail,
}

/// What is known of a call beside its content; decisions made for it are collected here. Cheap to clone.
#[derive(Clone, Debug)]
pub struct CallInfo(pub(crate) Arc<Facts>);

impl CallInfo {
    /// Who calls.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.0.caller
    }

    /// The id that joins all logs.
    #[must_use]
    pub fn request_id(&self) -> &RequestId {
        &self.0.request_id
    }

    /// When the request arrived.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.0.at
    }

    /// How the connection is secured; `None` for plain HTTP.
    #[must_use]
    pub fn tls(&self) -> Option<Tls> {
        self.0.tls
    }

    /// True if the signature stood in the query (a presigned URL).
    #[must_use]
    pub fn presigned(&self) -> bool {
        self.0.place == Some(Place::Query)
    }

    /// Names the operation for the audit record before it is authorized; [`crate::Guard::authorize`] does so as well.
    pub fn operation(&self, operation: &OperationInfo) {
        self.0.trail.name(operation);
    }

    /// Adds a field to the audit record. Names and sizes, never contents or secret values.
    pub fn detail(&self, name: &str, value: impl Into<Value>) {
        self.0.trail.detail(name, value.into());
    }

    /// Tells the audit record how the call failed; [`Call::respond`](crate::Call::respond) does so itself.
    pub fn failed(&self, code: &str, message: &str) {
        self.0.trail.failed(code, message);
    }
}

/// A request whose signature holds and whose key belongs where it came from.
///
/// Only [`Front`](crate::Front) makes one. Its payload is verified as it streams and `aws-chunked` is decoded already;
/// the headers and query parameters of the signature are removed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Authenticated {
    /// What is known of the call.
    pub info: CallInfo,
    /// The request itself.
    pub request: http::Request<Body>,
}
