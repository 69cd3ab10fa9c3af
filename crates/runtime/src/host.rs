//! What the runtime is given from above.

use async_trait::async_trait;
use burgward_types::{SandboxId, Secret, Timestamp};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;

use crate::FunctionConfig;

/// Short-lived keys of a function, good in one sandbox.
#[derive(Debug, Clone)]
pub struct FunctionCredentials {
    /// The access key id.
    pub access_key_id: String,
    /// The secret key.
    pub secret: Secret<String>,
    /// The session token.
    pub token: Secret<String>,
    /// When they end.
    pub expires: Timestamp,
}

/// One of the connections that a sandbox may have to the AWS endpoint at once; free again when dropped.
#[derive(Debug)]
pub struct ConnectionSlot(#[expect(dead_code, reason = "held for what its drop does")] OwnedSemaphorePermit);

impl ConnectionSlot {
    pub(crate) fn new(permit: OwnedSemaphorePermit) -> Self {
        Self(permit)
    }
}

/// Credentials, endpoints and logs, as the composition root provides them.
///
/// The methods are called on runtime threads: they must not block for long.
#[async_trait]
pub trait Host: Send + Sync + 'static {
    /// Makes keys for a sandbox that is about to start; they exist before its init code runs.
    fn issue_credentials(&self, function: &FunctionConfig, sandbox: SandboxId) -> Result<FunctionCredentials, String>;

    /// The sandbox has ended: its keys are good nowhere any more. Called exactly once for each sandbox.
    fn revoke(&self, sandbox: SandboxId);

    /// Takes over a connection that was opened to the AWS endpoint from inside the sandbox; must not block.
    ///
    /// `slot` is to be kept as long as the connection: it is what bounds the connections of one sandbox.
    fn serve_aws(&self, sandbox: SandboxId, connection: TcpStream, slot: ConnectionSlot);

    /// What the function finds as `AWS_ENDPOINT_URL`.
    fn aws_endpoint_url(&self) -> String;

    /// The port inside the sandbox at which [`Host::serve_aws`]'s connections arrive.
    fn aws_endpoint_port(&self) -> u16;

    /// The certificate of the local CA, as PEM.
    fn ca_pem(&self) -> String;

    /// The region the app runs in.
    fn region(&self) -> String;

    /// One line of a function's log; `stream` is the name of the sandbox's log stream.
    fn log(&self, function: &FunctionConfig, sandbox: SandboxId, stream: &str, at: Timestamp, line: &str);
}
