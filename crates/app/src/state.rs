//! What is in force, for people and programs: the enforcement state and the ready file.

use std::fmt::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use burgward_deploy::Made;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::AppError;

/// A layer of isolation and what its probe saw.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LayerState {
    /// The layer's stable name.
    pub id: String,
    /// True if it held when it was tried.
    pub active: bool,
    /// What the probe saw.
    pub evidence: String,
}

/// Everything that decides how far Burgward can be trusted in this run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Enforcement {
    /// `enforce` or `permissive`.
    pub iam: String,
    /// True if calls are recorded for `fit`.
    pub observe: bool,
    /// Where the root key came from.
    pub root_key: String,
    /// The layers of every sandbox.
    pub sandbox: Vec<LayerState>,
    /// The level of isolation of each function.
    pub isolation: Vec<(String, String)>,
    /// Runtimes that stand for others.
    pub runtime_substitutes: Vec<(String, String)>,
    /// Everything that was relaxed on the command line.
    pub relaxed: Vec<String>,
    /// What former templates of this state made and the present one has no longer: it is kept, and can be reached.
    #[serde(default)]
    pub orphans: Vec<Orphan>,
}

/// A store that the template has no longer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Orphan {
    /// `table`, `bucket`, `parameter`, `secret` or `log group`.
    pub kind: String,
    /// Its physical name.
    pub name: String,
}

impl From<&Made> for Orphan {
    fn from(made: &Made) -> Self {
        Self { kind: made.kind.to_string(), name: made.name.clone() }
    }
}

/// One API that is served.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunningApi {
    /// The API's logical id.
    pub logical_id: String,
    /// `REST` or `HTTP`.
    pub kind: String,
    /// The URL of its stage.
    pub url: String,
    /// Methods and paths.
    pub routes: Vec<String>,
}

/// What the ready file says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ready {
    /// `burgward/up-v1`.
    pub schema: String,
    /// The process.
    pub pid: u32,
    /// The URL of the first API, if there is one.
    pub url: Option<String>,
    /// Every API.
    pub apis: Vec<RunningApi>,
    /// The endpoint for AWS SDKs, inside and outside.
    pub aws_endpoint: String,
    /// The file with the certificate that clients have to trust.
    pub ca_file: String,
    /// A shared configuration file for SDKs, which presigned URLs of SigV4 need.
    pub sdk_config_file: String,
    /// The region that requests are signed for.
    pub region: String,
    /// The account.
    pub account: String,
    /// Physical names by logical id.
    pub resources: Value,
    /// Values of API keys by logical id: the file is for its owner alone.
    pub api_keys: Value,
    /// The stack's outputs.
    pub outputs: Value,
    /// The state folder.
    pub data: String,
    /// What is in force.
    pub enforcement: Enforcement,
}

const READY_FILE: &str = "`--ready-file` names a file in a folder you may write";

/// Judges the ready file's place before anything is deployed.
pub(crate) fn check_ready_file(path: &Path) -> Result<(), AppError> {
    if path.is_dir() {
        return Err(AppError::io(path, READY_FILE)(std::io::ErrorKind::IsADirectory.into()));
    }
    // Whether a folder can be written shows only when something is written.
    let mut probe = path.as_os_str().to_owned();
    probe.push(format!(".probe-{}", std::process::id()));
    let written = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&probe);
    written.and_then(|_| std::fs::remove_file(&probe)).map_err(AppError::io(path, READY_FILE))
}

impl Ready {
    /// Writes the ready file in one step, so that nobody reads half of it.
    pub(crate) fn write(&self, path: &Path) -> Result<(), AppError> {
        let text = serde_json::to_string_pretty(self).map_err(AppError::part("ready file"))? + "\n";
        burgward_vault::write_atomically(path, text.as_bytes()).map_err(AppError::io(path, READY_FILE))
    }

    /// The state as a person reads it.
    #[must_use]
    pub fn human(&self) -> String {
        let mut out = String::new();
        for api in &self.apis {
            let _ = writeln!(out, "{} API {}  {}", api.kind, api.logical_id, api.url);
            for route in &api.routes {
                let _ = writeln!(out, "    {route}");
            }
        }
        let _ = writeln!(out, "AWS endpoint  {}", self.aws_endpoint);
        let _ = writeln!(out, "certificate   {}", self.ca_file);
        let _ = writeln!(out, "data          {} (encrypted; root key: {})", self.data, self.enforcement.root_key);
        let active = self.enforcement.sandbox.iter().filter(|layer| layer.active).count();
        let _ = writeln!(out, "sandbox       {active} of {} layers in force", self.enforcement.sandbox.len());
        for layer in self.enforcement.sandbox.iter().filter(|layer| !layer.active) {
            let _ = writeln!(out, "    NOT in force: {} ({})", layer.id, layer.evidence);
        }
        let _ = writeln!(out, "IAM           {}", self.enforcement.iam);
        for relaxed in &self.enforcement.relaxed {
            let _ = writeln!(out, "RELAXED       {relaxed}");
        }
        for orphan in &self.enforcement.orphans {
            let _ = writeln!(out, "ORPHANED      {} {}", orphan.kind, orphan.name);
        }
        out
    }
}
