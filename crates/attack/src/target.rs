//! What is attacked, and the one way inside.

use std::path::PathBuf;

use serde_json::Value;

/// One API of the running app.
#[derive(Clone, Debug)]
pub struct TargetApi {
    /// The API's logical id.
    pub logical_id: String,
    /// The URL of its stage.
    pub url: String,
}

/// A running app as its clients see it.
#[derive(Clone, Debug)]
pub struct Target {
    /// Every API.
    pub apis: Vec<TargetApi>,
    /// The endpoint for AWS SDKs.
    pub aws_endpoint: String,
    /// The certificate to trust, and the only one.
    pub ca_pem: String,
    /// The region that requests are signed for.
    pub region: String,
    /// The API keys that customers of the app have.
    pub api_keys: Vec<String>,
    /// The bucket that holds function packages.
    pub package_bucket: String,
    /// Logical ids of functions that get a fresh sandbox for each request.
    pub isolated: Vec<String>,
    /// Places of the host that no function may reach: the state folder, the control socket, the app's folder.
    pub host_places: Vec<PathBuf>,
}

/// Assumed breach: code of the attacker inside one function's exact sandbox, with its role and descriptors.
pub trait Breach: Send + Sync {
    /// Runs Python code that defines `handler(event, context)` in place of the function's and gives its answer.
    fn probe(&self, function: &str, code: &str, event: &Value) -> Result<Value, String>;
}
