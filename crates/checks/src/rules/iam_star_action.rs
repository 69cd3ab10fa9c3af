//! A policy allows every action.
//!
//! ## What it does
//! Looks for statements of roles that allow `Action: '*'`, or that allow everything but a list (`NotAction`). On every
//! resource and without a condition the severity is critical, otherwise high.
//!
//! ## Why is this bad?
//! Whoever makes the function do what it should not do has the whole account: an injection in one handler reads every
//! table, deletes every bucket and makes itself a user that stays.
//!
//! ## Example
//! ```yaml
//! - Effect: Allow
//!   Action: '*'
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
//! - [Grant least privilege](https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege)
//! - SAS-04 Over-privileged function permissions and roles, OWASP-S5, CWE-250

use burgward_diag::Severity;

use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

pub(super) const META: Meta = Meta {
    severity: Severity::Critical,
    confidence: Confidence::High,
    persona: Persona::Regular,
    tags: &["SAS-04", "OWASP-S5", "CWE-250"],
    why: "one flaw in a function that holds this role gives away everything in the account",
    help: "name the actions that the code calls; `burgward fit` writes such a policy",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for grant in view.grants.iter().filter(|g| g.written) {
        let (place, what) = match grant.any_action() {
            Some(at) => (view.point(&grant.span, "Action", at), "every action"),
            None if grant.not_actions.is_empty() => continue,
            None => (view.point(&grant.span, "NotAction", 0), "every action but a few"),
        };
        let everywhere = grant.any_resource().is_some() && !grant.conditional;
        let title = format!("`{}` allows {what}", grant.holder);
        let severity = if everywhere { Severity::Critical } else { Severity::High };
        report.push(Draft::at(&place, title).severity(severity).label(what));
    }
}
