//! A throttle and a usage plan for an API.

use burgward_diag::{Fix, TextEdit};
use burgward_template::model::{Api, ApiKind};
use burgward_template::patch::{PatchError, Snippet, Writer};
use burgward_template::tree::{Entry, Node};

use crate::fixes::{free_name, safe};
use crate::view::View;

/// Requests per second, and how many at once: far above what most apps see, far below the account's limits.
const RATE: i64 = 50;
const BURST: i64 = 100;
/// Requests of one key per day.
const QUOTA: i64 = 100_000;

/// Limits the rate of requests to an API's stage; a REST API gets a usage plan as well, which asks for no key.
pub(crate) fn add_throttle(view: &View<'_>, api: &Api) -> Option<Fix> {
    let writer = view.writer()?;
    let resource = view.section("Resources").iter().find(|e| e.key == api.logical_id);
    let kind = resource.and_then(|e| e.value.get("Type")?.as_str());
    let edits = match (kind, api.kind) {
        (Some("AWS::Serverless::Api"), _) => {
            let properties = view.properties(&api.logical_id)?;
            let settings = method_settings(&writer, properties);
            settings.and_then(|edit| with_plan(view, &writer, api, sam_stage(api), edit))
        }
        (Some("AWS::Serverless::HttpApi"), _) => route_settings_of(view, &writer, api, resource?),
        (Some("AWS::ApiGateway::RestApi"), _) => {
            let (stage, properties) = only_stage(view, "AWS::ApiGateway::Stage", "RestApiId", api)?;
            let settings = method_settings(&writer, properties);
            settings.and_then(|edit| with_plan(view, &writer, api, Snippet::reference(&stage.key), edit))
        }
        (Some("AWS::ApiGatewayV2::Api"), _) => {
            let (_, properties) = only_stage(view, "AWS::ApiGatewayV2::Stage", "ApiId", api)?;
            route_settings(&writer, properties).map(|edit| vec![edit])
        }
        (None, ApiKind::Rest) => {
            let settings = global(view, &writer, "Api", "MethodSettings", Snippet::seq([limits(true)]))?;
            settings.and_then(|edit| with_plan(view, &writer, api, sam_stage(api), edit))
        }
        (None, ApiKind::Http) => {
            global(view, &writer, "HttpApi", "DefaultRouteSettings", limits(false))?.map(|edit| vec![edit])
        }
        (Some(_), _) => return None,
    };
    safe(format!("limit `{}` to {RATE} requests a second, {BURST} at once", api.logical_id), edits)
}

/// Of a REST stage, for all methods; of an HTTP stage, for all routes.
fn limits(rest: bool) -> Snippet {
    let whole = [("ResourcePath", Snippet::from("/*")), ("HttpMethod", "*".into())];
    Snippet::map(whole.into_iter().filter(|_| rest).chain(throttle()))
}

fn throttle() -> [(&'static str, Snippet); 2] {
    [("ThrottlingRateLimit", RATE.into()), ("ThrottlingBurstLimit", BURST.into())]
}

/// The stage of a SAM API, by the name that SAM resolves to the stage that it makes.
///
/// Source: <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-api.html>
fn sam_stage(api: &Api) -> Snippet {
    Snippet::reference(&format!("{}.Stage", api.logical_id))
}

/// `MethodSettings`: in the entry for all methods, if there is one.
fn method_settings(writer: &Writer<'_>, properties: &Node) -> Result<TextEdit, PatchError> {
    let Some(list) = properties.get("MethodSettings") else {
        return writer.set_below(properties, &["MethodSettings"], &Snippet::seq([limits(true)]));
    };
    let is = |n: &Node, key: &str, text: &str| n.get(key).is_none_or(|v| v.as_str() == Some(text));
    match list.items().iter().find(|n| is(n, "ResourcePath", "/*") && is(n, "HttpMethod", "*")) {
        Some(all) => missing(writer, all),
        None => writer.insert_item(list, &limits(true)),
    }
}

fn route_settings(writer: &Writer<'_>, properties: &Node) -> Result<TextEdit, PatchError> {
    match properties.get("DefaultRouteSettings") {
        Some(settings) => missing(writer, settings),
        None => writer.set_below(properties, &["DefaultRouteSettings"], &limits(false)),
    }
}

/// The limits that settings do not have.
fn missing(writer: &Writer<'_>, settings: &Node) -> Result<TextEdit, PatchError> {
    let new: Vec<_> = throttle().into_iter().filter(|(key, _)| settings.entry(key).is_none()).collect();
    if new.is_empty() {
        return Err(PatchError::Place("the limits are there".to_owned()));
    }
    writer.insert_entries(settings, &new)
}

/// An HTTP API of SAM may stand without `Properties`.
fn route_settings_of(
    view: &View<'_>,
    writer: &Writer<'_>,
    api: &Api,
    resource: &Entry,
) -> Result<Vec<TextEdit>, PatchError> {
    let edit = match view.properties(&api.logical_id) {
        Some(properties) => route_settings(writer, properties),
        None => writer.set_below(&resource.value, &["Properties", "DefaultRouteSettings"], &limits(false)),
    };
    edit.map(|edit| vec![edit])
}

/// An implicit API takes its settings from `Globals`, which hold for written APIs as well: none if there are such.
fn global(
    view: &View<'_>,
    writer: &Writer<'_>,
    section: &str,
    key: &str,
    value: Snippet,
) -> Option<Result<TextEdit, PatchError>> {
    let kind = format!("AWS::Serverless::{section}");
    if view.resources(&kind).next().is_some() || view.global(&[section, key]).is_some() {
        return None;
    }
    let (_, root) = view.document()?;
    if root.get("Globals").is_some() {
        return Some(writer.set(&["Globals", section, key], &value));
    }
    let globals = Snippet::map([(section, Snippet::map([(key, value)]))]);
    Some(writer.insert_before(root, "Resources", "Globals", &globals))
}

fn only_stage<'v>(view: &'v View<'_>, kind: &'v str, key: &'v str, api: &'v Api) -> Option<(&'v Entry, &'v Node)> {
    let ours = move |properties: &Node| properties.at(&[key, "Ref"]).and_then(Node::as_str) == Some(&api.logical_id);
    let mut stages = view.resources(kind).filter(|(_, properties)| ours(properties));
    stages.next().filter(|_| stages.next().is_none())
}

/// The edit, and a usage plan for the stage if there is none.
fn with_plan(
    view: &View<'_>,
    writer: &Writer<'_>,
    api: &Api,
    stage: Snippet,
    edit: TextEdit,
) -> Result<Vec<TextEdit>, PatchError> {
    if view.app.usage_plans.iter().any(|plan| plan.stages.iter().any(|s| s.api == api.logical_id)) {
        return Ok(vec![edit]);
    }
    let covered = Snippet::map([("ApiId", Snippet::reference(&api.logical_id)), ("Stage", stage)]);
    let rates = Snippet::map([("RateLimit", Snippet::from(RATE)), ("BurstLimit", BURST.into())]);
    let quota = Snippet::map([("Limit", Snippet::from(QUOTA)), ("Period", "DAY".into())]);
    let properties = [("ApiStages", Snippet::seq([covered])), ("Throttle", rates), ("Quota", quota)];
    // A plan for an API that may not be there may not be there either.
    let resource = view.section("Resources").iter().find(|e| e.key == api.logical_id);
    let condition = resource.and_then(|e| e.value.get("Condition")).map(|n| ("Condition", Snippet::of(n)));
    let kind = [("Type", Snippet::from("AWS::ApiGateway::UsagePlan"))];
    let plan = Snippet::map(kind.into_iter().chain(condition).chain([("Properties", Snippet::map(properties))]));
    let name = free_name(view, &format!("{}UsagePlan", api.logical_id));
    Ok(vec![edit, writer.set(&["Resources", &name], &plan)?])
}
