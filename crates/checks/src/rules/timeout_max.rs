//! A function may run much longer than anybody waits for it.
//!
//! ## What it does
//! Looks for functions with the longest timeout that Lambda knows (900 seconds), and for functions behind an API whose
//! timeout is longer than the API waits for an answer.
//!
//! ## Why is this bad?
//! A request that hangs is paid for until the timeout and holds one of the account's concurrent executions: a handful of
//! slow requests a second is enough to stop all functions.
//!
//! ## Example
//! ```yaml
//! Timeout: 900
//! ```
//!
//! ## Use instead
//! ```yaml
//! Timeout: 10
//! ```
//!
//! ## References
//! - [Configure Lambda function timeout](https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html)
//! - SAS-08 Denial of service and financial resource exhaustion, CWE-770

use burgward_diag::Severity;

use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

pub(super) const META: Meta = Meta {
    severity: Severity::Low,
    confidence: Confidence::Medium,
    persona: Persona::Pedantic,
    tags: &["SAS-08", "CWE-770"],
    why: "a request that hangs is paid for and holds one of the account's concurrent executions until the timeout",
    help: "set the timeout to a few times what a request normally takes",
};

/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const LONGEST_SECS: u32 = 900;

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for function in &view.app.functions {
        let secs = function.timeout_secs.value;
        let routes = view.app.apis.iter().flat_map(|api| &api.routes).filter(|r| r.function == function.logical_id);
        let waits = routes.map(|r| r.timeout_ms.div_ceil(1000)).max();
        let title = match waits {
            Some(waits) if secs > waits => {
                format!("`{}` may run for {secs} s; its API waits for {waits} s", function.logical_id)
            }
            _ if secs >= LONGEST_SECS => format!("`{}` may run for the longest time there is", function.logical_id),
            _ => continue,
        };
        report.push(Draft::at(&function.timeout_secs.span, title));
    }
}
