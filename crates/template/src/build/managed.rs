//! AWS managed policies: the documents of those that serverless apps use most (see NOTICE for their source).

use std::sync::LazyLock;

use serde_json::Value;

static POLICIES: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../data/aws-managed-policies.json")).unwrap_or_default());

const PREFIX: &str = "arn:aws:iam::aws:policy/";

/// The document of a managed policy.
pub(super) fn document(arn: &str) -> Option<Value> {
    POLICIES.get(arn)?.get("Document").cloned()
}

/// The ARN for a bare name, as SAM takes it in `Policies`.
pub(super) fn arn_of_name(name: &str) -> Option<String> {
    let names = POLICIES.as_object()?;
    names.keys().find(|arn| arn.rsplit('/').next() == Some(name)).cloned()
}

/// Whether this is an ARN of AWS's own policies.
pub(super) fn is_aws(arn: &str) -> bool {
    arn.starts_with(PREFIX)
}
