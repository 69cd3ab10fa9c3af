//! What the runtime is given: keys, the AWS endpoint, logs.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use burgward_edge::{ListenLimits, ServerTls, serve_aws_stream};
use burgward_runtime::{ConnectionSlot, FunctionConfig, FunctionCredentials, Host};
use burgward_service::{Binding, Front, KeyGrant};
use burgward_svc_logs::Sink;
use burgward_types::{Principal, SandboxId, Timestamp};
use tokio::net::TcpStream;

use crate::endpoint;

/// Keys last as long as the sandbox may: module-level SDK clients keep what they find at start.
const KEY_MILLIS: i64 = 12 * 60 * 60 * 1000;

/// The platform's side of every function.
pub(crate) struct Platform {
    pub(crate) front: Arc<Front>,
    pub(crate) tls: ServerTls,
    pub(crate) endpoint_port: u16,
    pub(crate) ca_pem: String,
    pub(crate) region: String,
    /// The role each function assumes, by the function's name.
    pub(crate) roles: HashMap<String, Principal>,
    pub(crate) logs: Sink,
}

#[async_trait]
impl Host for Platform {
    fn issue_credentials(&self, function: &FunctionConfig, sandbox: SandboxId) -> Result<FunctionCredentials, String> {
        let principal = self.roles.get(&function.name).cloned();
        let principal = principal.ok_or_else(|| format!("function `{}` has no role", function.name))?;
        let issued = self.front.keys().issue(KeyGrant {
            principal,
            bound_to: Binding::Sandbox(sandbox),
            ttl_millis: KEY_MILLIS,
            session_policies: Vec::new(),
        });
        Ok(FunctionCredentials {
            access_key_id: issued.access_key_id,
            secret: issued.secret,
            token: issued.token,
            expires: issued.expires,
        })
    }

    fn revoke(&self, sandbox: SandboxId) {
        // The URLs it presigned stay good until its key expires, as on Lambda; requests signed with the key do not.
        self.front.keys().retire_sandbox(sandbox);
    }

    fn serve_aws(&self, sandbox: SandboxId, connection: TcpStream, slot: ConnectionSlot) {
        let (front, tls) = (Arc::clone(&self.front), self.tls.clone());
        tokio::spawn(async move {
            let handler = endpoint::from_sandbox(front, sandbox);
            serve_aws_stream(connection, &tls, ListenLimits::default(), handler).await;
            drop(slot);
        });
    }

    fn aws_endpoint_url(&self) -> String {
        format!("https://localhost:{}", self.endpoint_port)
    }

    fn aws_endpoint_port(&self) -> u16 {
        self.endpoint_port
    }

    fn ca_pem(&self) -> String {
        self.ca_pem.clone()
    }

    fn region(&self) -> String {
        self.region.clone()
    }

    fn log(&self, function: &FunctionConfig, _sandbox: SandboxId, stream: &str, at: Timestamp, line: &str) {
        self.logs.line(&Arc::from(function.log_group.as_str()), &Arc::from(stream), at, line);
    }
}
