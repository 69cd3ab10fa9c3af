//! A policy allows to pass any role to a service.
//!
//! ## What it does
//! Looks for statements of roles that allow `iam:PassRole` on every resource or on every role. With a condition on
//! `iam:PassedToService` or `iam:AssociatedResourceArn` the severity is medium.
//!
//! ## Why is this bad?
//! Who may pass any role and start anything that takes one (a function, a task, an instance) acts with the strongest
//! role of the account: the shortest way from a function to administrator.
//!
//! ## Example
//! ```yaml
//! - Effect: Allow
//!   Action: iam:PassRole
//!   Resource: '*'
//! ```
//!
//! ## Use instead
//! ```yaml
//! - Effect: Allow
//!   Action: iam:PassRole
//!   Resource: !GetAtt TaskRole.Arn
//!   Condition: {StringEquals: {iam:PassedToService: ecs-tasks.amazonaws.com}}
//! ```
//!
//! ## References
//! - [Granting a user permissions to pass a role to an AWS service](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html)
//! - SAS-04 Over-privileged function permissions and roles, OWASP-S5, CWE-269

use burgward_diag::Severity;

use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

pub(super) const META: Meta = Meta {
    severity: Severity::High,
    confidence: Confidence::High,
    persona: Persona::Regular,
    tags: &["SAS-04", "OWASP-S5", "CWE-269"],
    why: "who passes any role to a service acts with the strongest role of the account",
    help: "name the role's ARN and the service in a condition on `iam:PassedToService`",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for grant in view.grants.iter().filter(|g| g.written) {
        let Some(action) = grant.actions.iter().position(|a| a.eq_ignore_ascii_case("iam:PassRole")) else { continue };
        let any_role = |r: &str| r == "*" || r.ends_with(":role/*");
        let Some(at) = grant.resources.iter().position(|r| any_role(r)) else { continue };
        let title = format!("`{}` may pass any role to a service", grant.holder);
        let severity = if grant.conditional { Severity::Medium } else { Severity::High };
        let draft = Draft::at(&view.point(&grant.span, "Action", action), title).severity(severity);
        report.push(draft.related(&view.point(&grant.span, "Resource", at), "any role"));
    }
}
