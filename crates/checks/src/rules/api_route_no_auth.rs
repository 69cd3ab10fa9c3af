//! A route of an API can be called by anybody.
//!
//! ## What it does
//! Looks for routes that have neither an authorizer nor a required API key. If the API defines an authorizer that the
//! route does not use, each such route is a finding of severity high; if the API has no protection at all, it is one
//! finding of severity medium for the whole API. A route that says `Authorizer: NONE` is open on purpose: low.
//! `OPTIONS` routes, private APIs, and APIs with a resource policy are left alone.
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
//! ## References
//! - [Controlling access to API Gateway APIs](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-controlling-access-to-apis.html)
//! - SAS-02 Broken authentication, OWASP-S2, CWE-306

use burgward_diag::Severity;
use burgward_template::model::{Api, Route};
use burgward_template::tree::Node;

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
    for api in view.app.apis.iter().filter(|api| !closed_otherwise(view, api)) {
        let open = |r: &&Route| {
            r.method != "OPTIONS" && r.authorizer.is_none() && !r.api_key_required && !authorized_otherwise(view, r)
        };
        let (deliberate, open): (Vec<_>, Vec<_>) = api.routes.iter().filter(open).partition(|r| says_none(view, r));
        for route in deliberate {
            let title = format!("`{} {}` is open to anybody, as it says", route.method, route.path);
            report.push(Draft::at(&route.span, title).severity(Severity::Low).persona(Persona::Pedantic));
        }
        if api.authorizers.is_empty() {
            whole_api(api, &open, report);
            continue;
        }
        for route in open {
            let title = format!("`{} {}` is open to anybody, though its API defines an authorizer", route.method, route.path);
            let draft = Draft::at(&route.span, title).severity(Severity::High).label("no authorizer");
            let defined = api.authorizers.iter().fold(draft, |d, a| d.related(&a.span, "defined here, not used there"));
            report.push(defined.help("set `DefaultAuthorizer` of the API, or `Auth.Authorizer` of the event"));
        }
    }
}

/// One finding for an API of which nothing is protected: its first open route, the others beside it.
fn whole_api(api: &Api, open: &[&Route], report: &mut Report) {
    let Some((first, others)) = open.split_first() else { return };
    let title = match others.len() {
        0 => format!("`{} {}` is open to anybody", first.method, first.path),
        n => format!("`{} {}` and {n} more routes of `{}` are open to anybody", first.method, first.path, api.logical_id),
    };
    let draft = Draft::at(&first.span, title).label("no authorizer, no API key");
    report.push(others.iter().fold(draft, |d, r| d.related(&r.span, format!("`{} {}`, too", r.method, r.path))));
}

/// Whether something that the model does not carry keeps strangers from the whole API.
fn closed_otherwise(view: &View<'_>, api: &Api) -> bool {
    let global = if api.kind == burgward_template::model::ApiKind::Rest { "Api" } else { "HttpApi" };
    let everywhere = view.global(&[global]);
    let own = view.properties(&api.logical_id);
    let closes = |node: &Node| {
        let by_default = node.at(&["Auth", "DefaultAuthorizer"]).is_some() || node.at(&["Auth", "EnableIamAuthorizer"]).is_some();
        let described = ["DefinitionBody", "DefinitionUri", "Body", "BodyS3Location"].iter().any(|k| node.get(k).is_some());
        let policy = node.at(&["Auth", "ResourcePolicy"]).is_some() || node.get("Policy").is_some();
        by_default || described || policy || is_private(node)
    };
    api.resource_policy.is_some() || everywhere.is_some_and(closes) || own.is_some_and(closes)
}

fn is_private(properties: &Node) -> bool {
    let Some(endpoint) = properties.get("EndpointConfiguration") else { return false };
    let private = |n: &Node| n.as_str() == Some("PRIVATE");
    let types = endpoint.get("Types").map_or(&[][..], |n| n.items());
    private(endpoint) || endpoint.get("Type").is_some_and(|n| private(n)) || types.iter().any(|n| private(n))
}

/// The route as written: the properties of its event, or of its resource.
fn written<'v>(view: &'v View<'_>, route: &Route) -> Option<&'v Node> {
    view.entry_at(&route.span)?.value.at(&["Properties"])
}

/// Whether the route has a protection that is not run here: IAM, Cognito, JWT.
fn authorized_otherwise(view: &View<'_>, route: &Route) -> bool {
    let Some(node) = written(view, route) else { return false };
    let of_event = node.at(&["Auth", "Authorizer"]).is_some_and(|n| n.as_str() != Some("NONE"));
    let of_resource = node.get("AuthorizationType").is_some_and(|n| n.as_str() != Some("NONE"));
    of_event || of_resource
}

fn says_none(view: &View<'_>, route: &Route) -> bool {
    let node = written(view, route);
    node.and_then(|n| n.at(&["Auth", "Authorizer"])).is_some_and(|n| n.as_str() == Some("NONE"))
}
