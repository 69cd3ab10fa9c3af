//! What a call of the AWS endpoint costs over real TLS: verified, authorized, audited to the disk, encrypted at rest.
//!
//! The services stand on a real vault, store and audit log, as `up` puts them together. The client is a process of its
//! own that replays signed bytes, so that only the server's CPU time is counted; every request is verified in full.
//!
//! `cargo bench -p burgward-app --bench services`. Writes wait for the disk: set `BENCH_DIR` to choose which.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a bench that meets the unexpected has failed"
)]

use std::collections::HashMap;
use std::io::{BufRead as _, Write as _};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use burgward_audit::{AuditLog, Options, Recorder};
use burgward_edge::{KeyStore, ListenLimits, LocalCa, serve_aws};
use burgward_iam::{Policy, PolicyKind};
use burgward_service::{
    Binding, Body, Front, Guard, KeyGrant, KeyRing, Mode, Origin, Scope, Service, Tls, collect, full,
};
use burgward_sigv4::{SignPayload, Signer};
use burgward_store::{SqlStore, Store};
use burgward_svc_dynamodb::DynamoDb;
use burgward_svc_s3::S3;
use burgward_svc_sts::Sts;
use burgward_types::{AccountId, Clock, Principal, Region, Secret, SystemClock};
use burgward_vault::Vault;
use http::Request;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 40_000);
const ACCOUNT: &str = "123456789012";
/// Different requests that the clients take turns with.
const VARIED: usize = 64;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if args.get(1).is_some_and(|arg| arg == "client") {
        return runtime.block_on(client(&args[2..]));
    }
    runtime.block_on(server());
}

#[derive(Debug, Default)]
struct Keys(Mutex<HashMap<String, Vec<u8>>>);

impl KeyStore for Keys {
    fn load(&self, name: &str) -> Result<Option<Secret<Vec<u8>>>, String> {
        Ok(self.0.lock().unwrap().get(name).cloned().map(Secret::new))
    }

    fn save(&self, name: &str, bytes: &[u8]) -> Result<(), String> {
        self.0.lock().unwrap().insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }
}

/// The services behind one front, and somebody who may use them.
struct House {
    front: Arc<Front>,
    signer: Signer,
}

impl House {
    fn open(dir: &std::path::Path) -> Self {
        let vault = Vault::ephemeral().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let scope = Scope { account: AccountId::parse(ACCOUNT).unwrap(), region: Region::parse("eu-west-1").unwrap() };
        let audit: Arc<dyn Recorder> =
            Arc::new(AuditLog::open(&dir.join("audit"), &vault, Options::default()).unwrap());
        let guard = Arc::new(Guard::new(scope.clone(), Arc::clone(&clock), audit, Mode::Enforce, false));
        let control = vault.key("control-store").unwrap();
        let store: Arc<dyn Store> = Arc::new(SqlStore::open(&dir.join("control.db"), &control).unwrap());
        let tables = vault.key("dynamodb").unwrap();
        let services: Vec<Arc<dyn Service>> = vec![
            Arc::new(DynamoDb::open(&dir.join("dynamodb.db"), tables.expose(), &scope).unwrap()),
            Arc::new(S3::open(&dir.join("objects"), &vault, store, Arc::clone(&guard)).unwrap()),
            Arc::new(Sts::new()),
        ];
        let document = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["dynamodb:CreateTable", "dynamodb:GetItem", "dynamodb:PutItem"],
             "Resource": format!("arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/things")},
            {"Effect": "Allow", "Action": ["s3:CreateBucket"], "Resource": "arn:aws:s3:::bucket"},
            {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::bucket/*"}]});
        let policy = Policy::parse(&document.to_string(), "bench", PolicyKind::Identity).unwrap();
        guard.policies().set_identity(&format!("arn:aws:iam::{ACCOUNT}:role/bench"), vec![Arc::new(policy)]);
        let keys = Arc::new(KeyRing::new(clock));
        let key = keys.issue(KeyGrant {
            principal: Principal::AssumedRole {
                account: scope.account,
                role: "bench".to_owned(),
                session: "bench".to_owned(),
            },
            bound_to: Binding::Outside,
            ttl_millis: 3_600_000,
            session_policies: Vec::new(),
        });
        let signer = Signer {
            access_key_id: key.access_key_id,
            secret: key.secret,
            token: Some(key.token),
            region: "eu-west-1".to_owned(),
            service: String::new(),
        };
        Self { front: Arc::new(Front::new(guard, keys, services)), signer }
    }

    fn signed(&self, service: &str, method: &str, path: &str, target: Option<&str>, body: &[u8]) -> Request<()> {
        let mut request = Request::builder().method(method).uri(path).header("host", "localhost");
        if let Some(target) = target {
            let kind = "application/x-amz-json-1.0";
            request = request.header("x-amz-target", target).header("content-type", kind);
        }
        let request = request.header("user-agent", "bench").header("content-length", body.len());
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        let signer = Signer { service: service.to_owned(), ..self.signer.clone() };
        signer.sign(&mut parts, &SignPayload::Bytes(body), SystemClock.now()).unwrap();
        Request::from_parts(parts, ())
    }

    /// The bytes of a signed request.
    fn bytes(&self, service: &str, method: &str, path: &str, target: Option<&str>, body: &[u8]) -> Vec<u8> {
        let request = self.signed(service, method, path, target, body);
        let mut out = format!("{method} {path} HTTP/1.1\r\n").into_bytes();
        for (name, value) in request.headers() {
            out.extend_from_slice(name.as_str().as_bytes());
            out.extend_from_slice(b": ");
            out.extend_from_slice(value.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(body);
        out
    }

    /// Calls once, for the preparation.
    async fn call(&self, service: &str, method: &str, path: &str, target: Option<&str>, body: &[u8]) {
        let request = self.signed(service, method, path, target, body).map(|()| full(body.to_vec()));
        let response = self.front.handle(Origin::Outside(PEER), request).await;
        let status = response.status();
        let text = collect(response.into_body(), 1 << 20).await.unwrap();
        assert!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&text));
    }

    fn get_item(&self, i: usize) -> Vec<u8> {
        let body = json!({"TableName": "things", "Key": {"id": {"S": format!("thing-{i}")}}}).to_string();
        self.bytes("dynamodb", "POST", "/", Some("DynamoDB_20120810.GetItem"), body.as_bytes())
    }

    fn put_item(&self, i: usize) -> Vec<u8> {
        self.bytes("dynamodb", "POST", "/", Some("DynamoDB_20120810.PutItem"), item(i).as_bytes())
    }
}

fn item(i: usize) -> String {
    let text = "x".repeat(200);
    json!({"TableName": "things", "Item": {"id": {"S": format!("thing-{i}")}, "n": {"N": "17"}, "text": {"S": text}}})
        .to_string()
}

async fn prepare(house: &House) {
    let table = json!({"TableName": "things", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]});
    let create = Some("DynamoDB_20120810.CreateTable");
    house.call("dynamodb", "POST", "/", create, table.to_string().as_bytes()).await;
    let bucket = "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>\
                  eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    house.call("s3", "PUT", "/bucket", None, bucket.as_bytes()).await;
    for i in 0..VARIED {
        let put = Some("DynamoDB_20120810.PutItem");
        house.call("dynamodb", "POST", "/", put, item(i).as_bytes()).await;
        house.call("s3", "PUT", &format!("/bucket/small-{i}"), None, &[7; 1024]).await;
    }
    house.call("s3", "PUT", "/bucket/large", None, &vec![7; 1 << 20]).await;
}

async fn server() {
    let dir = match std::env::var_os("BENCH_DIR") {
        Some(dir) => tempfile::tempdir_in(dir).unwrap(),
        None => tempfile::tempdir().unwrap(),
    };
    let house = House::open(dir.path());
    prepare(&house).await;
    let ca = LocalCa::open(&Keys::default(), &SystemClock).unwrap();
    let tls = ca.server_tls(&[], &SystemClock).unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let front = Arc::clone(&house.front);
    let handler = move |request: Request<Incoming>| {
        let front = Arc::clone(&front);
        let mut request: Request<Body> = request.map(|body| body.map_err(Into::into).boxed_unsync());
        request.extensions_mut().insert(Tls { version: "1.3" });
        Box::pin(async move { front.handle(Origin::Outside(PEER), request).await })
    };
    let serving = serve_aws(listener, &tls, ListenLimits::default(), handler).unwrap();
    let at = serving.local_addr();
    let ca = hex::encode(ca.certificate_der());
    let all = |make: &dyn Fn(usize) -> Vec<u8>| (0..VARIED).map(make).collect::<Vec<_>>();
    let identity = all(&|_| house.bytes("sts", "POST", "/?Action=GetCallerIdentity&Version=2011-06-15", None, b""));
    let s3_get = all(&|i| house.bytes("s3", "GET", &format!("/bucket/small-{i}"), None, b""));
    let s3_put = all(&|i| house.bytes("s3", "PUT", &format!("/bucket/small-{i}"), None, &[7; 1024]));
    let s3_large = all(&|_| house.bytes("s3", "GET", "/bucket/large", None, b""));
    let (gets, puts) = (all(&|i| house.get_item(i)), all(&|i| house.put_item(i)));
    let file = dir.path().join("requests");
    let work = [
        ("STS GetCallerIdentity", &identity, [1, 16, 0], 8_000),
        ("DynamoDB GetItem", &gets, [1, 8, 16], 8_000),
        ("DynamoDB PutItem", &puts, [1, 8, 16], 3_000),
        ("S3 GetObject, 1 KiB", &s3_get, [1, 8, 16], 6_000),
        ("S3 PutObject, 1 KiB", &s3_put, [1, 8, 16], 1_500),
        ("S3 GetObject, 1 MiB", &s3_large, [1, 8, 0], 400),
    ];
    for (name, requests, clients, count) in work {
        std::fs::write(&file, serde_json::to_vec(requests).unwrap()).unwrap();
        for clients in clients.into_iter().filter(|clients| *clients > 0) {
            let arguments = ["client", &at.to_string(), &ca, &clients.to_string(), &count.to_string()];
            let file = file.to_str().unwrap().to_owned();
            let arguments: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).chain([file]).collect();
            let line = tokio::task::spawn_blocking(move || drive(&arguments, count)).await.unwrap();
            println!("{name}, {clients} connections: {line}");
        }
    }
}

/// Runs the client and counts what it costs this process.
fn drive(arguments: &[String], count: usize) -> String {
    let exe = std::env::current_exe().unwrap();
    let mut child = Command::new(exe).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "ready");
    let before = cpu_seconds();
    child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    let line = lines.next().unwrap().unwrap();
    let cpu = cpu_seconds() - before;
    child.wait().unwrap();
    format!("{:.3} ms CPU each, {line}", cpu * 1e3 / f64::from(u32::try_from(count).unwrap()))
}

/// User and system time of this process, in seconds.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

type Stream = tokio_rustls::client::TlsStream<TcpStream>;

async fn client(args: &[String]) {
    let to: SocketAddr = args[0].parse().unwrap();
    let (connections, count): (usize, usize) = (args[2].parse().unwrap(), args[3].parse().unwrap());
    let requests: Vec<Vec<u8>> = serde_json::from_slice(&std::fs::read(&args[4]).unwrap()).unwrap();
    let requests = Arc::new(requests);
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from(hex::decode(&args[1]).unwrap())).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tls = tokio_rustls::TlsConnector::from(Arc::new(config));
    let mut streams = Vec::new();
    for _ in 0..connections {
        let stream = TcpStream::connect(to).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let mut stream = tls.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
        replay(&mut stream, &requests, 0, 50).await;
        streams.push(stream);
    }
    println!("ready");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    let start = Instant::now();
    let each = |(i, mut stream): (usize, Stream)| {
        let requests = Arc::clone(&requests);
        let share = count / connections + usize::from(i < count % connections);
        tokio::spawn(async move { replay(&mut stream, &requests, i * 7, share).await })
    };
    let tasks: Vec<_> = streams.into_iter().enumerate().map(each).collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    let wall = start.elapsed();
    times.sort();
    let at = |share: usize| times[times.len() * share / 100].as_secs_f64() * 1e3;
    let rate = f64::from(u32::try_from(times.len()).unwrap()) / wall.as_secs_f64();
    println!("{rate:.0} a second, min {:.2} ms, p50 {:.2} ms, p99 {:.2} ms", at(0), at(50), at(99));
}

async fn replay(stream: &mut Stream, requests: &[Vec<u8>], from: usize, count: usize) -> Vec<Duration> {
    let mut buffer = Vec::with_capacity(1 << 16);
    let mut times = Vec::with_capacity(count);
    for i in 0..count {
        let start = Instant::now();
        stream.write_all(&requests[(from + i) % requests.len()]).await.unwrap();
        buffer.clear();
        let whole = loop {
            let read = stream.read_buf(&mut buffer).await.unwrap();
            assert!(read > 0, "the server hung up: {}", String::from_utf8_lossy(&buffer));
            if let Some(whole) = length(&buffer) {
                break whole;
            }
        };
        while buffer.len() < whole {
            assert!(stream.read_buf(&mut buffer).await.unwrap() > 0);
        }
        assert!(buffer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&buffer));
        times.push(start.elapsed());
    }
    times
}

/// How long the answer is, once its head is there.
fn length(buffer: &[u8]) -> Option<usize> {
    let end = buffer.windows(4).position(|w| w == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    Some(end + length.expect("a content length").trim().parse::<usize>().unwrap())
}
