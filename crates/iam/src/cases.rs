//! The cases of `burgward iam eval`: one JSON object a line in, one a line out.

use std::sync::Arc;

use burgward_types::{Arn, Principal};
use serde_json::{Map, Value, json};

use crate::json::Json;
use crate::{
    Context, ContextValue, Decision, Policies, Policy, PolicyKind, Request, decide, decide::assumes_role, explain,
    principal_context,
};

/// Evaluates one line. A line that cannot be read gives `{"name", "error"}`; nothing makes this fail.
#[must_use]
pub fn eval_case(line: &str) -> String {
    let (name, outcome) = match (serde_json::from_str::<Value>(line), Json::parse(line)) {
        (Err(error), _) => (Value::Null, Err(format!("the line is not JSON: {error}"))),
        (Ok(case), doubtful) => {
            // A `Value` keeps the last of two equal keys in silence; the own reader does not.
            let read = doubtful.map_err(|e| format!("{}, at byte {}", e.problem, e.at)).and_then(|_| Case::read(&case));
            (case.get("name").cloned().unwrap_or(Value::Null), read)
        }
    };
    match outcome {
        Ok(case) => {
            let (decision, reason) = case.decide();
            let by = decision
                .by
                .map(|by| json!({ "layer": by.layer.name(), "policy": by.policy, "statement": by.statement }));
            json!({ "name": name, "decision": decision.effect.name(), "by": by, "reason": reason }).to_string()
        }
        Err(error) => json!({ "name": name, "error": error }).to_string(),
    }
}

/// A case, read and compiled.
struct Case {
    principal: Principal,
    action: String,
    resource: String,
    resource_account: Option<String>,
    context: Context,
    identity: Vec<Arc<Policy>>,
    boundaries: Vec<Arc<Policy>>,
    session: Vec<Arc<Policy>>,
    resource_policy: Option<Policy>,
    service_control: Vec<Vec<Arc<Policy>>>,
    resource_control: Vec<Vec<Arc<Policy>>>,
    endpoint: Vec<Arc<Policy>>,
}

const CASE_KEYS: [&str; 9] = [
    "name",
    "request",
    "identityPolicies",
    "permissionsBoundaries",
    "sessionPolicies",
    "resourcePolicy",
    "serviceControlPolicies",
    "resourceControlPolicies",
    "endpointPolicies",
];
const REQUEST_KEYS: [&str; 5] = ["action", "resource", "resourceAccount", "principal", "context"];

impl Case {
    fn read(case: &Value) -> Result<Self, String> {
        let case = object(case, "the case", &CASE_KEYS)?;
        let request = case.get("request").ok_or("the case has no `request`")?;
        let request = object(request, "`request`", &REQUEST_KEYS)?;
        let action = text(request, "action")?.ok_or("the request has no `action`")?;
        let resource = text(request, "resource")?.ok_or("the request has no `resource`")?;
        if resource != "*" {
            Arn::parse(&resource).map_err(|e| e.to_string())?;
        }
        let principal = principal(request.get("principal").ok_or("the request has no `principal`")?)?;
        let resource_account = text(request, "resourceAccount")?;
        let mut context = context(request.get("context"))?;
        principal_context(&principal, &mut context);
        let mut read = Self {
            principal,
            action,
            resource,
            resource_account,
            context,
            identity: list(case, "identityPolicies", PolicyKind::Identity)?,
            boundaries: list(case, "permissionsBoundaries", PolicyKind::Identity)?,
            session: list(case, "sessionPolicies", PolicyKind::Identity)?,
            resource_policy: None,
            service_control: levels(case, "serviceControlPolicies", PolicyKind::Identity)?,
            resource_control: levels(case, "resourceControlPolicies", PolicyKind::Resource)?,
            endpoint: list(case, "endpointPolicies", PolicyKind::Resource)?,
        };
        let kind = if assumes_role(&read.request()) { PolicyKind::Trust } else { PolicyKind::Resource };
        read.resource_policy = match case.get("resourcePolicy") {
            None | Some(Value::Null) => None,
            Some(document) => Some(policy(document, "resourcePolicy", kind)?),
        };
        if let Some(owner) = read.request().owner().map(str::to_owned) {
            read.context.set_default("aws:ResourceAccount", owner);
        }
        Ok(read)
    }

    fn request(&self) -> Request<'_> {
        Request {
            principal: &self.principal,
            action: &self.action,
            resource: &self.resource,
            resource_account: self.resource_account.as_deref(),
            context: &self.context,
        }
    }

    fn decide(&self) -> (Decision, String) {
        let policies = Policies {
            identity: &self.identity,
            boundaries: &self.boundaries,
            session: &self.session,
            resource: self.resource_policy.as_ref(),
            service_control: &self.service_control,
            resource_control: &self.resource_control,
            endpoint: &self.endpoint,
        };
        let request = self.request();
        let decision = decide(&request, &policies);
        let reason = explain(&request, &policies, decision).message().to_owned();
        (decision, reason)
    }
}

fn object<'a>(value: &'a Value, what: &str, keys: &[&str]) -> Result<&'a Map<String, Value>, String> {
    let map = value.as_object().ok_or_else(|| format!("{what} is not an object"))?;
    match map.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(unknown) => Err(format!("{what} has an unknown key `{unknown}`")),
        None => Ok(map),
    }
}

fn text(map: &Map<String, Value>, key: &str) -> Result<Option<String>, String> {
    match map.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("`{key}` is not a string")),
    }
}

fn principal(value: &Value) -> Result<Principal, String> {
    if let Some(text) = value.as_str() {
        if text == "*" {
            return Ok(Principal::Anonymous);
        }
        let arn = Arn::parse(text).map_err(|e| e.to_string())?;
        return Principal::from_arn(&arn).ok_or_else(|| format!("`{text}` is not a principal's ARN"));
    }
    let map = value.as_object().filter(|map| map.len() == 1);
    let entry = map.and_then(|map| map.iter().next()).and_then(|(kind, id)| Some((kind.as_str(), id.as_str()?)));
    match entry {
        Some(("Service", name)) => Ok(Principal::Service(name.to_owned())),
        Some(("Federated", name)) => Ok(Principal::Federated(name.to_owned())),
        Some(("AWS", _)) => principal(value.get("AWS").unwrap_or(&Value::Null)),
        _ => Err("`principal` is an ARN, `*`, `{\"Service\": ...}` or `{\"Federated\": ...}`".to_owned()),
    }
}

fn context(value: Option<&Value>) -> Result<Context, String> {
    let mut context = Context::new();
    let Some(value) = value.filter(|v| !v.is_null()) else { return Ok(context) };
    for (key, value) in value.as_object().ok_or("`context` is not an object")? {
        if context.get(key).is_some() {
            return Err(format!("the context key `{key}` occurs twice"));
        }
        context.set(key, context_value(value).ok_or_else(|| format!("`{key}` is not a string or a list of strings"))?);
    }
    Ok(context)
}

fn context_value(value: &Value) -> Option<ContextValue> {
    let scalar = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(b) => Some(b.to_string()),
        Value::Number(n) => Some(n.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    if let Value::Array(items) = value {
        return items.iter().map(scalar).collect::<Option<Vec<_>>>().map(ContextValue::Many);
    }
    scalar(value).map(ContextValue::One)
}

fn policy(document: &Value, name: &str, kind: PolicyKind) -> Result<Policy, String> {
    Policy::from_value(document, name, kind, &[]).map_err(|e| e.to_string())
}

fn list(case: &Map<String, Value>, key: &str, kind: PolicyKind) -> Result<Vec<Arc<Policy>>, String> {
    match case.get(key) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(documents)) => documents_of(documents, key, kind),
        Some(_) => Err(format!("`{key}` is not a list")),
    }
}

fn documents_of(documents: &[Value], key: &str, kind: PolicyKind) -> Result<Vec<Arc<Policy>>, String> {
    let named = documents.iter().enumerate();
    named.map(|(i, document)| policy(document, &format!("{key}[{i}]"), kind).map(Arc::new)).collect()
}

fn levels(case: &Map<String, Value>, key: &str, kind: PolicyKind) -> Result<Vec<Vec<Arc<Policy>>>, String> {
    let level = |(i, level): (usize, &Value)| {
        let documents = level.as_array().ok_or_else(|| format!("`{key}` is not a list of lists"))?;
        documents_of(documents, &format!("{key}[{i}]"), kind)
    };
    match case.get(key) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(all)) => all.iter().enumerate().map(level).collect(),
        Some(_) => Err(format!("`{key}` is not a list of lists")),
    }
}
