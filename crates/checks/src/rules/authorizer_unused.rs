//! An authorizer is defined and no route uses it.
//!
//! ## What it does
//! Looks for Lambda authorizers of an API that are neither its default nor named by any of its routes.
//!
//! ## Why is this bad?
//! Whoever reads the template takes the API for protected. Most often the line that attaches the authorizer was
//! forgotten, and every route is open.
//!
//! ## Example
//! ```yaml
//! Auth:
//!   Authorizers:
//!     Tokens: {FunctionArn: !GetAtt Check.Arn}
//! ```
//!
//! ## Use instead
//! ```yaml
//! Auth:
//!   DefaultAuthorizer: Tokens
//!   Authorizers:
//!     Tokens: {FunctionArn: !GetAtt Check.Arn}
//! ```
//!
//! ## Fix
//! Makes it the `DefaultAuthorizer`, or names it in every method or route, if it is the only one of its API. Routes that
//! say `Authorizer: NONE` and `OPTIONS` routes stay open.
//!
//! ## References
//! - [API Gateway Lambda authorizers](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-controlling-access-to-apis-lambda-authorizer.html)
//! - SAS-02 Broken authentication, OWASP-S2, CWE-306

use burgward_diag::Severity;

use crate::fixes::attach_authorizer;
use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

pub(super) const META: Meta = Meta {
    severity: Severity::Medium,
    confidence: Confidence::High,
    persona: Persona::Regular,
    tags: &["SAS-02", "OWASP-S2", "CWE-306"],
    why: "the API looks protected and is not",
    help: "make it the `DefaultAuthorizer` of the API, or remove it",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for api in &view.app.apis {
        for authorizer in &api.authorizers {
            let by_route = api.routes.iter().any(|r| r.authorizer.as_ref() == Some(&authorizer.name));
            if by_route || api.default_authorizer.as_ref() == Some(&authorizer.name) || api.routes.is_empty() {
                continue;
            }
            let title = format!("no route of `{}` uses the authorizer `{}`", api.logical_id, authorizer.name);
            let draft = Draft::at(&authorizer.span, title).label("defined, attached to nothing");
            report.push(match attach_authorizer(view, api) {
                Ok(fix) => draft.fix([fix]),
                Err(why) => draft.help(why),
            });
        }
    }
}
