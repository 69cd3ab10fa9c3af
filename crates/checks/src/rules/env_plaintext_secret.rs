//! A secret stands as plain text in an environment variable.
//!
//! ## What it does
//! Looks at environment variables of functions whose value is written in the template. A value counts as a secret if its
//! shape says so (an access key id, a private key, a token with an issuer's prefix, a password in a URL), or if the
//! variable's name promises one and the value could be one, or a name such as `KEY` goes with a value that looks random.
//! References, placeholders, and parameters with `NoEcho` are left alone. A secret that a dynamic reference brings is a
//! finding of severity low: it is not in the repository, but readable as the function's configuration.
//!
//! ## Why is this bad?
//! The secret is in the repository and its history, in the console for everybody with read access to the function, and
//! in every process that the function starts. It is not rotated, because that is a deployment.
//!
//! ## Example
//! ```yaml
//! Environment:
//!   Variables:
//!     DB_PASSWORD: correct-horse-battery
//! ```
//!
//! ## Use instead
//! ```yaml
//! Environment:
//!   Variables:
//!     DB_SECRET: !Ref DatabaseSecret   # and fetch it at run time
//! ```
//!
//! ## Fix
//! The value moves to a parameter without a default, which a secret in Secrets Manager takes it from, and the variable
//! refers to the secret. With `--fix=all`, the variable names the secret instead, and the code fetches it: only where the
//! code reads the variable by its name and in no other way.
//!
//! ## References
//! - [Working with Lambda environment variables: security](https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html)
//! - SAS-07 Insecure application secrets storage, OWASP-S3, CWE-798

use burgward_diag::Severity;
use burgward_template::model::{DynamicReference, Text};
use burgward_template::tree::Node;

use crate::fixes::move_secret;
use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::secrets::{named, secret};
use crate::view::View;

pub(super) const META: Meta = Meta {
    severity: Severity::High,
    confidence: Confidence::Medium,
    persona: Persona::Regular,
    tags: &["SAS-07", "OWASP-S3", "CWE-798"],
    why: "it can be read in the repository, in the console, and by every process of the function",
    help: "keep it in Secrets Manager and fetch it at run time, or use a `{{resolve:secretsmanager:...}}` reference; and \
           replace it: it is known by now",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for function in &view.app.functions {
        for (name, value) in &function.env {
            if let Some(kind) = looked_up(name, &value.value) {
                let title =
                    format!("`{name}` of `{}` holds a secret that {kind} brings at deployment", function.logical_id);
                let draft = Draft::at(&value.span, title).label("readable as configuration").severity(Severity::Low);
                let help = "fetch it at run time, and give the function the secret's ARN alone";
                report.push(draft.help(help).fix(move_secret(view, function, name, &value.span)));
                continue;
            }
            let Some(text) = view.node_at(&value.span).filter(|_| !value.value.no_echo).and_then(written) else {
                continue;
            };
            let Some(what) = secret(name, text) else { continue };
            let title = format!("`{name}` of `{}` holds {what} as plain text", function.logical_id);
            report.push(Draft::at(&value.span, title).label(what).fix(move_secret(view, function, name, &value.span)));
        }
    }
}

/// What brings the value, if it is a secret that is looked up at deployment: by the variable's name, or because all of a
/// secret is the value.
fn looked_up(name: &str, value: &Text) -> Option<&'static str> {
    let whole = |r: &DynamicReference| {
        matches!(r, DynamicReference::Secret { json_key: None, .. } | DynamicReference::SsmSecure { .. })
    };
    let kind = |r: &DynamicReference| match r {
        DynamicReference::Ssm { .. } => "a Systems Manager parameter",
        DynamicReference::SsmSecure { .. } => "a secure Systems Manager parameter",
        DynamicReference::Secret { .. } => "Secrets Manager",
    };
    value.references().find(|r| named(name) || whole(r)).map(kind)
}

/// The text as written: a literal, or the pattern of a `!Sub`, whose `${}` no secret contains.
fn written(node: &Node) -> Option<&str> {
    node.as_str().or_else(|| node.get("Fn::Sub")?.as_str())
}
