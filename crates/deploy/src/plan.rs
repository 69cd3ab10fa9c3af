//! What `up` would do with a template, for a person and for a program.

use std::fmt::Write as _;
use std::path::Path;

use burgward_diag::escape_terminal;
use burgward_service::Scope;
use burgward_template::{Diagnostic, Loaded, PlanItem, Verdict};
use burgward_types::{AccountId, Region};
use serde_json::{Value, json};

use crate::{
    RefusedFunction, invoke_policies, policy_set, refused_code, refused_environments, refused_runtimes, refused_stores,
};

/// The word that stands for a verdict.
fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Run => "run",
        Verdict::Forward => "forward",
        Verdict::Refuse => "refuse",
        Verdict::Note => "note",
    }
}

/// What `up` would do with a template.
#[derive(Debug)]
pub struct Plan<'a> {
    loaded: &'a Loaded,
    /// What the template's reader takes and the deployment refuses.
    refusal: Option<String>,
    /// Functions and stores that cannot be had as they are written, or not on this machine.
    functions: Vec<RefusedFunction>,
}

impl<'a> Plan<'a> {
    /// The plan for what was read.
    #[must_use]
    pub fn new(loaded: &'a Loaded, substitutes: &[(String, String)]) -> Self {
        let mut functions = Vec::new();
        if let Some(app) = &loaded.app {
            functions.extend(refused_environments(app));
            functions.extend(refused_runtimes(app, substitutes));
            functions.extend(refused_stores(app));
        }
        Self { loaded, refusal: refusal(loaded), functions }
    }

    /// Looks for the code of functions and layers in the template's folder as well.
    #[must_use]
    pub fn with_code_in(mut self, folder: &Path) -> Self {
        self.functions.extend(self.loaded.app.iter().flat_map(|app| refused_code(app, folder)));
        self
    }

    /// True if `up` would start on this machine.
    #[must_use]
    pub fn is_runnable(&self) -> bool {
        let judged = self.refusal.is_none() && self.functions.is_empty();
        self.loaded.app.is_some() && self.loaded.refused.is_empty() && judged
    }

    /// What `up` would do with a resource.
    fn verdict(&self, item: &PlanItem) -> Verdict {
        let refused = self.functions.iter().any(|function| function.logical_id == item.logical_id);
        if refused { Verdict::Refuse } else { item.verdict }
    }

    /// Everything that is refused with its line.
    fn refused(&self) -> Vec<&Diagnostic> {
        self.loaded.refused.iter().chain(self.functions.iter().map(|function| &function.why)).collect()
    }
}

fn refusal(loaded: &Loaded) -> Option<String> {
    let app = loaded.app.as_ref().filter(|_| loaded.refused.is_empty())?;
    let account = AccountId::parse(&app.account).map_err(|error| error.to_string());
    let region = Region::parse(&app.region).map_err(|error| error.to_string());
    let scope = match (account, region) {
        (Ok(account), Ok(region)) => Scope { account, region },
        (Err(error), _) | (_, Err(error)) => return Some(error),
    };
    let policies = policy_set(app, &scope).map(drop);
    policies.and_then(|()| invoke_policies(app).map(drop)).err().map(|error| error.to_string())
}

/// The plan as a table with lines, then what is refused and what is left aside.
#[must_use]
pub fn human(plan: &Plan<'_>) -> String {
    let (loaded, mut out) = (plan.loaded, String::new());
    let width = loaded.plan.iter().map(|item| item.logical_id.chars().count()).max().unwrap_or(0);
    for item in &loaded.plan {
        let _ = write!(
            out,
            "{:8} {:width$}  {}  {}",
            word(plan.verdict(item)),
            escape_terminal(&item.logical_id),
            escape_terminal(&item.resource_type),
            escape_terminal(&item.span.place()),
        );
        if !item.reason.is_empty() {
            let _ = write!(out, "\n{:8} {}", "", escape_terminal(&item.reason));
        }
        out.push('\n');
    }
    section(&mut out, "refused: `up` will not start with these", &plan.refused());
    if let Some(refusal) = &plan.refusal {
        let lines: Vec<_> = refusal.lines().map(escape_terminal).collect();
        let _ = writeln!(out, "\nrefused by the deployment\n  {}", lines.join("\n    "));
    }
    section(&mut out, "left aside: no bearing on security", &loaded.listed.iter().collect::<Vec<_>>());
    let verdict = if plan.is_runnable() { "`burgward up` runs this app" } else { "`burgward up` refuses this app" };
    let _ = writeln!(out, "\n{verdict}");
    out
}

fn section(out: &mut String, title: &str, diagnostics: &[&Diagnostic]) {
    if diagnostics.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title}");
    for diagnostic in diagnostics {
        for (at, line) in diagnostic.to_string().lines().enumerate() {
            let _ = writeln!(out, "{}{}", if at == 0 { "  " } else { "    " }, escape_terminal(line));
        }
    }
}

/// The plan as one JSON document.
#[must_use]
pub fn json(plan: &Plan<'_>) -> Value {
    let loaded = plan.loaded;
    let place = |span: &burgward_diag::Span| {
        let at = span.position();
        json!({"file": span.file.name(), "line": at.line, "column": at.column})
    };
    let item = |item: &PlanItem| {
        json!({"logicalId": item.logical_id, "type": item.resource_type, "verdict": word(plan.verdict(item)),
               "reason": item.reason, "place": place(&item.span)})
    };
    let diagnostic =
        |d: &Diagnostic| json!({"message": d.message, "hint": d.hint, "place": d.span.as_ref().map(place)});
    json!({
        "schema": "burgward/plan-v1",
        "runnable": plan.is_runnable(),
        "deploymentRefusal": plan.refusal,
        "resources": loaded.plan.iter().map(item).collect::<Vec<_>>(),
        "refused": plan.refused().into_iter().map(diagnostic).collect::<Vec<_>>(),
        "listed": loaded.listed.iter().map(diagnostic).collect::<Vec<_>>(),
    })
}
