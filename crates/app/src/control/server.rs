//! The answering side.

use std::collections::HashMap;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use burgward_audit::{AuditLog, Recorder as _};
use burgward_runtime::Runtime;
use burgward_service::{Binding, Front, KeyGrant};
use burgward_types::{AuditRecord, Clock, Principal, RecordKind, RequestId};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};

use super::{Ask, Keys};
use crate::{AppError, Ready};

/// The longest line that is read.
const MOST_BYTES: u64 = 16 * 1024 * 1024;
/// Operator keys live an hour at most.
const MOST_SECONDS: u32 = 3600;

/// What the operator may ask of a running app.
pub(crate) struct Operator {
    pub(crate) front: Arc<Front>,
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) audit: Arc<AuditLog>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ready: Ready,
    /// Physical names of functions by logical id.
    pub(crate) functions: HashMap<String, String>,
    pub(crate) principal: Principal,
}

/// The socket; removed when dropped.
pub(crate) struct Control {
    path: PathBuf,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Control {
    fn drop(&mut self) {
        self.task.abort();
        drop(std::fs::remove_file(&self.path));
    }
}

/// Opens the socket and answers on it.
pub(crate) fn serve(path: &Path, operator: Operator) -> Result<Control, AppError> {
    let hint = "the control socket lies here; the folder must be yours and of mode 0700";
    let folder = path.parent().unwrap_or(Path::new("/"));
    private_folder(folder).map_err(AppError::io(folder, hint))?;
    // The data folder's lock is held: a socket that is still there belongs to nobody.
    drop(std::fs::remove_file(path));
    let listener = UnixListener::bind(path).map_err(AppError::io(path, hint))?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(AppError::io(path, hint))?;
    let operator = Arc::new(operator);
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let operator = Arc::clone(&operator);
            tokio::spawn(async move { answer(&operator, stream).await });
        }
    });
    Ok(Control { path: path.to_owned(), task })
}

/// Makes the folder, or checks that the one that is there is ours: in `/tmp` anybody can make one first.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    match std::fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        other => return other,
    }
    let found = std::fs::symlink_metadata(folder)?;
    // Nothing for group and others: the mode's last six bits are clear.
    let ours =
        found.is_dir() && found.uid() == rustix::process::getuid().as_raw() && found.mode().trailing_zeros() >= 6;
    if ours { Ok(()) } else { Err(std::io::Error::other("the folder is not private to this user")) }
}

async fn answer(operator: &Operator, stream: UnixStream) {
    let same_user = stream.peer_cred().is_ok_and(|peer| peer.uid() == rustix::process::getuid().as_raw());
    if !same_user {
        return;
    }
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    if BufReader::new(read.take(MOST_BYTES)).read_line(&mut line).await.is_err() {
        return;
    }
    let result = match serde_json::from_str::<Ask>(&line) {
        Ok(ask) => operator.carry_out(ask).await,
        Err(error) => Err(format!("the question is not understood: {error}")),
    };
    let mut text = match result {
        Ok(value) => json!({"ok": value}).to_string(),
        Err(error) => json!({"error": error}).to_string(),
    };
    text.push('\n');
    // Whoever asked may be gone; what was asked is done and recorded.
    drop(write.write_all(text.as_bytes()).await);
}

impl Operator {
    async fn carry_out(&self, ask: Ask) -> Result<Value, String> {
        match ask {
            Ask::State => serde_json::to_value(&self.ready).map_err(|error| error.to_string()),
            Ask::AuditHead => {
                let head = self.audit.signed_head().map_err(|error| error.to_string())?;
                serde_json::to_value(head).map_err(|error| error.to_string())
            }
            Ask::Credentials { seconds } => self.credentials(seconds).await,
            Ask::Probe { function, code, event } => self.probe(&function, &code, &event).await,
        }
    }

    async fn credentials(&self, seconds: u32) -> Result<Value, String> {
        let seconds = seconds.clamp(1, MOST_SECONDS);
        self.record("IssueOperatorCredentials", json!({"seconds": seconds})).await?;
        let issued = self.front.keys().issue(KeyGrant {
            principal: self.principal.clone(),
            bound_to: Binding::Outside,
            ttl_millis: i64::from(seconds) * 1000,
            session_policies: Vec::new(),
        });
        let keys = Keys {
            access_key_id: issued.access_key_id,
            secret_access_key: issued.secret.expose().clone(),
            session_token: issued.token.expose().clone(),
            expiration: issued.expires.iso8601(),
        };
        serde_json::to_value(keys).map_err(|error| error.to_string())
    }

    async fn probe(&self, function: &str, code: &str, event: &Value) -> Result<Value, String> {
        let name = self.functions.get(function).ok_or_else(|| format!("there is no function `{function}`"))?;
        self.record("ProbeSandbox", json!({"function": function})).await?;
        let payload = Bytes::from(event.to_string());
        let answer = self.runtime.probe(name, code, payload).await.map_err(|error| error.to_string())?;
        serde_json::from_slice(&answer).map_err(|error| error.to_string())
    }

    async fn record(&self, event: &str, detail: Value) -> Result<(), String> {
        let record = AuditRecord {
            kind: RecordKind::Operator,
            event_time: self.clock.now(),
            event_source: "burgward".into(),
            event_name: event.into(),
            request_id: RequestId::random(),
            principal: self.principal.clone(),
            access_key_id: None,
            source: "control socket".into(),
            user_agent: None,
            aws_region: self.ready.region.clone(),
            error_code: None,
            error_message: None,
            read_only: false,
            decisions: Vec::new(),
            detail,
        };
        self.audit.record(record).await.map_err(|error| error.to_string())
    }
}
