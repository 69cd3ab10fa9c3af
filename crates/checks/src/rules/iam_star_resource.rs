//! A policy allows a dangerous action on every resource.
//!
//! ## What it does
//! Looks for statements of roles that allow an action on `Resource: '*'` which changes something or reveals a secret, and
//! which AWS lets a policy narrow to a resource. Reading is left alone, and so are actions that only know `*`, such as
//! `xray:PutTraceSegments`. With a condition it is a finding for the pedantic persona.
//!
//! ## Why is this bad?
//! The function needs one table; the policy gives it those of every other application in the account. For
//! `secretsmanager:GetSecretValue`, `kms:Decrypt`, `sts:AssumeRole` and `iam:` actions the severity is high: they lead
//! to further rights.
//!
//! ## Example
//! ```yaml
//! - Effect: Allow
//!   Action: dynamodb:PutItem
//!   Resource: '*'
//! ```
//!
//! ## Use instead
//! ```yaml
//! - Effect: Allow
//!   Action: dynamodb:PutItem
//!   Resource: !GetAtt Orders.Arn
//! ```
//!
//! ## References
//! - [IAM JSON policy elements: Resource](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html)
//! - SAS-04 Over-privileged function permissions and roles, OWASP-S5, CWE-250

use burgward_diag::Severity;

use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

use crate::actions::{escalates, narrowable};

pub(super) const META: Meta = Meta {
    severity: Severity::Medium,
    confidence: Confidence::High,
    persona: Persona::Regular,
    tags: &["SAS-04", "OWASP-S5", "CWE-250"],
    why: "the action reaches what belongs to every other application in the account",
    help: "name the ARN, such as `!GetAtt Table.Arn`",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for grant in view.grants.iter().filter(|g| g.written && g.any_action().is_none() && g.any_of_service().is_none()) {
        let Some(at) = grant.any_resource() else { continue };
        let passes_role = |a: &str| a.eq_ignore_ascii_case("iam:PassRole");
        let wide: Vec<_> = grant.actions.iter().filter(|a| narrowable(a) && !passes_role(a)).collect();
        let Some(first) = wide.iter().find(|a| escalates(a)).or_else(|| wide.first()) else { continue };
        let more = if wide.len() > 1 { format!(" and {} more actions", wide.len() - 1) } else { String::new() };
        let title = format!("`{}` allows `{first}`{more} on every resource", grant.holder);
        let severity = if escalates(first) { Severity::High } else { Severity::Medium };
        let persona = if grant.conditional { Persona::Pedantic } else { Persona::Regular };
        let draft = Draft::at(&view.point(&grant.span, "Resource", at), title);
        report.push(draft.severity(severity).persona(persona).label("every resource"));
    }
}
