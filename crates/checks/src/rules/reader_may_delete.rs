//! A function that only serves reads may delete.
//!
//! ## What it does
//! Looks for functions that nothing starts but `GET` and `HEAD` routes, and asks the policy engine whether their role may
//! delete items or objects of the app's tables and buckets, or a table itself. Boundaries and denials count.
//!
//! ## Why is this bad?
//! HTTP calls `GET` safe: it changes nothing. An injection in such a function then deletes what the function was only
//! meant to show.
//!
//! ## Example
//! ```yaml
//! Show:
//!   Type: AWS::Serverless::Function
//!   Properties:
//!     Policies: [DynamoDBCrudPolicy: {TableName: !Ref Orders}]
//!     Events: {Get: {Type: HttpApi, Properties: {Path: /orders, Method: get}}}
//! ```
//!
//! ## Use instead
//! ```yaml
//!     Policies: [DynamoDBReadPolicy: {TableName: !Ref Orders}]
//! ```
//!
//! ## References
//! - [RFC 9110, 9.2.1: safe methods](https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1)
//! - SAS-04 Over-privileged function permissions and roles, OWASP-S5, CWE-250

use burgward_diag::{Severity, Span};
use burgward_template::model::{App, Function, Route};

use crate::holders::Holder;
use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

pub(super) const META: Meta = Meta {
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    persona: Persona::Regular,
    tags: &["SAS-04", "OWASP-S5", "CWE-250"],
    why: "one flaw in it deletes what it was only meant to show",
    help: "give it a role that reads, such as SAM's `DynamoDBReadPolicy` or `S3ReadPolicy`; `burgward fit` writes it",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for function in view.app.functions.iter().filter(|f| only_reads(view, f)) {
        let role = view.app.role(&function.role);
        let Some(holder) = role.and_then(|role| Holder::of(role, &view.app.account)) else { continue };
        let Some((action, store, place)) = deletable(view.app, &holder) else { continue };
        let title = format!("`{}` only serves reads, and may call `{action}` on `{store}`", function.logical_id);
        report.push(Draft::at(&rights(view, function), title).related(place, "could be deleted from"));
    }
}

/// Whether all that starts a function are routes with safe methods.
fn only_reads(view: &View<'_>, function: &Function) -> bool {
    let of_it = |r: &&Route| r.function == function.logical_id;
    let mut routes = view.app.apis.iter().flat_map(|api| &api.routes).filter(of_it).peekable();
    let events = view.properties(&function.logical_id).and_then(|p| p.get("Events")).map_or(&[][..], |n| n.entries());
    let of_api = |kind: Option<&str>| matches!(kind, Some("Api" | "HttpApi"));
    routes.peek().is_some()
        && routes.all(|r| matches!(r.method.as_str(), "GET" | "HEAD" | "OPTIONS"))
        && events.iter().all(|e| of_api(e.value.get("Type").and_then(|n| n.as_str())))
}

/// The first deletion that the holder may do to a store of the app.
fn deletable<'a>(app: &'a App, holder: &Holder) -> Option<(&'static str, &'a str, &'a Span)> {
    let of_tables = app.tables.iter().find_map(|table| {
        let action = ["dynamodb:DeleteItem", "dynamodb:DeleteTable"].into_iter().find(|a| holder.may(a, &table.arn))?;
        Some((action, table.logical_id.as_str(), &table.span))
    });
    of_tables.or_else(|| {
        let of_bucket = app.buckets.iter().find(|b| holder.may("s3:DeleteObject", &format!("{}/x", b.arn)))?;
        Some(("s3:DeleteObject", of_bucket.logical_id.as_str(), &of_bucket.span))
    })
}

/// Where the function gets its rights.
fn rights(view: &View<'_>, function: &Function) -> Span {
    let properties = view.properties(&function.logical_id);
    let of_role = properties.and_then(|p| p.get("Role")).map(|n| n.span.clone());
    let of_policies = || properties.and_then(|p| p.entry("Policies")).map(|e| e.key_span.clone());
    of_role.or_else(of_policies).unwrap_or_else(|| function.span.clone())
}
