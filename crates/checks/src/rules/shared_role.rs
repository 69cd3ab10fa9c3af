//! Several functions share one role that may write.
//!
//! ## What it does
//! Looks for roles that two or more functions take and that allow to change something other than logs, traces and
//! metrics.
//!
//! ## Why is this bad?
//! Every function has what the most demanding one needs: the one that only reads may delete, the one that faces the
//! internet has the rights of the one that does not. A finding in one of them is a finding in all.
//!
//! ## Example
//! ```yaml
//! Reader: {Type: AWS::Serverless::Function, Properties: {Role: !GetAtt Shared.Arn}}
//! Writer: {Type: AWS::Serverless::Function, Properties: {Role: !GetAtt Shared.Arn}}
//! ```
//!
//! ## Use instead
//! ```yaml
//! Reader: {Type: AWS::Serverless::Function, Properties: {Policies: [DynamoDBReadPolicy: {TableName: !Ref Orders}]}}
//! Writer: {Type: AWS::Serverless::Function, Properties: {Policies: [DynamoDBWritePolicy: {TableName: !Ref Orders}]}}
//! ```
//!
//! ## References
//! - [Lambda execution roles](https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html)
//! - SAS-04 Over-privileged function permissions and roles, OWASP-S5, CWE-250

use burgward_diag::Severity;

use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

use crate::actions::writes;

pub(super) const META: Meta = Meta {
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    persona: Persona::Regular,
    tags: &["SAS-04", "OWASP-S5", "CWE-250"],
    why: "every function has what the most demanding of them needs: the one that only reads may delete",
    help: "give each function a role of its own; `burgward fit` writes them",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for role in &view.app.roles {
        let users: Vec<_> = view.app.functions.iter().filter(|f| f.role == role.logical_id).collect();
        let of_role = view.grants.iter().filter(|g| g.role.as_ref() == Some(&role.logical_id));
        let writing = of_role.flat_map(|g| &g.actions).find(|a| writes(a));
        let (Some(writing), true) = (writing, users.len() > 1) else { continue };
        let title = format!("{} functions share the role `{}`, which allows `{writing}`", users.len(), role.logical_id);
        let draft = Draft::at(&role.span, title);
        let draft = users.iter().fold(draft, |draft, function| {
            let written = view.properties(&function.logical_id).and_then(|p| p.get("Role"));
            let place = written.map_or(&function.span, |n| &n.span);
            draft.related(place, format!("`{}` takes it", function.logical_id))
        });
        report.push(draft);
    }
}
