//! A policy allows every action of a service.
//!
//! ## What it does
//! Looks for statements of roles that allow `service:*`. On every resource the severity is high, on named ones medium.
//! Services of which nothing can be taken or broken (tracing, metrics, stateless analysis) are left alone.
//!
//! ## Why is this bad?
//! `dynamodb:*` for a function that reads is also `dynamodb:DeleteTable`; `s3:*` is also `s3:PutBucketPolicy`, which
//! opens the bucket to the world.
//!
//! ## Example
//! ```yaml
//! - Effect: Allow
//!   Action: dynamodb:*
//!   Resource: !GetAtt Orders.Arn
//! ```
//!
//! ## Use instead
//! ```yaml
//! - Effect: Allow
//!   Action: [dynamodb:GetItem, dynamodb:Query]
//!   Resource: !GetAtt Orders.Arn
//! ```
//!
//! ## References
//! - [Actions, resources, and condition keys for AWS services](https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html)
//! - SAS-04 Over-privileged function permissions and roles, OWASP-S5, CWE-250

use burgward_diag::Severity;

use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

use crate::actions::harmless_service;

pub(super) const META: Meta = Meta {
    severity: Severity::Medium,
    confidence: Confidence::High,
    persona: Persona::Regular,
    tags: &["SAS-04", "OWASP-S5", "CWE-250"],
    why: "all of a service's actions include those that delete it and those that open it to others",
    help: "name the actions that the code calls; `burgward fit` writes such a policy",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for grant in view.grants.iter().filter(|g| g.written && g.any_action().is_none()) {
        let Some((at, service)) = grant.any_of_service() else { continue };
        if harmless_service(service) {
            continue;
        }
        let everywhere = grant.any_resource().is_some();
        let on = if everywhere { " on every resource" } else { "" };
        let title = format!("`{}` allows every action of `{service}`{on}", grant.holder);
        let severity = if everywhere { Severity::High } else { Severity::Medium };
        report.push(Draft::at(&view.point(&grant.span, "Action", at), title).severity(severity));
    }
}
