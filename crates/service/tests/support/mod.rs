//! A house in miniature: one JSON service, one service shaped like S3, a front on a real socket.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use burgward_audit::MemoryRecorder;
use burgward_service::{
    Access, Authenticated, Binding, Body, Call, Front, Guard, IssuedKey, JsonOperation, KeyGrant, KeyRing, Mode, Need,
    Operation, OperationInfo, Origin, Permit, Policy, PolicyKind, Protocol, Reply, Scope, Service, ServiceError,
    collect, full,
};
use burgward_sigv4::{SignPayload, Signer};
use burgward_types::{AccountId, AuditRecord, FixedClock, Principal, Region, SandboxId, Secret, Timestamp};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};

pub(crate) const ROLE: &str = "arn:aws:iam::123456789012:role/reader";
pub(crate) const NOW: Timestamp = Timestamp(1_795_350_896_000);
pub(crate) const HOME: Origin = Origin::Sandbox(SandboxId(7));

/// Reads a note.
pub(crate) struct GetNote;

impl Operation for GetNote {
    const INFO: OperationInfo =
        OperationInfo { service: "notes", name: "GetNote", actions: &["notes:GetNote"], access: Access::Read };
}

impl JsonOperation for GetNote {
    type State = ();
    type Input = String;

    fn parse(call: &Call) -> Result<String, ServiceError> {
        let name = call.value()?.get("Name").and_then(Value::as_str).map(str::to_owned);
        name.ok_or_else(|| ServiceError::client("ValidationException", "Name is required"))
    }

    fn needs((): &(), name: &String, scope: &Scope) -> Result<Vec<Need>, ServiceError> {
        Ok(vec![Need::new("notes:GetNote", scope.arn("notes", &format!("note/{name}"))).with("notes:Length", 3_i64)])
    }

    async fn run((): &(), permit: Permit<Self>, name: String) -> Result<Reply, ServiceError> {
        assert!(permit.covers(&permit.scope().arn("notes", &format!("note/{name}"))));
        Ok(Reply::json(&json!({ "Name": name, "Caller": permit.caller().principal.to_string() })))
    }

    fn example(_: &Scope) -> Value {
        json!({ "Name": "n" })
    }
}

/// The JSON service. Its second operation forgets to ask for a permit, its third panics.
pub(crate) struct Notes;

const FORGETS: OperationInfo =
    OperationInfo { service: "notes", name: "Forgets", actions: &["notes:Forgets"], access: Access::Write };
const PANICS: OperationInfo =
    OperationInfo { service: "notes", name: "Panics", actions: &["notes:Panics"], access: Access::Write };

#[async_trait::async_trait]
impl Service for Notes {
    fn signing_name(&self) -> &'static str {
        "notes"
    }
    fn protocol(&self) -> Protocol {
        Protocol::Json { version: "1.1", error_prefix: "", crc32: false }
    }
    fn target_prefix(&self) -> Option<&'static str> {
        Some("Notes")
    }
    fn body_limit(&self) -> usize {
        1000
    }
    fn operations(&self) -> &'static [&'static OperationInfo] {
        &[&<GetNote as Operation>::INFO, &FORGETS, &PANICS]
    }
    fn example(&self, operation: &OperationInfo, scope: &Scope) -> Request<Body> {
        let body = GetNote::example(scope).to_string();
        let target = format!("Notes.{}", operation.name);
        Request::post("/").header("x-amz-target", target).body(full(body)).unwrap()
    }
    async fn call(&self, guard: &Guard, call: Authenticated) -> Response<Body> {
        let call = match Call::read(call, self).await {
            Ok(call) => call,
            Err(response) => return response,
        };
        match call.operation().name {
            "GetNote" => call.respond(call.run::<GetNote>(&(), guard).await),
            "Forgets" => call.respond(Ok(Reply::empty_object())),
            _ => panic!("a bug"),
        }
    }
}

macro_rules! object_operation {
    ($name:ident, $access:ident, $action:literal) => {
        pub(crate) struct $name;
        impl Operation for $name {
            const INFO: OperationInfo =
                OperationInfo { service: "s3", name: stringify!($name), actions: &[$action], access: Access::$access };
        }
    };
}
object_operation!(GetObject, Read, "s3:GetObject");
object_operation!(PutObject, Write, "s3:PutObject");

/// Objects by path; an upload takes effect only when its body ended well.
#[derive(Default)]
pub(crate) struct Objects(pub(crate) Mutex<HashMap<String, Bytes>>);

impl Objects {
    async fn serve(&self, guard: &Guard, call: Authenticated) -> Result<Response<Body>, ServiceError> {
        let (parts, body) = call.request.into_parts();
        assert!(!parts.headers.contains_key("authorization") && !parts.uri.to_string().contains("X-Amz-"));
        let path = parts.uri.path().to_owned();
        let resource = format!("arn:aws:s3:::{}", path.trim_start_matches('/'));
        if parts.method == Method::PUT {
            guard.authorize::<PutObject>(&call.info, vec![Need::new("s3:PutObject", resource)]).await?;
            let bytes = collect(body, 1 << 30).await?;
            self.0.lock().unwrap().insert(path, bytes);
            return Ok(Response::new(full("")));
        }
        guard.authorize::<GetObject>(&call.info, vec![Need::new("s3:GetObject", resource)]).await?;
        let found = self.0.lock().unwrap().get(&path).cloned();
        found.map(|bytes| Response::new(full(bytes))).ok_or_else(|| {
            ServiceError::client("NoSuchKey", "The specified key does not exist.").with_status(StatusCode::NOT_FOUND)
        })
    }
}

/// The service shaped like S3.
pub(crate) struct S3(pub(crate) Arc<Objects>);

#[async_trait::async_trait]
impl Service for S3 {
    fn signing_name(&self) -> &'static str {
        "s3"
    }
    fn protocol(&self) -> Protocol {
        Protocol::RestXml
    }
    fn streams(&self, request: &http::request::Parts) -> Option<u64> {
        (request.method == Method::PUT).then_some(1 << 20)
    }
    fn operations(&self) -> &'static [&'static OperationInfo] {
        &[&<GetObject as Operation>::INFO, &<PutObject as Operation>::INFO]
    }
    fn example(&self, operation: &OperationInfo, _: &Scope) -> Request<Body> {
        let method = if operation.name == "GetObject" { Method::GET } else { Method::PUT };
        Request::builder().method(method).uri("/bucket/key").body(full("x")).unwrap()
    }
    async fn call(&self, guard: &Guard, call: Authenticated) -> Response<Body> {
        let info = call.info.clone();
        match self.0.serve(guard, call).await {
            Ok(response) => response,
            Err(error) => {
                info.failed(error.code(), error.message());
                let sent = Protocol::RestXml.error(&error.shape(&Protocol::RestXml), info.request_id().as_str());
                Response::builder().status(sent.status).body(full(sent.body)).unwrap()
            }
        }
    }
}

pub(crate) struct House {
    pub(crate) front: Front,
    pub(crate) audit: Arc<MemoryRecorder>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) objects: Arc<Objects>,
    pub(crate) key: IssuedKey,
}

pub(crate) fn role() -> Principal {
    Principal::AssumedRole {
        account: AccountId::parse("123456789012").unwrap(),
        role: "reader".into(),
        session: "fn".into(),
    }
}

impl House {
    pub(crate) fn new(mode: Mode) -> Self {
        let (audit, clock) = (Arc::new(MemoryRecorder::default()), Arc::new(FixedClock::at(NOW)));
        let scope =
            Scope { account: AccountId::parse("123456789012").unwrap(), region: Region::parse("eu-west-1").unwrap() };
        let guard = Arc::new(Guard::new(scope, clock.clone(), audit.clone(), mode, true));
        let keys = Arc::new(KeyRing::new(clock.clone()));
        let key = keys.issue(Self::grant(Binding::Sandbox(SandboxId(7))));
        let objects = Arc::new(Objects::default());
        let front = Front::new(guard, keys, vec![Arc::new(Notes), Arc::new(S3(objects.clone()))]);
        Self { front, audit, clock, objects, key }
    }

    pub(crate) fn grant(bound_to: Binding) -> KeyGrant {
        KeyGrant { principal: role(), bound_to, ttl_millis: 3_600_000, session_policies: vec![] }
    }

    pub(crate) fn allow(&self, statement: &Value) {
        let text = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
        let policy = Policy::parse(&text, "ReaderPolicy", PolicyKind::Identity).unwrap();
        self.front.guard().policies().set_identity(ROLE, vec![Arc::new(policy)]);
    }

    pub(crate) fn signer(&self, service: &str) -> Signer {
        signer(&self.key, service)
    }

    /// A signed request, as a client builds it.
    pub(crate) fn signed(&self, service: &str, request: http::request::Builder, body: &str) -> Request<Body> {
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        self.signer(service).sign(&mut parts, &SignPayload::Bytes(body.as_bytes()), NOW).unwrap();
        Request::from_parts(parts, full(body.to_owned()))
    }

    pub(crate) fn note(&self, operation: &str) -> Request<Body> {
        let post = Request::post("https://localhost/").header("x-amz-target", format!("Notes.{operation}"));
        self.signed("notes", post, r#"{"Name":"n"}"#)
    }

    pub(crate) async fn send(&self, origin: Origin, request: Request<Body>) -> (u16, String) {
        let response = self.front.handle(origin, request).await;
        let status = response.status().as_u16();
        let body = collect(response.into_body(), 1 << 24).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// The one record there is.
    pub(crate) fn record(&self) -> AuditRecord {
        let mut records = self.audit.take();
        assert_eq!(records.len(), 1, "{records:#?}");
        records.remove(0)
    }

    /// Serves the front on a real socket, as a sandbox's listener.
    pub(crate) async fn listen(&self, origin: Origin) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, front) = (listener.local_addr().unwrap(), self.front.clone());
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let front = front.clone();
                let service = hyper::service::service_fn(move |request| served(front.clone(), origin, request));
                let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                tokio::spawn(async move { builder.serve_connection(TokioIo::new(stream), service).await });
            }
        });
        address
    }
}

pub(crate) fn signer(key: &IssuedKey, service: &str) -> Signer {
    Signer {
        access_key_id: key.access_key_id.clone(),
        secret: key.secret.clone(),
        token: Some(Secret::new(key.token.expose().clone())),
        region: "eu-west-1".into(),
        service: service.into(),
    }
}

async fn served(
    front: Front,
    origin: Origin,
    request: Request<hyper::body::Incoming>,
) -> Result<Response<Body>, std::convert::Infallible> {
    let request = request.map(|body| body.map_err(Into::into).boxed_unsync());
    Ok(front.handle(origin, request).await)
}

/// Sends a request over a real connection.
pub(crate) async fn over_wire(address: SocketAddr, request: Request<Full<Bytes>>) -> (u16, http::HeaderMap, String) {
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let response = sender.send_request(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (parts.status.as_u16(), parts.headers, String::from_utf8_lossy(&body).into_owned())
}
