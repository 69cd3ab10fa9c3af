//! A function's URL can be called by anybody.
//!
//! ## What it does
//! Looks for function URLs with `AuthType: NONE`, in SAM's `FunctionUrlConfig` and in `AWS::Lambda::Url`.
//!
//! ## Why is this bad?
//! The function runs, with its role, for anybody who finds the URL. No throttle, authorizer or firewall stands before
//! it: reserved concurrency is the only bound.
//!
//! ## Example
//! ```yaml
//! FunctionUrlConfig: {AuthType: NONE}
//! ```
//!
//! ## Use instead
//! ```yaml
//! FunctionUrlConfig: {AuthType: AWS_IAM}
//! ```
//!
//! ## References
//! - [Control access to Lambda function URLs](https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html)
//! - SAS-02 Broken authentication, OWASP-S2, CWE-306

use burgward_diag::Severity;
use burgward_template::tree::Node;

use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

pub(super) const META: Meta = Meta {
    severity: Severity::Medium,
    confidence: Confidence::High,
    persona: Persona::Regular,
    tags: &["SAS-02", "OWASP-S2", "CWE-306"],
    why: "anybody who finds the URL runs the function, with no throttle or firewall before it",
    help: "use `AuthType: AWS_IAM`, or an API with an authorizer",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for (entry, properties) in view.resources("AWS::Serverless::Function") {
        if let Some(config) = properties.get("FunctionUrlConfig") {
            of_config(&entry.key, config, report);
        }
    }
    if let Some(config) = view.global(&["Function", "FunctionUrlConfig"]) {
        of_config("Globals", config, report);
    }
    for (entry, properties) in view.resources("AWS::Lambda::Url") {
        of_config(&entry.key, properties, report);
    }
}

fn of_config(owner: &str, config: &Node, report: &mut Report) {
    if let Some(kind) = config.get("AuthType").filter(|n| n.as_str() == Some("NONE")) {
        report.push(Draft::at(&kind.span, format!("the function URL of `{owner}` is open to anybody")));
    }
}
