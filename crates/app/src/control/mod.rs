//! The control socket: how `credentials`, `attack` and others talk to a running `up`.
//!
//! It is a Unix socket in a folder of mode 0700, of mode 0600 itself, and answers the user who started `up` alone. No
//! function and no API caller can reach it: neither the folder nor the socket exists in a sandbox.

mod client;
mod server;

pub use client::{Client, ControlError};
pub(crate) use server::{Control, Operator, serve};

use serde::{Deserialize, Serialize};

/// What is asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum Ask {
    /// Short-lived operator keys.
    Credentials {
        /// How long they are to live, in seconds.
        seconds: u32,
    },
    /// Code run inside a function's exact sandbox, in place of its handler.
    Probe {
        /// The function's logical id.
        function: String,
        /// Python code that defines `handler(event, context)`.
        code: String,
        /// The event.
        event: serde_json::Value,
    },
    /// What the ready file says.
    State,
    /// The signed head of the audit log.
    AuditHead,
}

/// Operator keys.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Keys {
    /// The access key id.
    pub access_key_id: String,
    /// The secret key.
    pub secret_access_key: String,
    /// The session token.
    pub session_token: String,
    /// When they end.
    pub expiration: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}
