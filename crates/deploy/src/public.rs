//! Bucket policies that S3 calls public, and what Block Public Access makes of them.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>

use burgward_template::model::Bucket;
use serde_json::Value;

use crate::DeployError;

/// Keys whose fixed values keep a statement from being public.
const FIXING: [&str; 12] = [
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointarn",
];

/// AWS refuses a public policy while `BlockPublicPolicy` is on, as it is unless the template switches it off.
pub(crate) fn check(bucket: &Bucket) -> Result<(), DeployError> {
    let Some(policy) = &bucket.policy else { return Ok(()) };
    if !is_public(&policy.document) {
        return Ok(());
    }
    let block = bucket.public_access_block;
    let message = if block.block_public_policy {
        "the bucket policy is public, and `BlockPublicPolicy` is on (it is unless switched off): AWS refuses it\n  hint: \
         name the principals, or switch the block off if everybody is to read the bucket"
    } else if block.restrict_public_buckets {
        "the bucket policy is public, and `RestrictPublicBuckets` narrows it in a way that is not enforced here\n  hint: \
         name the principals in the policy"
    } else {
        return Ok(());
    };
    Err(DeployError::Unenforced { place: policy.span.place(), message: message.to_owned() })
}

/// True if a statement allows everybody and no condition ties it to fixed values.
fn is_public(document: &Value) -> bool {
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let allows = |s: &&Value| s.get("Effect").and_then(Value::as_str) == Some("Allow");
    statements.into_iter().filter(allows).any(|s| is_for_everybody(s) && !is_tied(s))
}

fn is_for_everybody(statement: &Value) -> bool {
    let star = |value: &Value| match value {
        Value::String(text) => text == "*",
        Value::Array(all) => all.iter().any(|one| one.as_str() == Some("*")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    };
    match statement.get("Principal") {
        Some(Value::Object(kinds)) => kinds.values().any(star),
        Some(other) => star(other),
        // `NotPrincipal` with `Allow` is everybody but some.
        None => true,
    }
}

fn is_tied(statement: &Value) -> bool {
    let Some(condition) = statement.get("Condition").and_then(Value::as_object) else { return false };
    condition.iter().any(|(operator, keys)| {
        let operator = operator.to_ascii_lowercase();
        let positive = ["stringequals", "stringlike", "arnequals", "arnlike", "ipaddress"];
        let positive = positive.iter().any(|name| operator == *name || operator == format!("{name}ignorecase"));
        let fixed = |key: &str, value: &Value| FIXING.contains(&key.to_ascii_lowercase().as_str()) && is_fixed(value);
        positive && keys.as_object().is_some_and(|keys| keys.iter().any(|(key, value)| fixed(key, value)))
    })
}

/// No value has a wildcard or a variable, and no address range is the whole internet.
fn is_fixed(value: &Value) -> bool {
    let fixed = |text: &str| !text.contains(['*', '?', '$']) && !text.ends_with("/0");
    match value {
        Value::String(text) => fixed(text),
        Value::Array(all) => !all.is_empty() && all.iter().all(|one| one.as_str().is_some_and(fixed)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn policy(principal: &Value, condition: &Value) -> Value {
        json!({"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject",
                              "Resource": "*", "Condition": condition}]})
    }

    #[test]
    fn only_fixed_values_tie_a_statement() {
        let everybody = json!("*");
        assert!(is_public(&policy(&everybody, &json!({}))));
        assert!(is_public(&policy(&json!({"AWS": ["*"]}), &json!({"StringLike": {"aws:SourceVpc": "vpc-*"}}))));
        assert!(is_public(&policy(&everybody, &json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}))));
        assert!(is_public(&policy(&everybody, &json!({"StringNotEquals": {"aws:SourceAccount": "123456789012"}}))));
        assert!(!is_public(&policy(&everybody, &json!({"StringEquals": {"aws:SourceAccount": "123456789012"}}))));
        assert!(!is_public(&policy(&json!({"AWS": "arn:aws:iam::123456789012:root"}), &json!({}))));
    }
}
