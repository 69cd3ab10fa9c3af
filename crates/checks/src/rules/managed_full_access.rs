//! A role has an AWS managed policy that allows all of a service.
//!
//! ## What it does
//! Looks for `AdministratorAccess` and `PowerUserAccess` (critical) and for managed policies whose names end in
//! `FullAccess` (high for IAM, medium for others), attached to roles or to functions.
//!
//! ## Why is this bad?
//! Those policies are made for people who administer a service. A function needs a handful of its actions, on resources
//! that it can name.
//!
//! ## Example
//! ```yaml
//! Policies:
//!   - AmazonDynamoDBFullAccess
//! ```
//!
//! ## Use instead
//! ```yaml
//! Policies:
//!   - DynamoDBReadPolicy:
//!       TableName: !Ref Orders
//! ```
//!
//! ## References
//! - [AWS managed policies](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html#aws-managed-policies)
//! - SAS-04 Over-privileged function permissions and roles, OWASP-S5, CWE-250

use burgward_diag::Severity;
use burgward_template::tree::Node;

use crate::actions::harmless_service;
use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

pub(super) const META: Meta = Meta {
    severity: Severity::Medium,
    confidence: Confidence::High,
    persona: Persona::Regular,
    tags: &["SAS-04", "OWASP-S5", "CWE-250"],
    why: "the policy is made for people who administer the service; a function needs a handful of its actions",
    help: "use a SAM policy template, or name actions and ARNs; `burgward fit` writes such a policy",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for (kind, key) in [("AWS::IAM::Role", "ManagedPolicyArns"), ("AWS::Serverless::Function", "Policies")] {
        for (entry, properties) in view.resources(kind) {
            if let Some(policies) = properties.get(key) {
                attached(policies, &entry.key, report);
            }
        }
    }
    if let Some(policies) = view.global(&["Function", "Policies"]) {
        attached(policies, "Globals", report);
    }
}

/// Policies are names or ARNs, alone, in lists or within functions such as `!Sub`.
fn attached(node: &Node, owner: &str, report: &mut Report) {
    let statement = node.get("Statement").is_some();
    for child in node.items().iter().chain(node.entries().iter().map(|e| &e.value)).filter(|_| !statement) {
        attached(child, owner, report);
    }
    let Some(name) = node.as_str().map(|text| text.rsplit('/').next().unwrap_or(text)) else { return };
    let Some(severity) = severity(name) else { return };
    report.push(Draft::at(&node.span, format!("`{owner}` has the managed policy `{name}`")).severity(severity));
}

fn severity(name: &str) -> Option<Severity> {
    let service = name.trim_end_matches("FullAccess").trim_start_matches("Amazon").trim_start_matches("AWS");
    let service = service.trim_matches('_').to_lowercase();
    match name {
        "AdministratorAccess" | "PowerUserAccess" => Some(Severity::Critical),
        "IAMFullAccess" => Some(Severity::High),
        _ if harmless_service(&service) || matches!(service.as_str(), "cloudwatchlogs" | "xrayfull") => None,
        _ => name.ends_with("FullAccess").then_some(Severity::Medium),
    }
}
