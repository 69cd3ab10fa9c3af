//! A host that keeps what it is told, and functions of `tests/functions` in real sandboxes.
#![allow(dead_code, reason = "each program uses its own part")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use burgward_runtime::{
    Bind, ConnectionSlot, FunctionConfig, FunctionCredentials, Host, Invocation, InvokeError, Invoked, Isolation,
    Limits, PythonRuntime, Runtime,
};
use burgward_sandbox::{Spawner, SpawnerOptions};
use burgward_types::{RequestId, SandboxId, Secret, SystemClock, Timestamp};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

#[derive(Default)]
pub struct Record {
    pub lines: Mutex<Vec<String>>,
    pub issued: Mutex<Vec<SandboxId>>,
    pub revoked: Mutex<Vec<SandboxId>>,
}

#[async_trait]
impl Host for Record {
    fn issue_credentials(&self, _: &FunctionConfig, sandbox: SandboxId) -> Result<FunctionCredentials, String> {
        self.issued.lock().unwrap().push(sandbox);
        Ok(FunctionCredentials {
            access_key_id: format!("ASIA{:016}", sandbox.0),
            secret: Secret::new("secret".to_owned()),
            token: Secret::new("token".to_owned()),
            expires: Timestamp(0),
        })
    }

    fn revoke(&self, sandbox: SandboxId) {
        self.revoked.lock().unwrap().push(sandbox);
    }

    fn serve_aws(&self, sandbox: SandboxId, mut connection: TcpStream, slot: ConnectionSlot) {
        tokio::spawn(async move {
            let body = sandbox.to_string();
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            let _ = connection.write_all(answer.as_bytes()).await;
            drop(slot);
        });
    }

    fn aws_endpoint_url(&self) -> String {
        "https://localhost:4566".to_owned()
    }

    fn aws_endpoint_port(&self) -> u16 {
        4566
    }

    fn ca_pem(&self) -> String {
        "the certificate".to_owned()
    }

    fn region(&self) -> String {
        "eu-west-1".to_owned()
    }

    fn log(&self, _: &FunctionConfig, _: SandboxId, _: &str, _: Timestamp, line: &str) {
        self.lines.lock().unwrap().push(line.to_owned());
    }
}

pub struct House {
    pub spawner: Arc<Spawner>,
    pub code: PathBuf,
    pub interpreter: PathBuf,
    pub binds: Vec<Bind>,
    pub runtime: PythonRuntime,
}

impl House {
    pub fn new() -> Self {
        let spawner = Spawner::start(SpawnerOptions::default()).unwrap_or_else(|e| panic!("{e}"));
        let facts = "import sys; print(sys.base_prefix); print(getattr(sys, '_base_executable', sys.executable)); \
                     print('python%d.%d' % sys.version_info[:2])";
        let output = Command::new("python3").args(["-I", "-c", facts]).output().expect("python3 is needed");
        let output = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<&str> = output.lines().collect();
        let bind = |path: &str| Bind { source: path.into(), target: path.into() };
        let system = ["/usr", "/bin", "/lib", "/lib64"].into_iter().filter(|path| Path::new(path).exists());
        let mut binds: Vec<Bind> = system.map(bind).collect();
        if !lines[0].starts_with("/usr") {
            binds.push(bind(lines[0]));
        }
        Self {
            spawner: Arc::new(spawner),
            code: readable_copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/functions")),
            interpreter: lines[1].into(),
            binds,
            runtime: PythonRuntime::parse(lines[2]).unwrap_or_else(|e| panic!("{e}")),
        }
    }

    pub fn function(&self, handler: &str) -> FunctionConfig {
        FunctionConfig {
            name: "f".to_owned(),
            arn: "arn:aws:lambda:eu-west-1:123456789012:function:f".to_owned(),
            version: "$LATEST".to_owned(),
            handler: handler.to_owned(),
            runtime: self.runtime,
            interpreter: self.interpreter.clone(),
            interpreter_binds: self.binds.clone(),
            code_dir: self.code.clone(),
            layer_dirs: Vec::new(),
            env: vec![("TABLE".to_owned(), "t".to_owned())],
            memory_mb: 256,
            timeout: Duration::from_secs(10),
            tmp_mb: 512,
            isolation: Isolation::Function,
            max_concurrency: None,
            log_group: "/aws/lambda/f".to_owned(),
        }
    }

    /// An unpacked layer with these files below `python/`.
    pub fn layer(&self, name: &str, files: &[(&str, &str)]) -> PathBuf {
        let layer = self.code.join("layers").join(name);
        let python = layer.join("python");
        std::fs::create_dir_all(&python).unwrap();
        for (file, text) in files {
            std::fs::write(python.join(file), text).unwrap();
        }
        layer
    }

    pub fn start(&self, function: FunctionConfig) -> Running {
        let host = Arc::new(Record::default());
        let given: Arc<dyn Host> = host.clone();
        let (spawner, clock) = (Arc::clone(&self.spawner), Arc::new(SystemClock));
        let limits = Limits { idle_life: Duration::from_mins(1), ..Limits::default() };
        let runtime =
            Runtime::with_limits(spawner, given, clock, vec![function], limits).unwrap_or_else(|e| panic!("{e}"));
        Running { runtime, host }
    }
}

pub struct Running {
    pub runtime: Runtime,
    pub host: Arc<Record>,
}

pub const REQUEST: &str = "11111111-2222-4333-8444-555555555555";

impl Running {
    pub async fn try_invoke(&self, payload: &str) -> Result<Invoked, InvokeError> {
        self.runtime.invoke("f", Invocation::new(RequestId::from_text(REQUEST), payload.to_owned())).await
    }

    pub async fn invoke(&self, payload: &str) -> Invoked {
        self.try_invoke(payload).await.unwrap_or_else(|e| panic!("{e}"))
    }

    pub async fn answer(&self, payload: &str) -> String {
        text(&self.invoke(payload).await)
    }

    pub fn lines(&self) -> Vec<String> {
        self.host.lines.lock().unwrap().clone()
    }
}

pub fn text(invoked: &Invoked) -> String {
    String::from_utf8_lossy(&invoked.payload).into_owned()
}

/// A copy that everyone may read: functions run as nobody, and a checkout may be private.
fn readable_copy(from: &Path) -> PathBuf {
    let to = std::env::temp_dir().join(format!("burgward-runtime-{}", std::process::id()));
    std::fs::create_dir_all(&to).unwrap();
    std::fs::set_permissions(&to, std::fs::Permissions::from_mode(0o755)).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_file() {
            let copy = to.join(entry.file_name());
            std::fs::copy(entry.path(), &copy).unwrap();
            std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o644)).unwrap();
        }
    }
    to
}
