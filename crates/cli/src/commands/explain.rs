//! `burgward explain`.

use std::fmt::Write as _;
use std::process::ExitCode;

use burgward_app::{Paths, Workspace};
use burgward_audit::AuditLog;
use burgward_checks::{Persona, Rule};
use burgward_deploy::policy_set;
use burgward_diag::{escape_terminal, render_human};
use burgward_iam::{Context, Policies, Request, decide, explain};
use burgward_service::{PolicySet, Scope};
use burgward_template::model::App;
use burgward_types::{AccountId, AuditRecord, DecisionRecord, Principal, Region};

use super::{Done, Failure, check, folder_prefix, paths, source};
use crate::args::ExplainArgs;
use crate::out;

/// Explains a rule, a finding or a call, whichever the id is of.
pub(crate) fn run(args: &ExplainArgs) -> Done {
    if let Some(rule) = burgward_checks::rule(&args.id) {
        out::data(&format!("{}\n", rule.page().trim_end()));
        return Ok(ExitCode::SUCCESS);
    }
    let text = match args.id.split_once('@') {
        Some((rule, _)) => finding(args, rule)?,
        None => call(args)?,
    };
    out::data(&text);
    Ok(ExitCode::SUCCESS)
}

fn finding(args: &ExplainArgs, rule: &str) -> Result<String, Failure> {
    let rule = burgward_checks::rule(rule).ok_or_else(|| {
        Failure::unusable(format!(
            "there is no rule `{rule}`\n  hint: `burgward check --format json` lists findings with their ids"
        ))
    })?;
    let workspace = Workspace::open(&source(&args.app, &args.parameters)?)?;
    let mut findings = check::findings(&workspace, Persona::Auditor)?;
    findings.retain(|finding| finding.id() == args.id);
    if findings.is_empty() {
        return Err(Failure::unusable(format!(
            "`{}` finds nothing there now\n  hint: lines move: `burgward check --format json` lists findings with their ids",
            rule.id
        )));
    }
    Ok(format!("{}{}\n", render_human(&findings, &folder_prefix(&workspace)), below_the_title(rule)))
}

/// The rule's page without the line that the finding says as well.
fn below_the_title(rule: &Rule) -> String {
    let page = rule.page();
    page.split_once('\n').map_or("", |(_, rest)| rest).trim().to_owned()
}

fn call(args: &ExplainArgs) -> Result<String, Failure> {
    let paths = paths(&args.app)?;
    let records = records(&paths, |record| record.request_id.as_str() == args.id)?;
    if records.is_empty() {
        return Err(Failure::unusable(format!(
            "`{}` is no rule, no finding (RULE@FILE:LINE) and no request id of the audit log in `{}`\n  \
             hint: `burgward audit show` lists calls with their request ids; name the app as `up` did, or its `--data`",
            args.id,
            paths.data.display()
        )));
    }
    let workspace = Workspace::open(&source(&args.app, &args.parameters)?).ok();
    let loaded = workspace.as_ref().map(Workspace::load);
    let app = loaded.as_ref().and_then(|loaded| loaded.app.as_ref());
    if app.is_none() {
        out::tell("note: the template is not here, so that no statement can be shown: name the app's PATH as well");
    }
    Ok(records.iter().map(|record| story(record, app)).collect())
}

/// The records of the audit log that are wanted, without those that only announce what is about to happen.
pub(super) fn records(paths: &Paths, wanted: impl Fn(&AuditRecord) -> bool) -> Result<Vec<AuditRecord>, Failure> {
    let folder = paths.data.join("audit");
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let vault = burgward_app::unlock(paths)?;
    let mut found = Vec::new();
    for record in AuditLog::read(&folder, &vault).map_err(Failure::unusable)? {
        let (_, record) = record.map_err(Failure::unusable)?;
        if record.detail.get("phase").is_none() && wanted(&record) {
            found.push(record);
        }
    }
    Ok(found)
}

/// One call in words: who, what, and each decision with the statement that made it, or those that might have.
pub(super) fn story(record: &AuditRecord, app: Option<&App>) -> String {
    let mut out = String::new();
    let verdict = match (&record.error_code, record.decisions.iter().all(|decision| decision.effect == "Allow")) {
        (Some(error), false) => format!("denied ({error})"),
        (Some(error), true) => format!("allowed, and failed ({error})"),
        (None, true) => "allowed".to_owned(),
        (None, false) => "let through although it was denied".to_owned(),
    };
    let call = format!("{} {}", record.event_source, record.event_name);
    let _ = writeln!(out, "{}: {verdict}", escape_terminal(&call));
    let from = record.user_agent.as_deref().map_or_else(String::new, |agent| format!(", {agent}"));
    let _ = writeln!(out, "  who      {}", escape_terminal(&record.principal.to_string()));
    let _ = writeln!(out, "  when     {}, request {}", record.event_time.iso8601(), record.request_id);
    let _ = writeln!(out, "  from     {}", escape_terminal(&format!("{}{from}", record.source)));
    if let Some(message) = &record.error_message {
        let _ = writeln!(out, "  answer   {}", escape_terminal(message));
    }
    for made in &record.decisions {
        decision(&mut out, record, made, app);
    }
    out
}

fn decision(out: &mut String, record: &AuditRecord, made: &DecisionRecord, app: Option<&App>) {
    let asked = escape_terminal(&format!("{} on {}", made.action, made.resource));
    let _ = writeln!(out, "  {}: {asked}", made.effect);
    if let (Some(policy), Some(place)) = (&made.policy, &made.place) {
        let layer = made.layer.as_deref().unwrap_or("policy");
        let at = made.statement.map_or_else(String::new, |at| format!(", statement {}", at + 1));
        let by = format!("{layer} policy `{policy}`{at}, {place}");
        let _ = writeln!(out, "    by the {}", escape_terminal(&by));
        return;
    }
    if let Some(told) = app.and_then(|app| replayed(record, made, app)) {
        for line in told.lines() {
            let _ = writeln!(out, "    {}", escape_terminal(line));
        }
    }
}

/// The decision again, with the template as it is now: which statements were near, and why none of them fits.
fn replayed(record: &AuditRecord, made: &DecisionRecord, app: &App) -> Option<String> {
    let scope = Scope { account: AccountId::parse(&app.account).ok()?, region: Region::parse(&app.region).ok()? };
    let set = policy_set(app, &scope).ok()?;
    let role = role_of(&record.principal)?;
    let identity = set.identity.get(&role).cloned().unwrap_or_else(|| [].into());
    let boundaries = set.boundaries.get(&role).cloned().unwrap_or_else(|| [].into());
    let context = Context::new();
    let request = Request {
        principal: &record.principal,
        action: &made.action,
        resource: &made.resource,
        resource_account: None,
        context: &context,
    };
    let policies = Policies {
        identity: &identity,
        boundaries: &boundaries,
        resource: resource_policy(&set, &made.resource),
        ..Policies::default()
    };
    let decision = decide(&request, &policies);
    let mut told = explain(&request, &policies, decision).story().to_owned();
    if let Some(role) = app.roles.iter().find(|found| found.arn == role) {
        told.push_str(&statements(role, app));
    }
    Some(told)
}

fn resource_policy<'a>(set: &'a PolicySet, resource: &str) -> Option<&'a burgward_iam::Policy> {
    set.resource_policy(resource).map(|policy| &**policy)
}

/// The ARN of the role behind a session.
fn role_of(principal: &Principal) -> Option<String> {
    match principal {
        Principal::AssumedRole { account, role, .. } | Principal::Role { account, name: role } => {
            Some(format!("arn:aws:iam::{account}:role/{role}"))
        }
        Principal::Root(_)
        | Principal::User { .. }
        | Principal::FederatedUser { .. }
        | Principal::Federated(_)
        | Principal::Service(_)
        | Principal::Anonymous => None,
    }
}

/// What the role's policies do say: a line a statement.
fn statements(role: &burgward_template::model::Role, app: &App) -> String {
    let functions: Vec<&str> =
        app.functions.iter().filter(|f| f.role == role.logical_id).map(|f| f.logical_id.as_str()).collect();
    let mut out = format!("`{}`, the role of {}, says:\n", role.logical_id, functions.join(", "));
    for policy in &role.policies {
        let listed = policy.document.get("Statement");
        let one = listed.filter(|statement| statement.is_object()).into_iter();
        let statements: Vec<_> = listed.and_then(|s| s.as_array()).into_iter().flatten().chain(one).collect();
        for (at, statement) in statements.iter().enumerate() {
            let place = policy.statement_spans.get(at).unwrap_or(&policy.span).place();
            let part = |key: &str| statement.get(key).map(listed_words).unwrap_or_default();
            let (effect, actions, resources) = (part("Effect"), part("Action"), part("Resource"));
            let _ = writeln!(out, "  {place}  {effect} {actions} on {resources}");
        }
    }
    out
}

fn listed_words(value: &serde_json::Value) -> String {
    let words = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    value.as_array().map_or_else(|| words(value), |all| all.iter().map(words).collect::<Vec<_>>().join(", "))
}
