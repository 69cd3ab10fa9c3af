//! A route of an API can be called by anybody.
//!
//! ## What it does
//! Looks for routes that have neither an authorizer nor a required API key. If the API defines an authorizer that the
//! route does not use, each such route is a finding of severity high; if the API has no protection at all, it is one
//! finding of severity medium for the whole API. A route that says `Authorizer: NONE` is open on purpose: low.
//! `OPTIONS` routes, private APIs, and APIs whose resource policy keeps strangers out are left alone. Methods and routes
//! in front of something other than a function count as well.
//!
//! ## Why is this bad?
//! The function behind the route runs, with its role, for anybody who finds the URL. An authorizer that is defined and
//! not attached protects nothing, but everybody who reads the template believes that it does.
//!
//! ## Example
//! ```yaml
//! Api:
//!   Type: AWS::Serverless::Api
//!   Properties:
//!     StageName: prod
//!     Auth:
//!       Authorizers:
//!         Tokens: {FunctionArn: !GetAtt Check.Arn}
//! ```
//!
//! ## Use instead
//! ```yaml
//!     Auth:
//!       DefaultAuthorizer: Tokens
//!       Authorizers:
//!         Tokens: {FunctionArn: !GetAtt Check.Arn}
//! ```
//!
//! ## Fix
//! If the API defines exactly one authorizer, makes it the `DefaultAuthorizer`, or names it in every method or route.
//! Routes that say `Authorizer: NONE` and `OPTIONS` routes stay open.
//!
//! ## References
//! - [Controlling access to API Gateway APIs](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-controlling-access-to-apis.html)
//! - SAS-02 Broken authentication, OWASP-S2, CWE-306

use std::collections::BTreeMap;

use burgward_diag::Severity;
use burgward_template::model::{Api, Route};
use burgward_template::tree::Entry;

use crate::doors::{closes, open_as_written, open_routes, written};
use crate::fixes::attach_authorizer;
use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

pub(super) const META: Meta = Meta {
    severity: Severity::Medium,
    confidence: Confidence::High,
    persona: Persona::Regular,
    tags: &["SAS-02", "OWASP-S2", "CWE-306"],
    why: "anybody who finds the URL runs the function with all that its role allows",
    help: "define an authorizer and make it the API's `DefaultAuthorizer`; mark routes that are public on purpose with \
           `Authorizer: NONE`",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for api in &view.app.apis {
        let (deliberate, open): (Vec<_>, Vec<_>) = open_routes(view, api).into_iter().partition(|r| says_none(view, r));
        for route in deliberate {
            let title = format!("`{} {}` is open to anybody, as it says", route.method, route.path);
            report.push(Draft::at(&route.span, title).severity(Severity::Low).persona(Persona::Pedantic));
        }
        if api.authorizers.is_empty() {
            whole_api(api, &open, report);
            continue;
        }
        for route in open {
            let title =
                format!("`{} {}` is open to anybody, though its API defines an authorizer", route.method, route.path);
            let draft = Draft::at(&route.span, title).severity(Severity::High).label("no authorizer");
            let defined = api.authorizers.iter().fold(draft, |d, a| d.related(&a.span, "defined here, not used there"));
            report.push(match attach_authorizer(view, api) {
                Ok(fix) => {
                    defined.help("set `DefaultAuthorizer` of the API, or `Auth.Authorizer` of the event").fix([fix])
                }
                Err(why) => defined.help(why),
            });
        }
    }
    for (kind, api_key) in [("AWS::ApiGateway::Method", "RestApiId"), ("AWS::ApiGatewayV2::Route", "ApiId")] {
        without_function(view, kind, api_key, report);
    }
}

/// Methods and routes that the model does not carry, since no function stands behind them: one finding for each API.
fn without_function(view: &View<'_>, kind: &str, api_key: &str, report: &mut Report) {
    let modelled = |e: &Entry| view.app.apis.iter().flat_map(|api| &api.routes).any(|r| r.span == e.key_span);
    let mut by_api: BTreeMap<String, Vec<&Entry>> = BTreeMap::new();
    for (entry, properties) in view.resources(kind).filter(|(entry, _)| !modelled(entry)) {
        let api = properties.get(api_key);
        let described = api.and_then(|n| n.get("Ref")?.as_str()).and_then(|id| view.properties(id));
        let socket = described.and_then(|n| n.get("ProtocolType")).is_some_and(|n| n.as_str() == Some("WEBSOCKET"));
        if !socket && open_as_written(properties) && !described.is_some_and(closes) {
            by_api.entry(api.map(|n| n.to_json().to_string()).unwrap_or_default()).or_default().push(entry);
        }
    }
    for open in by_api.values() {
        let Some((first, others)) = open.split_first() else { continue };
        let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
        let draft = Draft::at(&first.key_span, format!("`{}`{more} can be called by anybody", first.key));
        report.push(others.iter().fold(draft, |d, e| d.related(&e.key_span, format!("`{}`, too", e.key))));
    }
}

/// One finding for an API of which nothing is protected: its first open route, the others beside it.
fn whole_api(api: &Api, open: &[&Route], report: &mut Report) {
    let Some((first, others)) = open.split_first() else { return };
    let title = match others.len() {
        0 => format!("`{} {}` is open to anybody", first.method, first.path),
        n => {
            format!("`{} {}` and {n} more routes of `{}` are open to anybody", first.method, first.path, api.logical_id)
        }
    };
    let draft = Draft::at(&first.span, title).label("no authorizer, no API key");
    report.push(others.iter().fold(draft, |d, r| d.related(&r.span, format!("`{} {}`, too", r.method, r.path))));
}

fn says_none(view: &View<'_>, route: &Route) -> bool {
    let node = written(view, route);
    node.and_then(|n| n.at(&["Auth", "Authorizer"])).is_some_and(|n| n.as_str() == Some("NONE"))
}
