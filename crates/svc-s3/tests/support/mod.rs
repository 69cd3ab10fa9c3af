//! A house with nothing but S3 in it, on a real socket, and a client that signs.

#![allow(dead_code, unreachable_pub, reason = "each test program uses its part of the house")]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use burgward_audit::MemoryRecorder;
use burgward_service::{
    Binding, BodyLimits, Front, Guard, IssuedKey, KeyGrant, KeyRing, Mode, Origin, Policy, PolicyKind, Scope, full,
};
use burgward_sigv4::{SignPayload, Signer};
use burgward_store::SqlStore;
use burgward_svc_s3::S3;
use burgward_types::{AccountId, AuditRecord, FixedClock, Principal, Region, SandboxId, Secret, Timestamp};
use burgward_vault::{RootKey, Vault};
use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};

pub const ROLE: &str = "arn:aws:iam::123456789012:role/reader";
pub const NOW: Timestamp = Timestamp(1_795_350_896_000);
const HOME: Origin = Origin::Sandbox(SandboxId(7));

pub struct House {
    pub front: Front,
    pub audit: Arc<MemoryRecorder>,
    key: IssuedKey,
    address: SocketAddr,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The content of the first element of that name.
    pub fn element(&self, name: &str) -> String {
        let text = self.text();
        let rest = text.split_once(&format!("<{name}>")).map_or("", |(_, rest)| rest);
        rest.split_once(&format!("</{name}>")).map_or("", |(value, _)| value).to_owned()
    }

    /// The contents of all elements of that name.
    pub fn elements(&self, name: &str) -> Vec<String> {
        let (text, open) = (self.text(), format!("<{name}>"));
        let parts = text.split(&open).skip(1);
        parts.map(|rest| rest.split(&format!("</{name}>")).next().unwrap().to_owned()).collect()
    }

    /// Status and error code.
    pub fn outcome(&self) -> (u16, String) {
        (self.status, self.element("Code"))
    }
}

impl House {
    /// A house whose caller may do everything.
    pub async fn open(dir: &Path) -> Self {
        let house = Self::closed(dir).await;
        house.allow(&json!({ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }));
        house
    }

    /// A house whose caller may do nothing yet.
    pub async fn closed(dir: &Path) -> Self {
        Self::with_limits(dir, BodyLimits::default()).await
    }

    /// The same with other limits on what clients send.
    pub async fn with_limits(dir: &Path, limits: BodyLimits) -> Self {
        let data = dir.join("data");
        std::fs::create_dir_all(&data).unwrap();
        let root = RootKey::from_file_0600(&dir.join("key"), &data, true).unwrap();
        let vault = Vault::unlock(&root, &data).unwrap();
        let store = Arc::new(SqlStore::open(&data.join("s3.db"), &vault.key("store").unwrap()).unwrap());
        let (audit, clock) = (Arc::new(MemoryRecorder::default()), Arc::new(FixedClock::at(NOW)));
        let account = AccountId::parse("123456789012").unwrap();
        let scope = Scope { account: account.clone(), region: Region::parse("eu-west-1").unwrap() };
        let guard = Arc::new(Guard::new(scope, clock.clone(), audit.clone(), Mode::Enforce, false));
        let keys = Arc::new(KeyRing::new(clock));
        let principal = Principal::AssumedRole { account, role: "reader".into(), session: "fn".into() };
        let grant = KeyGrant {
            principal,
            bound_to: Binding::Sandbox(SandboxId(7)),
            ttl_millis: 3_600_000,
            session_policies: vec![],
        };
        let key = keys.issue(grant);
        let s3 = S3::open(&data.join("objects"), &vault, store, Arc::clone(&guard)).unwrap();
        let front = Front::new(guard, keys, vec![Arc::new(s3)]).with_body_limits(limits);
        let address = listen(front.clone()).await;
        Self { front, audit, key, address }
    }

    /// Replaces what the caller may do.
    pub fn allow(&self, statement: &Value) {
        let text = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
        let policy = Policy::parse(&text, "ReaderPolicy", PolicyKind::Identity).unwrap();
        self.front.guard().policies().set_identity(ROLE, vec![Arc::new(policy)]);
    }

    pub fn signer(&self) -> Signer {
        Signer {
            access_key_id: self.key.access_key_id.clone(),
            secret: self.key.secret.clone(),
            token: Some(Secret::new(self.key.token.expose().clone())),
            region: "eu-west-1".into(),
            service: "s3".into(),
        }
    }

    /// Signs a request, sends it over a new connection and reads the answer.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        let body = body.into();
        let mut request = Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        self.signer().sign(&mut parts, &SignPayload::Bytes(&body), NOW).unwrap();
        self.over_wire(Request::from_parts(parts, Full::new(body))).await
    }

    pub async fn put(&self, path: &str, body: impl Into<Bytes>) -> Answer {
        let answer = self.send("PUT", path, &[], body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    /// Sends a request as it is.
    pub async fn over_wire(&self, request: Request<Full<Bytes>>) -> Answer {
        let stream = tokio::net::TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let (mut parts, body) = request.into_parts();
        parts.uri = parts.uri.path_and_query().unwrap().as_str().parse().unwrap();
        let response = sender.send_request(Request::from_parts(parts, body)).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The one record since the last time.
    pub fn record(&self) -> AuditRecord {
        let mut records = self.audit.take();
        assert_eq!(records.len(), 1, "{records:#?}");
        records.remove(0)
    }
}

async fn listen(front: Front) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let front = front.clone();
            let service = hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
                let front = front.clone();
                async move {
                    let request = request.map(|body| body.map_err(Into::into).boxed_unsync());
                    Ok::<_, std::convert::Infallible>(front.handle(HOME, request).await)
                }
            });
            let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            tokio::spawn(async move { builder.serve_connection(TokioIo::new(stream), service).await });
        }
    });
    address
}

/// A request for the front itself, signed.
pub fn direct(house: &House, method: Method, path: &str) -> Request<burgward_service::Body> {
    let request = Request::builder().method(method).uri(format!("http://localhost{path}")).body(()).unwrap();
    let (mut parts, ()) = request.into_parts();
    house.signer().sign(&mut parts, &SignPayload::Bytes(b""), NOW).unwrap();
    Request::from_parts(parts, full(""))
}
