//! Anybody may assume a role.
//!
//! ## What it does
//! Asks the policy engine whether a caller without a name passes the role's trust policy; conditions and denials count.
//!
//! ## Why is this bad?
//! Every AWS account in the world takes the role, with all that it allows, without touching the app at all.
//!
//! ## Example
//! ```yaml
//! AssumeRolePolicyDocument:
//!   Statement: {Effect: Allow, Principal: {AWS: '*'}, Action: sts:AssumeRole}
//! ```
//!
//! ## Use instead
//! ```yaml
//! AssumeRolePolicyDocument:
//!   Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}
//! ```
//!
//! ## References
//! - [How to use trust policies with IAM roles](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html)
//! - SAS-04 Over-privileged function permissions and roles, OWASP-S5, CWE-284

use burgward_diag::Severity;

use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

use crate::strangers::may_assume;
use crate::view::settled;

pub(super) const META: Meta = Meta {
    severity: Severity::Critical,
    confidence: Confidence::High,
    persona: Persona::Regular,
    tags: &["SAS-04", "OWASP-S5", "CWE-284"],
    why: "every AWS account in the world can take the role, with all that it allows",
    help: "name the service, account or role that needs it; for other accounts add `sts:ExternalId`",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for (entry, properties) in view.resources("AWS::IAM::Role") {
        let Some(trust) = properties.get("AssumeRolePolicyDocument") else { continue };
        let as_text = trust.as_str().and_then(|text| serde_json::from_str(text).ok());
        let Some(index) = may_assume(&as_text.unwrap_or_else(|| settled(trust))) else { continue };
        let statement = trust.get("Statement").map(|n| n.items().get(index).unwrap_or(n));
        let place = statement.map_or_else(|| entry.key_span.clone(), |n| view.point(&n.span, "Principal", 0));
        report.push(Draft::at(&place, format!("anybody may assume the role `{}`", entry.key)).label("anybody"));
    }
}
