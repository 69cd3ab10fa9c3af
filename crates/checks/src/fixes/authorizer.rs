//! The one authorizer of an API, attached to its routes.

use burgward_diag::{Fix, TextEdit};
use burgward_template::model::{Api, ApiKind, LambdaPermission, Route};
use burgward_template::patch::{PatchError, Snippet, Writer};
use burgward_template::tree::{Entry, Node};

use crate::doors::written;
use crate::fixes::safe;
use crate::view::View;

/// Attaches an API's authorizer to every route that does not say otherwise; the error says why it is not done.
pub(crate) fn attach_authorizer(view: &View<'_>, api: &Api) -> Result<Fix, &'static str> {
    let by_hand = "attach the authorizer by hand: how the API is written leaves no place for it";
    let writer = view.writer().ok_or(by_hand)?;
    match view.section("Resources").iter().find(|e| e.key == api.logical_id).and_then(kind_of) {
        Some("AWS::ApiGateway::RestApi" | "AWS::ApiGatewayV2::Api") => of_cloudformation(view, &writer, api),
        _ => of_sam(view, &writer, api),
    }
    .and_then(|(name, edits)| {
        let title = format!("attach the authorizer `{name}` to the routes of `{}`", api.logical_id);
        safe(title, edits).ok_or(by_hand)
    })
}

type Attached = Result<(String, Result<Vec<TextEdit>, PatchError>), &'static str>;

const NONE: &str = "the API defines no authorizer that could be attached: define one";
const SEVERAL: &str = "the API defines several authorizers: say which one is the default";

fn defined(api: Option<&Node>) -> &[Entry] {
    api.and_then(|n| n.at(&["Auth", "Authorizers"])).map_or(&[], |n| n.entries())
}

fn kind_of(entry: &Entry) -> Option<&str> {
    entry.value.get("Type")?.as_str()
}

fn of_sam(view: &View<'_>, writer: &Writer<'_>, api: &Api) -> Attached {
    let section = if api.kind == ApiKind::Rest { "Api" } else { "HttpApi" };
    let own = view.properties(&api.logical_id);
    let global = view.global(&[section]);
    let (here, there) = (defined(own), defined(global));
    let (holder, name) = match (here, there) {
        ([], []) => return Err(NONE),
        ([one], []) => (own, &one.key),
        ([], [one]) => (global, &one.key),
        _ => return Err(SEVERAL),
    };
    let holder = holder.ok_or(NONE)?;
    if [own, global].into_iter().flatten().any(|n| n.at(&["Auth", "DefaultAuthorizer"]).is_some()) {
        return Err("the API has a default authorizer: change it by hand");
    }
    let auth = holder.at(&["Auth"]).ok_or(NONE)?;
    let mut entries = vec![("DefaultAuthorizer", Snippet::from(name.as_str()))];
    // Browsers ask without a token whether they may send one.
    let preflight = "AddDefaultAuthorizerToCorsPreflight";
    if api.kind == ApiKind::Rest && api.cors.is_some() && auth.entry(preflight).is_none() {
        entries.push((preflight, false.into()));
    }
    let mut edits = vec![writer.insert_entries(auth, &entries)];
    let authorizer = holder.at(&["Auth", "Authorizers", name]);
    edits.extend(authorizer.and_then(|n| match api.kind {
        ApiKind::Rest => asked_anew(writer, n),
        ApiKind::Http => may_be_asked(view, writer, api, (name, n)),
    }));
    edits.extend(api.routes.iter().filter(|r| r.method == "OPTIONS").filter_map(|r| open(view, writer, r)));
    Ok((name.clone(), edits.into_iter().collect()))
}

/// Without a time of its own a REST API's authorizer's answer is kept for five minutes and used for every route: a policy that it
/// wrote for one method would refuse all others, so that requests which are meant to pass would fail.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization-with-console.html>
fn asked_anew(writer: &Writer<'_>, authorizer: &Node) -> Option<Result<TextEdit, PatchError>> {
    let lambda = authorizer.entry("FunctionArn").is_some();
    let said = authorizer.at(&["Identity", "ReauthorizeEvery"]).is_some();
    (lambda && !said).then(|| writer.set_below(authorizer, &["Identity", "ReauthorizeEvery"], &0.into()))
}

/// Of itself, SAM gives an HTTP API no right to invoke an authorizer's function: without one, every request that needs
/// the authorizer fails with status 500.
///
/// Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-httpapi-lambdaauthorizer.html>
fn may_be_asked(
    view: &View<'_>,
    writer: &Writer<'_>,
    api: &Api,
    (name, authorizer): (&str, &Node),
) -> Option<Result<TextEdit, PatchError>> {
    let right = "EnableFunctionDefaultPermissions";
    authorizer.entry("FunctionArn")?;
    let function = &api.authorizers.iter().find(|a| a.name == name)?.function;
    let invokes = |p: &&LambdaPermission| {
        let from_api =
            p.source_arn.as_ref().is_none_or(|arn| arn.contains(api.id.as_str()) && arn.contains("/authorizers/"));
        p.function == *function && p.principal == "apigateway.amazonaws.com" && (from_api || all_of(p, api))
    };
    let given =
        view.app.lambda_permissions.iter().any(|p| invokes(&p)) || authorizer.entry("FunctionInvokeRole").is_some();
    (!given).then(|| writer.set_below(authorizer, &[right], &true.into()))
}

/// Whether a permission names the API with whatever it calls for.
fn all_of(permission: &LambdaPermission, api: &Api) -> bool {
    let end = permission.source_arn.as_deref().and_then(|arn| arn.rsplit_once(&format!(":{}/", api.id)));
    end.is_some_and(|(_, end)| matches!(end, "*" | "*/*"))
}

/// A preflight route of its own stays open.
fn open(view: &View<'_>, writer: &Writer<'_>, route: &Route) -> Option<Result<TextEdit, PatchError>> {
    let event = written(view, route).filter(|n| n.at(&["Auth", "Authorizer"]).is_none())?;
    Some(writer.set_below(event, &["Auth", "Authorizer"], &"NONE".into()))
}

fn of_cloudformation(view: &View<'_>, writer: &Writer<'_>, api: &Api) -> Attached {
    let (authorizers, routes, key) = if api.kind == ApiKind::Rest {
        ("AWS::ApiGateway::Authorizer", "AWS::ApiGateway::Method", "RestApiId")
    } else {
        ("AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Route", "ApiId")
    };
    let ours = |properties: &Node| properties.at(&[key, "Ref"]).and_then(Node::as_str) == Some(api.logical_id.as_str());
    let mut defined = view.resources(authorizers).filter(|(_, properties)| ours(properties));
    let (Some((authorizer, settings)), other) = (defined.next(), defined.next()) else { return Err(NONE) };
    if other.is_some() {
        return Err(SEVERAL);
    }
    let open = view.resources(routes).filter(|(_, properties)| ours(properties) && unguarded(properties));
    let mut edits: Vec<_> = open.flat_map(|(_, properties)| guard(writer, properties, &authorizer.key)).collect();
    let time = "AuthorizerResultTtlInSeconds";
    if api.kind == ApiKind::Rest && settings.entry("AuthorizerUri").is_some() && settings.entry(time).is_none() {
        edits.push(writer.insert_entries(settings, &[(time, 0.into())]));
    }
    Ok((authorizer.key.clone(), edits.into_iter().collect()))
}

/// Whether a method or route asks for nothing and does not answer preflight requests.
fn unguarded(properties: &Node) -> bool {
    let says = |key: &str| properties.get(key).and_then(|n| n.as_str());
    let preflight =
        says("HttpMethod") == Some("OPTIONS") || says("RouteKey").is_some_and(|k| k.starts_with("OPTIONS "));
    let none = properties.get("AuthorizationType").is_none() || says("AuthorizationType") == Some("NONE");
    none && !preflight && properties.get("AuthorizerId").is_none()
}

fn guard(writer: &Writer<'_>, properties: &Node, authorizer: &str) -> Vec<Result<TextEdit, PatchError>> {
    let (kind, id) = (Snippet::from("CUSTOM"), Snippet::reference(authorizer));
    if properties.entry("AuthorizationType").is_none() {
        return vec![writer.insert_entries(properties, &[("AuthorizationType", kind), ("AuthorizerId", id)])];
    }
    vec![
        writer.replace_value(properties, "AuthorizationType", &kind),
        writer.insert_after(properties, "AuthorizationType", "AuthorizerId", &id),
    ]
}
