//! How each function gets its own role.

use std::collections::{BTreeMap, BTreeSet};

use burgward_template::model::{Function, Role, RolePolicy};
use burgward_template::tree::{Entry, Node};
use serde_json::Value;

use crate::Statement;
use crate::derive::{Derived, Scene};
use crate::source::{holds, references};
use crate::today::{Today, Written, is_kept, texts};

/// The way to a role of one's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// It has one, and it allows just that.
    Keep,
    /// SAM makes one of the function's `Policies`.
    Policies,
    /// SAM makes one of the function's `Policies`, once the function names no role any more.
    DropRole,
    /// The role that it has is rewritten.
    InPlace,
    /// A new role of the template.
    NewRole,
}

/// A function that is fitted.
#[derive(Debug)]
pub(crate) struct Planned<'a> {
    pub(crate) function: &'a Function,
    pub(crate) role: &'a Role,
    pub(crate) today: Today,
    pub(crate) derived: Derived,
    pub(crate) way: Way,
}

impl Planned<'_> {
    /// Statements of today that stay as they are: denials, and where SAM does not attach the policy that lets a function
    /// write its log, those that do.
    pub(crate) fn carried(&self) -> Vec<&Written> {
        carried(&self.today, matches!(self.way, Way::Policies | Way::DropRole))
    }
}

fn carried(today: &Today, sam: bool) -> Vec<&Written> {
    let logs = today.allows.iter().filter(|w| !sam && is_log(w));
    today.denies.iter().filter(|w| !w.kept).chain(logs).collect()
}

/// Whether a statement is about writing logs and nothing else.
pub(crate) fn is_log(statement: &Written) -> bool {
    const LOG: [&str; 3] = ["logs:createloggroup", "logs:createlogstream", "logs:putlogevents"];
    let actions = texts(&statement.value, "Action");
    !statement.kept && !actions.is_empty() && actions.iter().all(|a| LOG.contains(&a.to_ascii_lowercase().as_str()))
}

/// Plans all that can be fitted; the others get their reasons.
pub(crate) fn plan<'a>(
    scene: &Scene<'a>,
    mut derived: BTreeMap<String, (Today, Derived)>,
    left: &mut BTreeMap<String, String>,
) -> Vec<Planned<'a>> {
    let app = scene.input.app;
    // A function that stays behind may keep another one from moving, and so on.
    loop {
        let before = left.len();
        for function in &app.functions {
            if let Some(why) =
                derived.contains_key(&function.logical_id).then(|| hindered(scene, function, left)).flatten()
            {
                derived.remove(&function.logical_id);
                left.insert(function.logical_id.clone(), why);
            }
        }
        if left.len() == before {
            break;
        }
    }
    let planned = |function: &'a Function| {
        let (today, derived) = derived.remove(&function.logical_id)?;
        let role = app.role(&function.role)?;
        let way = way(scene, function, role, &today, &derived.statements);
        Some(Planned { function, role, today, derived, way })
    };
    app.functions.iter().filter_map(planned).collect()
}

/// The other functions with the same role.
pub(crate) fn sharers(scene: &Scene<'_>, function: &Function) -> Vec<String> {
    let others = scene.input.app.functions.iter();
    let same = others.filter(|f| f.role == function.role && f.logical_id != function.logical_id);
    same.map(|f| f.logical_id.clone()).collect()
}

fn is_implicit(scene: &Scene<'_>, function: &Function) -> bool {
    function.role == format!("{}Role", function.logical_id) && scene.source.resource(&function.role).is_none()
}

/// Settings of a function that work with its role's rights.
const OWN_RIGHTS: [&str; 5] =
    ["DeadLetterQueue", "DeadLetterConfig", "EventInvokeConfig", "FileSystemConfigs", "Connectors"];

/// Properties that say what a function may do.
const RIGHTS: [&str; 4] = ["Role", "Policies", "ManagedPolicyArns", "AssumeRolePolicyDocument"];

/// Whether a value is another one for other parameters: a fit would write down the one of today.
fn is_conditional(node: &Node) -> bool {
    let own = |e: &Entry| {
        matches!(e.key.as_str(), "Fn::If" | "Fn::Transform" | "Fn::FindInMap") || e.key.starts_with("Fn::ForEach")
    };
    node.entries().iter().any(|e| own(e) || is_conditional(&e.value)) || node.items().iter().any(|n| is_conditional(n))
}

/// What keeps a function from being fitted, apart from its code.
fn hindered(scene: &Scene<'_>, function: &Function, left: &BTreeMap<String, String>) -> Option<String> {
    let source = &scene.source;
    let properties = source.resource(&function.logical_id)?.value.get("Properties")?;
    if let Some(entry) = OWN_RIGHTS.iter().find_map(|name| properties.entry(name)) {
        return Some(format!(
            "{}: `{}` works with the function's role, and what it needs is not derived",
            entry.key_span.place(),
            entry.key
        ));
    }
    let polled = |kind: &str| {
        !matches!(
            kind,
            "Api" | "HttpApi" | "S3" | "SNS" | "Schedule" | "ScheduleV2" | "EventBridgeRule" | "CloudWatchLogs"
        )
    };
    let events = properties.get("Events").map_or(&[][..], |n| n.entries());
    let poll = events.iter().find(|e| e.value.get("Type").and_then(|t| t.as_str()).is_some_and(polled));
    if let Some(event) = poll {
        let place = event.key_span.place();
        return Some(format!(
            "{place}: the event source is polled with the function's role, and what it needs is not derived"
        ));
    }
    let role = source.resource(&function.role).and_then(|e| e.value.get("Properties"));
    let written = properties.entries().iter().chain(role.map_or(&[][..], |n| n.entries()));
    let mut rights = written.filter(|e| RIGHTS.contains(&e.key.as_str()));
    if let Some(entry) = rights.find(|e| is_conditional(&e.value)) {
        let place = entry.key_span.place();
        return Some(format!("{place}: `{}` depends on a condition or a macro, which is not fitted", entry.key));
    }
    if is_implicit(scene, function) {
        if let Some(other) = sharers(scene, function).iter().find(|other| left.contains_key(*other)) {
            return Some(format!("its role also serves `{other}`, which is left as it is"));
        }
        if let Some(place) = attached(scene, function, scene.input.app.role(&function.role)?) {
            return Some(format!("{place}: a policy is attached to its role from here"));
        }
    }
    None
}

/// The place of a policy that is attached to a role from elsewhere. What a function or a role says through an alias, it
/// says itself.
fn attached(scene: &Scene<'_>, function: &Function, role: &Role) -> Option<String> {
    let source = &scene.source;
    let home = source.resource(&role.logical_id).or_else(|| source.resource(&function.logical_id))?;
    let direct = |arn: &String| role.managed.iter().any(|m| m.value == *arn);
    let elsewhere = |p: &&RolePolicy| !holds(&home.value, &p.span) && !p.arn.as_ref().is_some_and(direct);
    let found = role.policies.iter().find(elsewhere)?;
    Some(found.span.place())
}

fn way(scene: &Scene<'_>, function: &Function, role: &Role, today: &Today, statements: &[Statement]) -> Way {
    let source = &scene.source;
    let sam = source.kind_of(&function.logical_id) == Some("AWS::Serverless::Function");
    if is_implicit(scene, function) {
        let same = is_same(today, statements, &carried(today, true));
        return if same { Way::Keep } else { Way::Policies };
    }
    let mut users = source.users_of(&role.logical_id);
    users.remove(&function.logical_id);
    users.remove("Outputs");
    let alone = sharers(scene, function).is_empty() && users.is_empty() && source.resource(&role.logical_id).is_some();
    if alone && attached(scene, function, role).is_none() {
        if is_same(today, statements, &carried(today, false)) && has_log(role, today) {
            return Way::Keep;
        }
        if trusts_lambda_only(&role.trust) {
            return Way::InPlace;
        }
    }
    // The name that SAM would give to its role may be taken.
    let free = source.resource(&format!("{}Role", function.logical_id)).is_none();
    // A role that `Globals` name stays with the function unless it names another one.
    let own = source.property(&function.logical_id, "Role").is_some();
    if sam && free && own && is_plain(scene, function, role) { Way::DropRole } else { Way::NewRole }
}

/// Whether a role may write logs by a policy that stays.
pub(crate) fn has_log(role: &Role, today: &Today) -> bool {
    let managed =
        |arn: &str| arn.ends_with("AWSLambdaBasicExecutionRole") || arn.ends_with("AWSLambdaVPCAccessExecutionRole");
    role.managed.iter().any(|m| managed(&m.value)) || today.allows.iter().any(is_log)
}

/// Settings of a function that shape the role which SAM makes.
const SETTINGS: [&str; 3] = ["PermissionsBoundary", "RolePath", "AssumeRolePolicyDocument"];

/// Whether SAM would make a role like this one.
fn is_plain(scene: &Scene<'_>, function: &Function, role: &Role) -> bool {
    let source = &scene.source;
    let settings = |name: &&str| {
        let global = source.root().and_then(|t| t.at(&["Globals", "Function", name])).is_some();
        global || source.property(&function.logical_id, name).is_some()
    };
    trusts_lambda_only(&role.trust)
        && role.boundary.is_none()
        && role.path == "/"
        && role.tags.is_empty()
        && source.property(&role.logical_id, "MaxSessionDuration").is_none()
        && !SETTINGS.iter().any(settings)
}

/// Whether Lambda, and nobody else, may assume the role, without a condition.
pub(crate) fn trusts_lambda_only(trust: &Value) -> bool {
    let statements = crate::today::statements(trust);
    let plain = |s: &Value| {
        let principal = s.get("Principal").and_then(Value::as_object);
        let only = principal.filter(|p| p.len() == 1).and_then(|p| p.get("Service"));
        let services = only.map(|_| texts(s.get("Principal").unwrap_or(&Value::Null), "Service")).unwrap_or_default();
        services == ["lambda.amazonaws.com"] && s.get("Condition").is_none()
    };
    !statements.is_empty() && statements.iter().all(plain)
}

/// Whether today's statements say just what is wanted.
pub(crate) fn is_same(today: &Today, statements: &[Statement], carried: &[&Written]) -> bool {
    let now: BTreeSet<_> =
        today.allows.iter().chain(&today.denies).filter(|w| !w.kept).flat_map(|w| keys(&w.value)).collect();
    let mut wanted: BTreeSet<_> = carried.iter().flat_map(|w| keys(&w.value)).collect();
    for statement in statements {
        let condition = statement.condition.as_ref().map(Value::to_string).unwrap_or_default();
        for (action, resource) in statement.actions.iter().flat_map(|a| statement.resources.iter().map(move |r| (a, r)))
        {
            wanted.insert(format!("Allow|{}|{}|{condition}", action.to_ascii_lowercase(), resource.arn));
        }
    }
    now == wanted
}

/// A statement as a set of single permissions.
fn keys(statement: &Value) -> Vec<String> {
    let (actions, resources) = (texts(statement, "Action"), texts(statement, "Resource"));
    if actions.is_empty() || resources.is_empty() {
        return vec![statement.to_string()];
    }
    let effect = statement.get("Effect").and_then(Value::as_str).unwrap_or("");
    let condition = statement.get("Condition").map(Value::to_string).unwrap_or_default();
    let pairs = actions.iter().flat_map(|a| resources.iter().map(move |r| (a, r)));
    pairs.map(|(a, r)| format!("{effect}|{}|{r}|{condition}", a.to_ascii_lowercase())).collect()
}

/// The roles that nothing uses once functions have moved: nobody but Lambda could assume them.
pub(crate) fn orphans(scene: &Scene<'_>, planned: &[Planned<'_>]) -> Vec<String> {
    let moved: Vec<_> = planned.iter().filter(|p| matches!(p.way, Way::DropRole | Way::NewRole)).collect();
    let mut roles: Vec<_> = moved.iter().map(|p| p.role).collect();
    roles.dedup_by_key(|r| r.logical_id.clone());
    let gone = |role: &&&Role| {
        let id = role.logical_id.as_str();
        let still = |user: &String| match moved.iter().find(|p| p.function.logical_id == *user) {
            Some(_) => scene.source.resource(user).is_none_or(|e| refers_beside_role(&e.value, id)),
            None => true,
        };
        scene.source.resource(id).is_some()
            && trusts_lambda_only(&role.trust)
            && !scene.source.users_of(id).iter().any(still)
    };
    let mut all: Vec<_> = roles.iter().filter(gone).map(|r| r.logical_id.clone()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Whether a function refers to a role by more than its `Role`.
fn refers_beside_role(resource: &Node, role: &str) -> bool {
    let outside = resource.entries().iter().filter(|e| e.key != "Properties");
    let others = resource.get("Properties").map_or(&[][..], |n| n.entries()).iter().filter(|e| e.key != "Role");
    // An entry by itself, so that `DependsOn` counts as such.
    let alone = |e: &Entry| {
        let one = Node::new(burgward_template::tree::Kind::Map(vec![e.clone()]), e.key_span.clone());
        references(&one).contains(role)
    };
    outside.chain(others).any(alone)
}

/// The kept managed policies of a role, by the place where each is named.
pub(crate) fn kept_managed(role: &Role) -> impl Iterator<Item = &burgward_template::model::Spanned<String>> {
    role.managed.iter().filter(|m| is_kept(&m.value))
}

impl Scene<'_> {
    /// Where the permissions of a function are written.
    pub(crate) fn written_at(&self, planned: &Planned<'_>) -> String {
        let source = &self.source;
        let home = if planned.way == Way::InPlace { &planned.role.logical_id } else { &planned.function.logical_id };
        let rights = ["Policies", "Role"].into_iter().find_map(|name| source.property(home, name));
        let entry = rights.or_else(|| source.resource(home));
        entry.map_or_else(|| planned.function.span.place(), |entry| entry.key_span.place())
    }
}
