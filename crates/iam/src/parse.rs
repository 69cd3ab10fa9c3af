//! From a JSON document to a compiled policy.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use std::collections::HashSet;

use crate::PolicyError;
use crate::action::ActionPattern;
use crate::arn::{ArnPattern, Use};
use crate::condition::Condition;
use crate::index::Index;
use crate::json::{Json, Member, Node};
use crate::policy::{Actions, Policy, PolicyKind, Principals, Resources, Statement};
use crate::principal::Named;

/// Longer documents are refused unread: AWS's largest quota is 20,480 characters, so this is no limit in practice.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Where statements stand.
#[derive(Clone, Copy)]
pub(crate) enum Origin<'a> {
    Text(&'a str),
    Value(&'a [String]),
}

/// A problem, at an offset of the text.
struct Problem {
    at: usize,
    what: String,
    hint: &'static str,
}

impl Problem {
    fn new(at: usize, problem: impl Into<String>, hint: &'static str) -> Self {
        Self { at, what: problem.into(), hint }
    }
}

pub(crate) fn from_text(text: &str, name: &str, kind: PolicyKind) -> Result<Policy, PolicyError> {
    let syntax = |at, problem| {
        let place = line_and_column(text, at);
        PolicyError { policy: name.to_owned(), place, problem, hint: "a policy is one JSON object".to_owned() }
    };
    if text.len() > MAX_BYTES {
        return Err(syntax(0, format!("the document has {} bytes, more than {MAX_BYTES}", text.len())));
    }
    let json = Json::parse(text).map_err(|e| syntax(e.at, e.problem))?;
    from_json(&json, name, kind, Origin::Text(text))
}

pub(crate) fn from_json(json: &Json, name: &str, kind: PolicyKind, origin: Origin<'_>) -> Result<Policy, PolicyError> {
    let failed = |statement: Option<usize>, p: Problem| {
        let path = statement.map_or_else(String::new, |i| format!(" (Statement[{i}])"));
        let place = match origin {
            Origin::Text(text) => format!("{}{path}", line_and_column(text, p.at)),
            Origin::Value(places) => match statement.and_then(|i| places.get(i)).or(places.first()) {
                Some(place) => format!("{place}{path}"),
                None => format!("the document{path}"),
            },
        };
        PolicyError { policy: name.to_owned(), place, problem: p.what, hint: p.hint.to_owned() }
    };
    let (variables, list) = document(json).map_err(|p| failed(None, p))?;
    let mut lines = Lines::new(origin);
    let mut statements = Vec::with_capacity(list.len());
    let mut sids = HashSet::new();
    for (i, json) in list.iter().enumerate() {
        let mut statement = statement(json, kind, variables).map_err(|p| failed(Some(i), p))?;
        let repeated = statement.sid.as_ref().is_some_and(|sid| !sids.insert(sid.clone()));
        if repeated && kind != PolicyKind::Resource {
            let sid = statement.sid.as_deref().unwrap_or("");
            let hint = "give each statement a `Sid` of its own";
            return Err(failed(Some(i), Problem::new(json.at, format!("the Sid `{sid}` occurs twice"), hint)));
        }
        statement.place = lines.place(i, json.at);
        statements.push(statement);
    }
    let (denies, allows) = (Index::of(&statements, true), Index::of(&statements, false));
    Ok(Policy { name: name.into(), kind, denies, allows, statements, refused: None })
}

/// Places of statements, found in one pass over the text.
struct Lines<'a> {
    origin: Origin<'a>,
    line: usize,
    start: usize,
    seen: usize,
}

impl<'a> Lines<'a> {
    fn new(origin: Origin<'a>) -> Self {
        Self { origin, line: 1, start: 0, seen: 0 }
    }

    fn place(&mut self, i: usize, at: usize) -> Option<Box<str>> {
        match self.origin {
            Origin::Value(places) => places.get(i).map(|p| p.as_str().into()),
            Origin::Text(text) => {
                for (offset, byte) in text.as_bytes().get(self.seen..at)?.iter().enumerate() {
                    if *byte == b'\n' {
                        self.line += 1;
                        self.start = self.seen + offset + 1;
                    }
                }
                self.seen = at;
                Some(format!("{}:{}", self.line, at - self.start + 1).into())
            }
        }
    }
}

fn line_and_column(text: &str, at: usize) -> String {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    let line = before.split(|b| *b == b'\n').count();
    let column = before.rsplit(|b| *b == b'\n').next().map_or(0, <[u8]>::len) + 1;
    format!("line {line}, column {column}")
}

/// Whether the document's version knows variables, and its statements.
fn document(json: &Json) -> Result<(bool, &[Json]), Problem> {
    let Node::Map(members) = &json.node else {
        return Err(Problem::new(json.at, format!("a policy is an object, not {}", json.kind()), "write `{ ... }`"));
    };
    let (mut variables, mut statements) = (false, None);
    for Member { at, key, value } in members {
        match (key.as_str(), &value.node) {
            ("Version", Node::Text(version)) => {
                variables = match version.as_str() {
                    "2012-10-17" => true,
                    "2008-10-17" => false,
                    other => return Err(Problem::new(*at, format!("`{other}` is not a policy version"), VERSION)),
                }
            }
            ("Id", Node::Text(_)) => {}
            ("Statement", Node::List(list)) => statements = Some(list.as_slice()),
            ("Statement", Node::Map(_)) => statements = Some(std::slice::from_ref(value)),
            ("Version" | "Id" | "Statement", _) => {
                return Err(Problem::new(*at, format!("`{key}` cannot be {}", value.kind()), VERSION));
            }
            _ => return Err(Problem::new(*at, format!("`{key}` is not an element of a policy"), ELEMENTS)),
        }
    }
    match statements {
        Some(list) if !list.is_empty() => Ok((variables, list)),
        _ => Err(Problem::new(json.at, "the policy has no statement", "add `Statement`")),
    }
}

const VERSION: &str = "write `\"Version\": \"2012-10-17\"` and `Statement` as a list";
const ELEMENTS: &str = "elements are case-sensitive: Version, Id, Statement";
const STATEMENT: &str = "elements are case-sensitive: Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, \
                         NotResource, Condition";

/// A statement's elements before they are judged.
#[derive(Default)]
struct Elements<'a> {
    sid: Option<&'a str>,
    deny: Option<bool>,
    principal: Option<(&'a Member, bool)>,
    action: Option<(&'a Member, bool)>,
    resource: Option<(&'a Member, bool)>,
    condition: Option<&'a Json>,
}

fn elements(json: &Json) -> Result<Elements<'_>, Problem> {
    let Node::Map(members) = &json.node else {
        return Err(Problem::new(json.at, format!("a statement is an object, not {}", json.kind()), "write `{ ... }`"));
    };
    let mut found = Elements::default();
    for member in members {
        let slot = match member.key.as_str() {
            "Sid" => {
                let Node::Text(sid) = &member.value.node else {
                    return Err(Problem::new(member.at, "`Sid` is a string", STATEMENT));
                };
                found.sid = Some(sid.as_str()).filter(|sid| !sid.is_empty());
                continue;
            }
            "Effect" => {
                found.deny = match &member.value.node {
                    Node::Text(effect) if effect == "Allow" => Some(false),
                    Node::Text(effect) if effect == "Deny" => Some(true),
                    Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::List(_) | Node::Map(_) => {
                        return Err(Problem::new(member.at, "`Effect` is `Allow` or `Deny`", STATEMENT));
                    }
                };
                continue;
            }
            "Condition" => {
                found.condition = Some(&member.value);
                continue;
            }
            "Principal" | "NotPrincipal" => &mut found.principal,
            "Action" | "NotAction" => &mut found.action,
            "Resource" | "NotResource" => &mut found.resource,
            other => {
                return Err(Problem::new(member.at, format!("`{other}` is not an element of a statement"), STATEMENT));
            }
        };
        if slot.replace((member, member.key.starts_with("Not"))).is_some() {
            return Err(Problem::new(
                member.at,
                format!("`{}` beside its opposite", member.key),
                "keep one of the two",
            ));
        }
    }
    Ok(found)
}

fn statement(json: &Json, kind: PolicyKind, variables: bool) -> Result<Statement, Problem> {
    let found = elements(json)?;
    let lacks = |what: &str| Problem::new(json.at, format!("the statement has no `{what}`"), STATEMENT);
    let deny = found.deny.ok_or_else(|| lacks("Effect"))?;
    let (action, negated) = found.action.ok_or_else(|| lacks("Action"))?;
    let actions = Actions { negated, patterns: actions(action)? };
    let resources = resources(found.resource, kind, variables, json.at)?;
    let principals = principals(found.principal, kind, deny, json.at)?;
    let conditions = found.condition.map_or(Ok(Vec::new()), |c| conditions(c, variables))?;
    let sid = found.sid.map(Into::into);
    Ok(Statement { sid, place: None, deny, principals, actions, resources, conditions })
}

/// One string or a list of them.
fn strings(member: &Member) -> Result<Vec<(usize, &str)>, Problem> {
    let bad = || Problem::new(member.at, format!("`{}` is a string or a list of strings", member.key), STATEMENT);
    let text = |json: &'_ Json| if matches!(json.node, Node::Text(_)) { Ok(()) } else { Err(bad()) };
    let items = match &member.value.node {
        Node::List(items) if !items.is_empty() => items.as_slice(),
        Node::Text(_) => std::slice::from_ref(&member.value),
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::List(_) | Node::Map(_) => return Err(bad()),
    };
    items.iter().try_for_each(text)?;
    Ok(items.iter().filter_map(|i| if let Node::Text(t) = &i.node { Some((i.at, t.as_str())) } else { None }).collect())
}

fn actions(member: &Member) -> Result<Vec<ActionPattern>, Problem> {
    const HINT: &str = "an action is written `service:Name`, with `*` and `?` as wildcards, or `*`";
    let pattern = |(at, text): (usize, &str)| {
        let named = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'*' | b'?'))
        };
        let shaped = text == "*" || text.split_once(':').is_some_and(|(service, name)| named(service) && named(name));
        if !shaped {
            return Err(Problem::new(at, format!("`{text}` is not an action"), HINT));
        }
        ActionPattern::compile(text).map_err(|problem| Problem::new(at, problem, HINT))
    };
    strings(member)?.into_iter().map(pattern).collect()
}

fn resources(
    found: Option<(&Member, bool)>,
    kind: PolicyKind,
    variables: bool,
    at: usize,
) -> Result<Resources, Problem> {
    const HINT: &str = "a resource is an ARN, `arn:partition:service:region:account:resource`, or `*`";
    match (found, kind) {
        (Some((member, _)), PolicyKind::Trust) => {
            Err(Problem::new(member.at, "a trust policy has no `Resource`: it is about its own role", "remove it"))
        }
        (None, PolicyKind::Identity) => Err(Problem::new(at, "the statement has no `Resource`", HINT)),
        (None, _) => Ok(Resources { negated: false, patterns: None }),
        (Some((member, negated)), _) => {
            let pattern = |(at, text): (usize, &str)| {
                let compiled = ArnPattern::compile(text, variables, Use::Resource);
                compiled.map_err(|problem| Problem::new(at, problem, HINT))
            };
            let patterns = strings(member)?.into_iter().map(pattern).collect::<Result<_, _>>()?;
            Ok(Resources { negated, patterns: Some(patterns) })
        }
    }
}

fn principals(found: Option<(&Member, bool)>, kind: PolicyKind, deny: bool, at: usize) -> Result<Principals, Problem> {
    const HINT: &str = "write `\"*\"` or `{\"AWS\": ...}`, `{\"Service\": ...}`, `{\"Federated\": ...}`";
    let Some((member, negated)) = found else {
        return match kind {
            PolicyKind::Identity => Ok(Principals::Holder),
            PolicyKind::Resource | PolicyKind::Trust => {
                Err(Problem::new(at, "the statement has no `Principal`, which this type of policy needs", HINT))
            }
        };
    };
    if kind == PolicyKind::Identity {
        let problem = format!("`{}` in a policy that is attached to a principal", member.key);
        return Err(Problem::new(member.at, problem, "remove it"));
    }
    if negated && (!deny || kind == PolicyKind::Trust) {
        let problem = "`NotPrincipal` is supported with `\"Effect\": \"Deny\"` of resource policies only";
        return Err(Problem::new(member.at, problem, "use `aws:PrincipalArn` in a condition"));
    }
    let mut named = Vec::new();
    match &member.value.node {
        Node::Text(everyone) if everyone == "*" => named.push(Named::Everyone),
        Node::Map(entries) if !entries.is_empty() => {
            for entry in entries {
                for (at, text) in strings(entry)? {
                    named.push(principal(&entry.key, text).map_err(|problem| Problem::new(at, problem, HINT))?);
                }
            }
        }
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::List(_) | Node::Map(_) => {
            return Err(Problem::new(member.at, format!("`{}` is `\"*\"` or an object", member.key), HINT));
        }
    }
    Ok(if negated { Principals::Except(named) } else { Principals::Only(named) })
}

fn principal(kind: &str, text: &str) -> Result<Named, String> {
    if kind != "AWS" && (text.is_empty() || text.contains(['*', '?', ' '])) {
        return Err(format!("`{text}` is not a principal of type `{kind}`"));
    }
    match kind {
        "AWS" => Named::aws(text),
        "Service" => Ok(Named::Service(text.into())),
        "Federated" => Ok(Named::Federated(text.into())),
        "CanonicalUser" => Ok(Named::Nobody),
        _ => Err(format!("`{kind}` is not a type of principal")),
    }
}

fn conditions(json: &Json, variables: bool) -> Result<Vec<Condition>, Problem> {
    const HINT: &str = "see the condition operators: `{\"StringEquals\": {\"aws:PrincipalTag/team\": \"blue\"}}`";
    let object = |json: &Json, what: &str| Problem::new(json.at, format!("{what} is an object"), HINT);
    let Node::Map(operators) = &json.node else { return Err(object(json, "`Condition`")) };
    let mut all = Vec::new();
    for operator in operators {
        let Node::Map(keys) = &operator.value.node else { return Err(object(&operator.value, "an operator")) };
        if keys.is_empty() {
            return Err(Problem::new(operator.at, format!("`{}` has no condition key", operator.key), HINT));
        }
        for key in keys {
            let values = values(key)?;
            let compiled = Condition::compile(&operator.key, &key.key, &values, variables);
            all.push(compiled.map_err(|problem| Problem::new(key.at, problem, HINT))?);
        }
    }
    Ok(all)
}

/// Strings, numbers and booleans, one or a list; numbers and booleans may go without quotation marks.
fn values(member: &Member) -> Result<Vec<String>, Problem> {
    let items = match &member.value.node {
        Node::List(items) => items.as_slice(),
        Node::Null | Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::Map(_) => {
            std::slice::from_ref(&member.value)
        }
    };
    if items.is_empty() {
        return Err(Problem::new(member.at, format!("`{}` is compared with nothing", member.key), "add a value"));
    }
    let text = |json: &Json| match &json.node {
        Node::Text(text) | Node::Number(text) => Ok(text.clone()),
        Node::Bool(value) => Ok(value.to_string()),
        Node::Null | Node::List(_) | Node::Map(_) => {
            let problem = format!("`{}` cannot be compared with {}", member.key, json.kind());
            Err(Problem::new(json.at, problem, "use strings, numbers or booleans"))
        }
    };
    items.iter().map(text).collect()
}
