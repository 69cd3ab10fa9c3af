//! A parameter has a secret as its default.
//!
//! ## What it does
//! Looks for template parameters whose `Default` is a secret: by its shape, or because the parameter's name promises one
//! and the value could be one. `NoEcho` hides a value from the console, not from the repository, and does not help here.
//!
//! ## Why is this bad?
//! The default is in the repository and its history, and it is what runs wherever nobody gave another value.
//!
//! ## Example
//! ```yaml
//! Parameters:
//!   DbPassword: {Type: String, NoEcho: true, Default: correct-horse-battery}
//! ```
//!
//! ## Use instead
//! ```yaml
//! Resources:
//!   DbSecret: {Type: AWS::SecretsManager::Secret, Properties: {GenerateSecretString: {PasswordLength: 32}}}
//! ```
//!
//! ## Fix
//! Removes the default and keeps the value out of the console with `NoEcho`: whoever deploys gives the value.
//!
//! ## References
//! - [CloudFormation parameters](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html)
//! - SAS-07 Insecure application secrets storage, OWASP-S3, CWE-798

use burgward_diag::Severity;

use crate::fixes::without_default;
use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::secrets::secret;
use crate::view::View;

pub(super) const META: Meta = Meta {
    severity: Severity::High,
    confidence: Confidence::Medium,
    persona: Persona::Regular,
    tags: &["SAS-07", "OWASP-S3", "CWE-798"],
    why: "the default is in the repository, and it is what runs wherever nobody gave another value",
    help: "remove the default, or let Secrets Manager make the value",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for parameter in view.section("Parameters") {
        let kind = parameter.value.get("Type").and_then(|n| n.as_str()).unwrap_or_default();
        let Some(default) = parameter.value.get("Default") else { continue };
        // The default of the other types is the name of something, not the thing.
        let Some(text) = default.scalar().filter(|_| kind == "String") else { continue };
        if let Some(what) = secret(&parameter.key, &text) {
            let title = format!("the default of the parameter `{}` is {what}", parameter.key);
            let draft = Draft::at(&default.span, title).related(&parameter.key_span, "the parameter");
            report.push(draft.fix(without_default(view, parameter, text)));
        }
    }
}
