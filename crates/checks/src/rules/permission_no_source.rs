//! A service may invoke a function on behalf of anybody.
//!
//! ## What it does
//! Looks for Lambda permissions for an AWS service without `SourceArn` and without `SourceAccount`.
//!
//! ## Why is this bad?
//! The service acts for all its customers. Somebody makes a bucket, topic or API in their own account, points it at your
//! function, and the service invokes it for them: the confused deputy.
//!
//! ## Example
//! ```yaml
//! Properties: {FunctionName: !Ref Work, Action: lambda:InvokeFunction, Principal: s3.amazonaws.com}
//! ```
//!
//! ## Use instead
//! ```yaml
//! Properties:
//!   FunctionName: !Ref Work
//!   Action: lambda:InvokeFunction
//!   Principal: s3.amazonaws.com
//!   SourceArn: !Sub arn:aws:s3:::${Uploads}
//!   SourceAccount: !Ref AWS::AccountId
//! ```
//!
//! ## References
//! - [The confused deputy problem](https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html)
//! - SAS-03 Insecure serverless deployment configuration, OWASP-S5, CWE-441

use burgward_diag::Severity;

use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

pub(super) const META: Meta = Meta {
    severity: Severity::Medium,
    confidence: Confidence::High,
    persona: Persona::Regular,
    tags: &["SAS-03", "OWASP-S5", "CWE-441"],
    why: "the service invokes the function for other customers as well",
    help: "add `SourceArn`, and for S3 `SourceAccount` as well",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for (entry, properties) in view.resources("AWS::Lambda::Permission") {
        let Some(principal) = properties.get("Principal") else { continue };
        let Some(service) = principal.as_str().filter(|text| text.ends_with(".amazonaws.com")) else { continue };
        let limits = ["SourceArn", "SourceAccount", "EventSourceToken", "PrincipalOrgID"];
        if !limits.iter().any(|key| properties.get(key).is_some()) {
            let title = format!("`{}` lets `{service}` invoke a function on behalf of anybody", entry.key);
            report.push(Draft::at(&principal.span, title).label("for whom?"));
        }
    }
}
