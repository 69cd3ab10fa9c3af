//! Which routes strangers may call, by the model and by what the text says beside it.

use burgward_template::model::{Api, ApiKind, Route};
use burgward_template::tree::{Entry, Node};

use crate::strangers::openings;
use crate::view::View;

/// The routes of an API that anybody may call.
///
/// Protections that are not run here (IAM, Cognito, JWT), private endpoints and resource policies count as protection,
/// and so does a description elsewhere, which may hold one. `OPTIONS` answers preflight requests and is left out.
pub(crate) fn open_routes<'a>(view: &View<'_>, api: &'a Api) -> Vec<&'a Route> {
    if closed_otherwise(view, api) {
        return Vec::new();
    }
    let open = |r: &&Route| {
        r.method != "OPTIONS" && r.authorizer.is_none() && !r.api_key_required && !authorized_otherwise(view, r)
    };
    api.routes.iter().filter(open).collect()
}

/// Whether a method or route asks for nothing: a value that is not written out counts as asking.
pub(crate) fn open_as_written(properties: &Node) -> bool {
    let is = |key: &str, text: &str| properties.get(key).is_none_or(|n| n.as_str() == Some(text));
    let keyed = properties.get("ApiKeyRequired").is_some_and(|n| n.as_bool() != Some(false));
    let preflight = properties.get("HttpMethod").is_some_and(|n| n.as_str() == Some("OPTIONS"));
    let mock = properties.at(&["Integration", "Type"]).is_some_and(|n| n.as_str() == Some("MOCK"));
    is("AuthorizationType", "NONE") && !keyed && !preflight && !mock
}

/// Whether something beside authorizers and keys keeps strangers from the whole API.
fn closed_otherwise(view: &View<'_>, api: &Api) -> bool {
    let global = if api.kind == ApiKind::Rest { "Api" } else { "HttpApi" };
    let written = [view.global(&[global]), view.properties(&api.logical_id)];
    match &api.resource_policy {
        Some(policy) if !openings(&policy.document, "arn:aws:execute-api:us-east-1:123456789012:x").is_empty() => false,
        Some(_) => true,
        None => written.into_iter().flatten().any(closes),
    }
}

/// Whether the properties of an API, as written, keep strangers out: an authorizer, a policy, a private endpoint, or a
/// description elsewhere that may do so.
pub(crate) fn closes(node: &Node) -> bool {
    let by_default = ["DefaultAuthorizer", "EnableIamAuthorizer"];
    let described = ["DefinitionBody", "DefinitionUri", "Body", "BodyS3Location", "Policy"];
    by_default.iter().any(|key| node.at(&["Auth", key]).is_some())
        || described.iter().any(|key| node.get(key).is_some())
        || node.at(&["Auth", "ResourcePolicy"]).is_some_and(|policy| policy.entries().iter().any(names_who_may))
        || is_private(node)
}

/// SAM's lists of who may not leave everybody else in.
fn names_who_may(list: &Entry) -> bool {
    !list.key.ends_with("Blacklist")
}

fn is_private(properties: &Node) -> bool {
    let Some(endpoint) = properties.get("EndpointConfiguration") else { return false };
    let private = |n: &Node| n.as_str() == Some("PRIVATE");
    let types = endpoint.get("Types").map_or(&[][..], |n| n.items());
    private(endpoint) || endpoint.get("Type").is_some_and(|n| private(n)) || types.iter().any(|n| private(n))
}

/// The route as written: the properties of its event, or of its resource.
pub(crate) fn written<'v>(view: &'v View<'_>, route: &Route) -> Option<&'v Node> {
    view.entry_at(&route.span)?.value.at(&["Properties"])
}

/// Whether the route has a protection that is not run here: IAM, Cognito, JWT.
fn authorized_otherwise(view: &View<'_>, route: &Route) -> bool {
    let Some(node) = written(view, route) else { return false };
    let of_event = node.at(&["Auth", "Authorizer"]).is_some_and(|n| n.as_str() != Some("NONE"));
    let of_resource = node.get("AuthorizationType").is_some_and(|n| n.as_str() != Some("NONE"));
    of_event || of_resource
}
