//! Requests per second of CPU through the whole gateway: TLS, HTTP/1.1 keep-alive, route, API key, throttle, event,
//! answer. The function is a stand-in, the recorder drops its records; the client runs in a process of its own, so that
//! only the gateway's CPU time is counted.
//!
//! `cargo bench -p burgward-edge`

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    clippy::too_many_lines,
    reason = "a bench that meets the unexpected has failed"
)]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use burgward_audit::{AuditError, Recorder};
use burgward_diag::{SourceFile, Span};
use burgward_edge::{
    Gateway, GatewayConfig, Invocation, Invoke, InvokeFailure, Invoked, KeyInUse, KeyStore, ListenLimits, LocalCa,
    Parts, PlanInUse,
};
use burgward_template::model::{
    Api, ApiKeySource, ApiKind, PayloadFormat, PlanStage, Route, Stage, Throttle, UsagePlan,
};
use burgward_types::{AccountId, AuditRecord, Region, Secret, SystemClock};
use bytes::Bytes;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const CONNECTIONS: usize = 16;
const REQUESTS: usize = 4_000;

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

#[derive(Debug)]
struct Fixed;

#[async_trait]
impl Invoke for Fixed {
    async fn invoke(&self, _: Invocation) -> Result<Invoked, InvokeFailure> {
        Ok(Invoked { payload: Bytes::from_static(br#"{"statusCode":200,"body":"{}"}"#), function_error: None })
    }
}

#[async_trait]
impl Recorder for Fixed {
    async fn record(&self, _: AuditRecord) -> Result<(), AuditError> {
        Ok(())
    }
}

fn config() -> GatewayConfig {
    let span = Span::new(&SourceFile::new("template.yaml", ""), 0, 0);
    let route = Route {
        method: "GET".into(),
        path: "/pets/{id}".into(),
        function: "Fn".into(),
        payload_format: PayloadFormat::V1,
        authorizer: None,
        api_key_required: true,
        timeout_ms: 29_000,
        throttle: Some(Throttle { rate: 1e9, burst: 1_000_000 }),
        span: span.clone(),
    };
    let api = Api {
        logical_id: "Api".into(),
        span: span.clone(),
        id: "a1b2c3d4e5".into(),
        name: "api".into(),
        kind: ApiKind::Rest,
        stage: Stage { name: "Prod".into(), ..Stage::default() },
        routes: vec![route],
        authorizers: Vec::new(),
        default_authorizer: None,
        api_key_required: true,
        api_key_source: ApiKeySource::Header,
        cors: None,
        resource_policy: None,
        binary_media_types: Vec::new(),
    };
    let plan = UsagePlan {
        logical_id: "Plan".into(),
        id: "plan01".into(),
        name: "plan".into(),
        throttle: Some(Throttle { rate: 1e9, burst: 1_000_000 }),
        quota: None,
        stages: vec![PlanStage { api: "Api".into(), stage: "Prod".into(), method_throttles: Vec::new() }],
        keys: Vec::new(),
        span,
    };
    let key = KeyInUse { id: "key01".into(), value: Secret::new("open-sesame".into()), enabled: true };
    GatewayConfig {
        api,
        account: AccountId::parse("123456789012").unwrap(),
        region: Region::parse("eu-west-1").unwrap(),
        usage_plans: vec![PlanInUse { plan, keys: vec![key] }],
        hosts: Vec::new(),
        quota_counts: Vec::new(),
    }
}

/// User and system time of this process, in seconds.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    ticks / 100.0
}

async fn connection(to: SocketAddr, tls: tokio_rustls::TlsConnector) -> (usize, usize) {
    let stream = TcpStream::connect(to).await.unwrap();
    let mut stream = tls.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
    let request = b"GET /Prod/pets/7?color=blue HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\nAccept: */*\r\nX-Api-Key: open-sesame\r\n\r\n";
    let (mut served, mut refused, mut buffer) = (0, 0, vec![0; 4096]);
    for _ in 0..REQUESTS {
        stream.write_all(request).await.unwrap();
        let read = stream.read(&mut buffer).await.unwrap();
        // The account's own limit of 10,000 a second holds here too.
        if buffer[..read].starts_with(b"HTTP/1.1 200") { served += 1 } else { refused += 1 }
    }
    (served, refused)
}

async fn client(to: SocketAddr, ca: Vec<u8>) {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from(ca)).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tls = tokio_rustls::TlsConnector::from(Arc::new(config));
    let tasks: Vec<_> = (0..CONNECTIONS).map(|_| tokio::spawn(connection(to, tls.clone()))).collect();
    let mut total = (0, 0);
    for task in tasks {
        let (served, refused) = task.await.unwrap();
        total = (total.0 + served, total.1 + refused);
    }
    println!("{} {}", total.0, total.1);
}

async fn server() {
    let parts = Parts { invoke: Arc::new(Fixed), recorder: Arc::new(Fixed), clock: Arc::new(SystemClock) };
    let gateway = Gateway::new(config(), parts).unwrap();
    let ca = LocalCa::open(&Keys::default(), &SystemClock).unwrap();
    let tls = ca.server_tls(&[], &SystemClock).unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let serving = gateway.serve(listener, &tls, ListenLimits::default()).unwrap();
    let exe = std::env::current_exe().unwrap();
    let before = cpu_seconds();
    let client = tokio::process::Command::new(exe)
        .args(["client", &serving.local_addr().to_string(), &hex::encode(ca.certificate_der())])
        .output()
        .await
        .unwrap();
    let cpu = cpu_seconds() - before;
    let text = String::from_utf8_lossy(&client.stdout).into_owned();
    let counts: Vec<f64> = text.split_whitespace().map(|count| count.parse().unwrap()).collect();
    let all = counts[0] + counts[1];
    println!(
        "gateway: {all} requests ({} served, {} throttled), {cpu:.2} s CPU, {:.0} per CPU-second",
        counts[0],
        counts[1],
        all / cpu
    );
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let args: Vec<String> = std::env::args().collect();
    match args.get(1).map(String::as_str) {
        Some("client") => runtime.block_on(client(args[2].parse().unwrap(), hex::decode(&args[3]).unwrap())),
        _ => runtime.block_on(server()),
    }
}
