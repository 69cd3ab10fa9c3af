//! What a policy of a resource lets strangers do, as the policy engine decides it.

use burgward_iam::{Context, Effect, Layer, Policies, Policy, PolicyKind, Request, decide};
use burgward_types::Principal;
use serde_json::Value;

use crate::grants::{allows, statements, texts};

/// A statement that lets anybody in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Opening {
    /// The statement's index.
    pub(crate) statement: usize,
    /// An action it opens, as the policy writes it.
    pub(crate) action: String,
}

/// The statements of a resource's policy by which anybody at all may act on it.
///
/// Each allowing statement's first action is asked of the policy engine as somebody without any name, over TLS, from an
/// address of the documentation range (RFC 5737): conditions and denials of the whole policy count as they do on AWS.
pub(crate) fn openings(document: &Value, arn: &str) -> Vec<Opening> {
    let Ok(policy) = Policy::from_value(document, "resource policy", PolicyKind::Resource, &[]) else {
        return Vec::new();
    };
    let mut context = Context::new();
    context.set("aws:SecureTransport", true);
    context.set("aws:SourceIp", "203.0.113.7");
    let mut found = Vec::new();
    for (index, statement) in statements(document).iter().enumerate().filter(|(_, s)| allows(s)) {
        let Some(action) = texts(statement, "Action").into_iter().next() else { continue };
        let resource = texts(statement, "Resource").into_iter().next().unwrap_or(arn);
        let asked = concrete(action, arn);
        let request = Request {
            principal: &Principal::Anonymous,
            action: &asked,
            resource: &resource.replace('*', "x"),
            resource_account: None,
            context: &context,
        };
        let decision = decide(&request, &Policies { resource: Some(&policy), ..Policies::default() });
        let by_it = decision.by.is_some_and(|by| by.layer == Layer::Resource && by.statement as usize == index);
        if decision.is_allowed() && by_it {
            found.push(Opening { statement: index, action: action.to_owned() });
        }
    }
    found
}

/// Whether a resource's policy refuses a call over plain HTTP whoever makes it.
pub(crate) fn denies_plain_http(document: &Value, arn: &str) -> bool {
    let Ok(policy) = Policy::from_value(document, "resource policy", PolicyKind::Resource, &[]) else {
        return false;
    };
    let mut context = Context::new();
    context.set("aws:SecureTransport", false);
    let asked = |resource: &str| {
        let request = Request {
            principal: &Principal::Anonymous,
            action: "s3:GetObject",
            resource,
            resource_account: None,
            context: &context,
        };
        decide(&request, &Policies { resource: Some(&policy), ..Policies::default() }).effect
    };
    asked(&format!("{arn}/x")) == Effect::ExplicitDeny
}

/// The statement of a role's trust policy by which anybody at all may assume it.
pub(crate) fn may_assume(trust: &Value) -> Option<usize> {
    let policy = Policy::from_value(trust, "trust policy", PolicyKind::Trust, &[]).ok()?;
    let context = Context::new();
    let request = Request {
        principal: &Principal::Anonymous,
        action: "sts:AssumeRole",
        resource: "arn:aws:iam::123456789012:role/x",
        resource_account: None,
        context: &context,
    };
    let decision = decide(&request, &Policies { resource: Some(&policy), ..Policies::default() });
    decision.is_allowed().then_some(decision.by)?.map(|by| by.statement as usize)
}

/// An action that a pattern matches; `*` alone becomes one of the resource's service.
fn concrete(action: &str, arn: &str) -> String {
    if action == "*" {
        let service = arn.split(':').nth(2).unwrap_or("s3");
        return format!("{service}:Any");
    }
    action.replace('*', "Any")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn open(condition: Option<Value>, principal: &Value) -> usize {
        let mut allow =
            json!({"Effect": "Allow", "Principal": principal, "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*"});
        if let Some(condition) = condition {
            allow["Condition"] = condition;
        }
        openings(&json!({"Version": "2012-10-17", "Statement": [allow]}), "arn:aws:s3:::b").len()
    }

    #[test]
    fn conditions_count_as_the_engine_decides_them() {
        assert_eq!(open(None, &json!("*")), 1);
        assert_eq!(open(None, &json!({"AWS": "*"})), 1);
        assert_eq!(open(None, &json!({"AWS": "111122223333"})), 0);
        assert_eq!(open(None, &json!({"Service": "cloudfront.amazonaws.com"})), 0);
        assert_eq!(open(Some(json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}})), &json!("*")), 0);
        assert_eq!(open(Some(json!({"Bool": {"aws:SecureTransport": "true"}})), &json!("*")), 1);
        assert_eq!(open(Some(json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})), &json!("*")), 0);
    }
}
