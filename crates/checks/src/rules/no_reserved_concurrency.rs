//! A function that anybody may start has no bound of its own.
//!
//! ## What it does
//! Looks for functions behind routes without authorizer and key that reserve no concurrency.
//!
//! ## Why is this bad?
//! Strangers can use up the concurrency that all functions of the account share, also those that have nothing to do
//! with this application.
//!
//! ## Example
//! ```yaml
//! Hello: {Type: AWS::Serverless::Function, Properties: {Events: {Get: {Type: HttpApi}}}}
//! ```
//!
//! ## Use instead
//! ```yaml
//! Hello: {Type: AWS::Serverless::Function, Properties: {ReservedConcurrentExecutions: 20, Events: {Get: {Type: HttpApi}}}}
//! ```
//!
//! ## References
//! - [Configuring reserved concurrency](https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html)
//! - SAS-08 Denial of service and financial resource exhaustion, CWE-770

use burgward_diag::Severity;

use crate::doors::open_routes;
use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

pub(super) const META: Meta = Meta {
    severity: Severity::Low,
    confidence: Confidence::Medium,
    persona: Persona::Pedantic,
    tags: &["SAS-08", "CWE-770"],
    why: "strangers can use up the concurrency that all functions of the account share",
    help: "set `ReservedConcurrentExecutions`",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let open: Vec<_> = view.app.apis.iter().flat_map(|api| open_routes(view, api)).collect();
    for function in view.app.functions.iter().filter(|f| f.reserved_concurrency.is_none()) {
        if let Some(route) = open.iter().find(|r| r.function == function.logical_id) {
            let title = format!("`{}` reserves no concurrency, and anybody may start it", function.logical_id);
            report.push(Draft::at(&function.span, title).related(&route.span, "by this route"));
        }
    }
}
