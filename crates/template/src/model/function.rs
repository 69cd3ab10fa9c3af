//! Functions and layers.

use burgward_diag::Span;

use super::{Spanned, Text};

/// A Lambda function.
#[derive(Clone, Debug)]
pub struct Function {
    /// The logical id.
    pub logical_id: String,
    /// Where it is declared.
    pub span: Span,
    /// The function's name.
    pub name: String,
    /// Its ARN, unqualified.
    pub arn: String,
    /// The folder of its code, relative to the template; empty if `inline_code` is set.
    pub code_uri: Spanned<String>,
    /// Code written in the template itself.
    pub inline_code: Option<Spanned<String>>,
    /// The handler, such as `app.handler`.
    pub handler: Spanned<String>,
    /// The runtime, such as `python3.12`.
    pub runtime: Spanned<String>,
    /// Environment variables in template order.
    pub env: Vec<(String, Spanned<Text>)>,
    /// Memory in MB.
    pub memory_mb: Spanned<u32>,
    /// Timeout in seconds.
    pub timeout_secs: Spanned<u32>,
    /// Size of `/tmp` in MB.
    pub tmp_mb: Spanned<u32>,
    /// Reserved concurrency; 0 switches the function off.
    pub reserved_concurrency: Option<Spanned<u32>>,
    /// The logical id of its role in [`App::roles`](super::App::roles).
    pub role: String,
    /// Layers in mounting order.
    pub layers: Vec<Spanned<LayerRef>>,
    /// `x86_64` or `arm64`.
    pub architectures: Vec<String>,
    /// The alias that SAM's `AutoPublishAlias` makes.
    pub alias: Option<String>,
    /// The log group it writes to.
    pub log_group: String,
    /// Tags, in template order; listed as well, because services do not hold them yet.
    pub tags: Vec<(String, String)>,
}

/// A layer that a function uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LayerRef {
    /// A layer of this template, by logical id.
    Local(String),
    /// A layer that somebody else published, by its version's ARN.
    Published(String),
}

/// A layer version that the template builds.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The logical id.
    pub logical_id: String,
    /// Where it is declared.
    pub span: Span,
    /// The layer's name.
    pub name: String,
    /// The folder of its content, relative to the template.
    pub content_uri: Spanned<String>,
    /// Runtimes it says it fits.
    pub compatible_runtimes: Vec<String>,
}
