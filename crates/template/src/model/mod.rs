//! What an app is: the one resolved model that checks, fit, deploy and the gateway read.
//!
//! Every entity carries the logical id it has in the template (or gets from the SAM transform) and the place that
//! declared it. Physical names are final: no intrinsic is left, except dynamic references, which only the deployment
//! can resolve and which therefore stay typed in a [`Text`].

mod api;
mod data;
mod function;
mod iam;
mod text;

use std::sync::Arc;

use burgward_diag::{SourceFile, Span};

pub use api::{
    Api, ApiKey, ApiKeySource, ApiKind, Authorizer, AuthorizerKind, Cors, IdentitySource, MethodThrottle,
    PayloadFormat, PlanStage, Quota, QuotaPeriod, Route, Stage, Throttle, UsagePlan,
};
pub use data::{
    Bucket, CorsRule, Encryption, Generate, LifecycleRule, LogGroup, PublicAccessBlock, SecretEntry, SecretValue,
    SsmParameter, Table,
};
pub use function::{Function, Layer, LayerRef};
pub use iam::{LambdaPermission, ResourcePolicy, Role, RolePolicy};
pub use text::{DynamicReference, Text, TextPart};

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where the template sets it; for a default, where the resource is declared.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Joins a value with its place.
    #[must_use]
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// A serverless app, resolved.
#[derive(Clone, Debug, Default)]
pub struct App {
    /// The stack's name.
    pub stack_name: String,
    /// The region all ARNs name.
    pub region: String,
    /// The account all ARNs name.
    pub account: String,
    /// The functions.
    pub functions: Vec<Function>,
    /// Layer versions the template builds.
    pub layers: Vec<Layer>,
    /// REST and HTTP APIs, one per stage.
    pub apis: Vec<Api>,
    /// DynamoDB tables.
    pub tables: Vec<Table>,
    /// S3 buckets.
    pub buckets: Vec<Bucket>,
    /// Systems Manager parameters.
    pub parameters: Vec<SsmParameter>,
    /// Secrets Manager secrets.
    pub secrets: Vec<SecretEntry>,
    /// Roles, those that SAM makes for functions among them.
    pub roles: Vec<Role>,
    /// Usage plans.
    pub usage_plans: Vec<UsagePlan>,
    /// API keys.
    pub api_keys: Vec<ApiKey>,
    /// Who else may invoke a function: statements of the functions' resource policies.
    pub lambda_permissions: Vec<LambdaPermission>,
    /// Log groups that the template declares.
    pub log_groups: Vec<LogGroup>,
    /// The stack's outputs.
    pub outputs: Vec<Output>,
    /// The files that spans point into; the template itself first.
    pub sources: Vec<Arc<SourceFile>>,
}

impl App {
    /// The function with this logical id.
    #[must_use]
    pub fn function(&self, logical_id: &str) -> Option<&Function> {
        self.functions.iter().find(|f| f.logical_id == logical_id)
    }

    /// The role with this logical id.
    #[must_use]
    pub fn role(&self, logical_id: &str) -> Option<&Role> {
        self.roles.iter().find(|r| r.logical_id == logical_id)
    }

    /// The API with this logical id.
    #[must_use]
    pub fn api(&self, logical_id: &str) -> Option<&Api> {
        self.apis.iter().find(|a| a.logical_id == logical_id)
    }
}

/// An output of the stack.
#[derive(Clone, Debug)]
pub struct Output {
    /// The output's logical id.
    pub logical_id: String,
    /// Its value.
    pub value: Text,
    /// Where it is declared.
    pub span: Span,
}
