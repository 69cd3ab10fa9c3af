//! Anybody may invoke a function.
//!
//! ## What it does
//! Looks for Lambda permissions whose principal is `*` without a source account or source ARN. Permissions of function
//! URLs of type `NONE` are the matter of `function-url-no-auth`.
//!
//! ## Why is this bad?
//! Every AWS account in the world may run the function, with any event: also one that looks as if it came from your API,
//! with an authorizer's answer already in it.
//!
//! ## Example
//! ```yaml
//! Properties: {FunctionName: !Ref Work, Action: lambda:InvokeFunction, Principal: '*'}
//! ```
//!
//! ## Use instead
//! ```yaml
//! Properties: {FunctionName: !Ref Work, Action: lambda:InvokeFunction, Principal: '111122223333'}
//! ```
//!
//! ## References
//! - [FSBP Lambda.1: function policies should prohibit public access](https://docs.aws.amazon.com/securityhub/latest/userguide/lambda-controls.html#lambda-1)
//! - SAS-03 Insecure serverless deployment configuration, OWASP-S5, CWE-732

use burgward_diag::Severity;

use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

pub(super) const META: Meta = Meta {
    severity: Severity::Critical,
    confidence: Confidence::High,
    persona: Persona::Regular,
    tags: &["SAS-03", "OWASP-S5", "CWE-732"],
    why: "every AWS account may run the function, with an event of its own making",
    help: "name the account or the service, and for a service `SourceArn` as well",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for (entry, properties) in view.resources("AWS::Lambda::Permission") {
        let Some(principal) = properties.get("Principal").filter(|n| n.as_str() == Some("*")) else { continue };
        let url = properties.get("FunctionUrlAuthType").and_then(|n| n.as_str()) == Some("NONE");
        let limits = ["SourceArn", "SourceAccount", "PrincipalOrgID"];
        if !url && !limits.iter().any(|key| properties.get(key).is_some()) {
            report.push(Draft::at(&principal.span, format!("`{}` lets anybody invoke a function", entry.key)));
        }
    }
}
