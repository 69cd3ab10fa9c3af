//! Scripts of every website may use an API or a bucket.
//!
//! ## What it does
//! Looks for `*` among the origins that an API or bucket allows. With credentials the severity is high; for an API with
//! an authorizer, or a bucket that scripts may write to, it is low. Elsewhere only the pedantic persona sees it: an API
//! that is open to everybody gives scripts nothing that everybody has not.
//!
//! ## Why is this bad?
//! A page that a logged-in person visits calls the API in that person's name, and reads the answer.
//!
//! ## Example
//! ```yaml
//! CorsConfiguration: {AllowOrigins: ['*'], AllowCredentials: true}
//! ```
//!
//! ## Use instead
//! ```yaml
//! CorsConfiguration: {AllowOrigins: ['https://shop.example.com'], AllowCredentials: true}
//! ```
//!
//! ## References
//! - [Configure CORS for HTTP APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html)
//! - SAS-03 Insecure serverless deployment configuration, OWASP-S6, CWE-942

use burgward_diag::{Severity, Span};
use burgward_template::model::{Api, Bucket, Cors};
use burgward_template::tree::Node;

use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

pub(super) const META: Meta = Meta {
    severity: Severity::Low,
    confidence: Confidence::High,
    persona: Persona::Regular,
    tags: &["SAS-03", "OWASP-S6", "CWE-942"],
    why: "a page that somebody visits can call it in that person's name and read the answer",
    help: "name the origins of your own pages",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for api in &view.app.apis {
        if let Some(cors) = api.cors.as_ref().filter(|c| c.allow_origins.iter().any(|o| o == "*")) {
            of_api(view, api, cors, report);
        }
    }
    for bucket in &view.app.buckets {
        of_bucket(view, bucket, report);
    }
}

fn of_api(view: &View<'_>, api: &Api, cors: &Cors, report: &mut Report) {
    let title = format!("scripts of every website may call `{}`", api.logical_id);
    let guarded = api.routes.iter().any(|r| r.authorizer.is_some());
    let (severity, persona) = match (cors.allow_credentials, guarded) {
        (true, _) => (Severity::High, Persona::Regular),
        (false, true) => (Severity::Low, Persona::Regular),
        (false, false) => (Severity::Low, Persona::Pedantic),
    };
    let span = cors.span.as_ref().unwrap_or(&api.span);
    let place = view.node_at(span).and_then(star).unwrap_or_else(|| span.clone());
    report.push(Draft::at(&place, title).severity(severity).persona(persona).label("every website"));
}

fn of_bucket(view: &View<'_>, bucket: &Bucket, report: &mut Report) {
    let Some(rule) = bucket.cors.iter().find(|r| r.allowed_origins.iter().any(|o| o == "*")) else { return };
    let writes = rule.allowed_methods.iter().any(|m| matches!(m.as_str(), "PUT" | "POST" | "DELETE"));
    let written = view.properties(&bucket.logical_id).and_then(|p| p.get("CorsConfiguration"));
    let place = written.and_then(|n| star(n)).unwrap_or_else(|| bucket.span.clone());
    let title = format!("scripts of every website may use `{}`", bucket.logical_id);
    let persona = if writes { Persona::Regular } else { Persona::Pedantic };
    report.push(Draft::at(&place, title).persona(persona).label("every website"));
}

/// The place of the star in a CORS setting as written.
fn star(node: &Node) -> Option<Span> {
    if node.as_str().is_some_and(|text| text.trim_matches('\'') == "*") {
        return Some(node.span.clone());
    }
    let of_origins = node.entries().iter().filter(|e| e.key.contains("Origin") || e.key == "CorsRules");
    of_origins.map(|e| &e.value).chain(node.items()).find_map(|n| star(n))
}
