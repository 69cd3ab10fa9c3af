//! Operations and what they need.

use std::future::Future;

use burgward_types::{AccountId, Arn, Region};

use burgward_iam::{Context, ContextValue};

use crate::{Call, Permit, Reply, ServiceError};

/// IAM's access levels.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Lists resources.
    List,
    /// Reads content.
    Read,
    /// Writes or deletes.
    Write,
    /// Changes tags.
    Tagging,
    /// Changes who may do what.
    Permissions,
}

impl Access {
    /// True if nothing changes.
    #[must_use]
    pub fn reads_only(self) -> bool {
        matches!(self, Self::List | Self::Read)
    }
}

/// What is known of an operation without running it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationInfo {
    /// The signing name of the service: `dynamodb`, `s3`, `ssm`, `secretsmanager`, `sts`, `logs`.
    pub service: &'static str,
    /// The operation's name on the wire, such as `GetItem`.
    pub name: &'static str,
    /// Every IAM action it may need; empty only for operations that need none (`sts:GetCallerIdentity`).
    pub actions: &'static [&'static str],
    /// What it does to its resource.
    pub access: Access,
}

/// An operation: a type, so that a [`Permit`] is for it alone.
pub trait Operation: Send + Sync + Sized + 'static {
    /// What is known of it.
    const INFO: OperationInfo;
}

/// An operation that takes a JSON object and answers one.
pub trait JsonOperation: Operation {
    /// The service's state.
    type State: Send + Sync + 'static;
    /// The input, parsed and checked as far as that needs no state.
    type Input: Send;

    /// Reads the input.
    fn parse(call: &Call) -> Result<Self::Input, ServiceError>;

    /// Which actions on which resources this input needs.
    fn needs(state: &Self::State, input: &Self::Input, scope: &Scope) -> Result<Vec<Need>, ServiceError>;

    /// Does it.
    fn run(
        state: &Self::State,
        permit: Permit<Self>,
        input: Self::Input,
    ) -> impl Future<Output = Result<Reply, ServiceError>> + Send;

    /// The smallest valid input; [`crate::walk`] calls every operation with it to prove that each is guarded.
    fn example(scope: &Scope) -> serde_json::Value;
}

/// One action on one resource that an operation needs.
#[derive(Clone, Debug)]
pub struct Need {
    /// The action, such as `dynamodb:GetItem`.
    pub action: &'static str,
    /// The resource's ARN, or `*`.
    pub resource: String,
    /// Condition keys of this very action, such as `dynamodb:LeadingKeys`.
    pub context: Context,
}

impl Need {
    /// A need without condition keys of its own.
    #[must_use]
    pub fn new(action: &'static str, resource: impl Into<String>) -> Self {
        Self { action, resource: resource.into(), context: Context::new() }
    }

    /// The same need with a condition key.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<ContextValue>) -> Self {
        self.context.set(key, value);
        self
    }
}

/// Account and region that everything here lives in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
}

impl Scope {
    /// The ARN of a resource of this account and region.
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> String {
        Arn::new(service, self.region.as_str(), self.account.as_str(), resource).into()
    }
}
