//! A secret stands as plain text in a parameter of the parameter store.
//!
//! ## What it does
//! Looks for `AWS::SSM::Parameter` resources whose value, written in the template, is a secret: by its shape, or because
//! the parameter's name promises one and the value could be one.
//!
//! ## Why is this bad?
//! CloudFormation makes no `SecureString`: the value is in the repository, and readable in the account for everybody
//! with `ssm:GetParameter`.
//!
//! ## Example
//! ```yaml
//! Properties: {Name: /shop/api_key, Type: String, Value: akdfaksdfjkasdfj345}
//! ```
//!
//! ## Use instead
//! ```yaml
//! Type: AWS::SecretsManager::Secret
//! Properties: {Name: shop/api_key}   # the value is put in after the deployment
//! ```
//!
//! ## References
//! - [AWS::SSM::Parameter](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html)
//! - SAS-07 Insecure application secrets storage, OWASP-S3, CWE-798

use burgward_diag::Severity;

use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

use crate::secrets::secret;

pub(super) const META: Meta = Meta {
    severity: Severity::High,
    confidence: Confidence::Medium,
    persona: Persona::Regular,
    tags: &["SAS-07", "OWASP-S3", "CWE-798"],
    why: "it can be read in the repository, and in the account by everybody who reads parameters",
    help: "keep it in Secrets Manager, or make a `SecureString` outside of the template; and replace it",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for (entry, properties) in view.resources("AWS::SSM::Parameter") {
        let Some(value) = properties.get("Value") else { continue };
        let Some(text) = value.as_str() else { continue };
        let name = properties.get("Name").and_then(|n| n.as_str()).unwrap_or(&entry.key);
        let last = name.rsplit('/').next().unwrap_or(name);
        if let Some(what) = secret(last, text) {
            report.push(Draft::at(&value.span, format!("the parameter `{}` holds {what} as plain text", entry.key)));
        }
    }
}
