//! An API has no throttle of its own.
//!
//! ## What it does
//! Looks for APIs of which no stage, route or usage plan limits the rate of requests. With routes that anybody may call
//! the severity is medium, otherwise low.
//!
//! ## Why is this bad?
//! Only the account's limit holds (10,000 requests a second in a region, shared by all its APIs): one caller takes all
//! other APIs of the account down with it, and every request that gets through is paid for.
//!
//! ## Example
//! ```yaml
//! Api: {Type: AWS::Serverless::HttpApi}
//! ```
//!
//! ## Use instead
//! ```yaml
//! Api:
//!   Type: AWS::Serverless::HttpApi
//!   Properties:
//!     DefaultRouteSettings: {ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100}
//! ```
//!
//! ## Fix
//! Sets 50 requests a second and 100 at once for the whole stage, and adds a usage plan to a REST API. The plan asks for
//! no key: it holds for callers who send one.
//!
//! ## References
//! - [Throttle requests to your REST APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html)
//! - SAS-08 Denial of service and financial resource exhaustion, CWE-770

use burgward_diag::Severity;
use burgward_template::model::{Api, App, Route};

use crate::doors::open_routes;
use crate::fixes::add_throttle;
use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

pub(super) const META: Meta = Meta {
    severity: Severity::Medium,
    confidence: Confidence::High,
    persona: Persona::Regular,
    tags: &["SAS-08", "CWE-770"],
    why: "one caller can use up what all APIs of the account share, and every request is paid for",
    help: "set a rate and a burst for the stage: `MethodSettings` of a REST API, `DefaultRouteSettings` of an HTTP API",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for api in view.app.apis.iter().filter(|api| !api.routes.is_empty() && api.stage.throttle.is_none()) {
        let Some(free) = api.routes.iter().find(|r| !throttled(view.app, api, r)) else { continue };
        let closed = open_routes(view, api).is_empty();
        let severity = if closed { Severity::Low } else { Severity::Medium };
        let title = format!("nothing limits the rate of requests to `{}`", api.logical_id);
        let draft = Draft::at(&api.span, title).severity(severity).label("no rate, no burst");
        let draft = draft.fix(add_throttle(view, api));
        let elsewhere = free.span != api.span;
        report.push(if elsewhere { draft.related(&free.span, "such as this route") } else { draft });
    }
}

fn throttled(app: &App, api: &Api, route: &Route) -> bool {
    let fits = |wanted: &str, is: &str| wanted == "*" || wanted.eq_ignore_ascii_case(is);
    let of_stage = |path: &str, method: &str| fits(path, &route.path) && fits(method, &route.method);
    let by_key = route.api_key_required
        && app
            .usage_plans
            .iter()
            .any(|plan| plan.throttle.is_some() && plan.stages.iter().any(|stage| stage.api == api.logical_id));
    route.throttle.is_some() || api.stage.method_throttles.iter().any(|t| of_stage(&t.path, &t.method)) || by_key
}
