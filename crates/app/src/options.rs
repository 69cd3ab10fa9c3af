//! What a command was given, resolved: defaults applied, texts parsed.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Which app, and with which values.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// A template, or the folder that holds one.
    pub path: PathBuf,
    /// Values of template parameters.
    pub parameters: Vec<(String, String)>,
    /// Where state is kept; a folder of its own for each app by default.
    pub data: Option<PathBuf>,
}

/// What `up` was given.
#[derive(Clone, Debug)]
pub struct UpOptions {
    /// Which app.
    pub source: Source,
    /// Where the first API listens; further ones and the AWS endpoint take the ports that follow.
    pub listen: SocketAddr,
    /// Record what `fit` needs.
    pub observe: bool,
    /// Let IAM denials through and record them.
    pub permissive: bool,
    /// Layers of isolation that may be missing.
    pub allow_unenforced: Vec<String>,
    /// Runtimes that stand for others: `("python3.12", "python3.11")`.
    pub runtime_substitutes: Vec<(String, String)>,
    /// Written once requests are served.
    pub ready_file: Option<PathBuf>,
}
