//! Roles, policies and permissions.

use burgward_diag::Span;
use serde_json::Value;

use super::Spanned;

/// An IAM role.
#[derive(Clone, Debug)]
pub struct Role {
    /// The logical id.
    pub logical_id: String,
    /// Where it is declared; for a role that SAM makes, where its function is.
    pub span: Span,
    /// The role's name.
    pub name: String,
    /// Its path, `/` by default.
    pub path: String,
    /// Its ARN.
    pub arn: String,
    /// Who may assume it: the trust policy.
    pub trust: Value,
    /// Inline policies, and all attached managed policies with their documents.
    pub policies: Vec<RolePolicy>,
    /// The ARNs of attached managed policies; their documents are in `policies`.
    pub managed: Vec<Spanned<String>>,
    /// The permissions boundary.
    pub boundary: Option<RolePolicy>,
    /// How long a session may be, in seconds.
    pub max_session_secs: u32,
    /// Tags, in template order; listed as well, because services do not hold them yet.
    pub tags: Vec<(String, String)>,
}

/// A policy of a role.
#[derive(Clone, Debug)]
pub struct RolePolicy {
    /// Its name.
    pub name: String,
    /// The ARN of a managed policy; none if inline.
    pub arn: Option<String>,
    /// The document, intrinsics resolved.
    pub document: Value,
    /// Where the template says it.
    pub span: Span,
    /// Where each statement is; for templates and managed policies, where they are named.
    pub statement_spans: Vec<Span>,
}

/// A policy attached to a resource.
#[derive(Clone, Debug)]
pub struct ResourcePolicy {
    /// The document, intrinsics resolved.
    pub document: Value,
    /// Where the template says it.
    pub span: Span,
    /// Where each statement is.
    pub statement_spans: Vec<Span>,
}

/// A statement of a function's resource policy.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html>
#[derive(Clone, Debug)]
pub struct LambdaPermission {
    /// The logical id.
    pub logical_id: String,
    /// The logical id of the function.
    pub function: String,
    /// The alias or version it holds for, if not the unqualified function.
    pub qualifier: Option<String>,
    /// The action, such as `lambda:InvokeFunction`.
    pub action: String,
    /// A service, an account, an ARN or `*`.
    pub principal: String,
    /// The ARN pattern of the resource that invokes.
    pub source_arn: Option<String>,
    /// The account of the resource that invokes.
    pub source_account: Option<String>,
    /// Where it is declared.
    pub span: Span,
}
