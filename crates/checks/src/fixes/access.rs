//! The right to fetch a secret, for the roles that lack it.

use std::collections::BTreeSet;

use burgward_diag::TextEdit;
use burgward_template::model::Function;
use burgward_template::patch::{PatchError, Snippet, Writer};
use burgward_template::tree::Node;

use crate::holders::Holder;
use crate::view::View;

const FETCH: &str = "secretsmanager:GetSecretValue";

/// Edits by which the roles of functions may fetch a secret of the template; none for those that may fetch every secret.
/// `None` if a role is not the template's.
pub(crate) fn may_fetch(
    view: &View<'_>,
    writer: &Writer<'_>,
    secret: &str,
    functions: &[&Function],
) -> Option<Vec<TextEdit>> {
    let mut done = BTreeSet::new();
    let lacking = functions.iter().filter(|f| !may_already(view, f, secret) && done.insert(&f.role));
    lacking.map(|function| grant(view, writer, secret, function)?.ok()).collect()
}

fn may_already(view: &View<'_>, function: &Function, secret: &str) -> bool {
    let app = view.app;
    let declared = app.secrets.iter().find(|s| s.logical_id == secret).map(|s| s.arn.clone());
    let arn = declared.unwrap_or_else(|| {
        format!("arn:aws:secretsmanager:{}:{}:secret:{}-{secret}-new", app.region, app.account, app.stack_name)
    });
    let holder = app.role(&function.role).and_then(|role| Holder::of(role, &app.account));
    holder.is_some_and(|holder| holder.may(FETCH, &arn))
}

/// A statement in the policies of a SAM function's own role, or of a role of the template.
fn grant(
    view: &View<'_>,
    writer: &Writer<'_>,
    secret: &str,
    function: &Function,
) -> Option<Result<TextEdit, PatchError>> {
    let statement = Snippet::map([
        ("Effect", Snippet::from("Allow")),
        ("Action", FETCH.into()),
        ("Resource", Snippet::reference(secret)),
    ]);
    let of_sam = |id: &str| view.resources("AWS::Serverless::Function").find(|(e, _)| e.key == id);
    let given = |n: &Node| n.get("Role").is_some();
    let global = view.global(&["Function"]);
    let own_role = |n: &&Node| !given(n) && !global.is_some_and(given);
    if let Some(properties) = of_sam(&function.logical_id).map(|(_, properties)| properties).filter(own_role) {
        let policy = Snippet::map([("Statement", Snippet::seq([statement]))]);
        return Some(add(writer, properties, policy));
    }
    let (_, role) = view.resources("AWS::IAM::Role").find(|(e, _)| e.key == function.role)?;
    let document = Snippet::map([("Version", Snippet::from("2012-10-17")), ("Statement", Snippet::seq([statement]))]);
    let name = format!("fetch-{}", secret.to_lowercase());
    let policy = Snippet::map([("PolicyName", Snippet::from(name)), ("PolicyDocument", document)]);
    Some(add(writer, role, policy))
}

fn add(writer: &Writer<'_>, properties: &Node, policy: Snippet) -> Result<TextEdit, PatchError> {
    match properties.get("Policies") {
        Some(list) => writer.insert_item(list, &policy),
        None => writer.set_below(properties, &["Policies"], &Snippet::seq([policy])),
    }
}
