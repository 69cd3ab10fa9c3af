//! What `up` would do with a template, for a person and for a program.

use std::fmt::Write as _;

use burgward_diag::escape_terminal;
use burgward_template::{Diagnostic, Loaded, PlanItem, Verdict};
use serde_json::{Value, json};

/// The word that stands for a verdict.
fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Run => "run",
        Verdict::Forward => "forward",
        Verdict::Refuse => "refuse",
        Verdict::Note => "note",
    }
}

/// True if `up` would start.
#[must_use]
pub fn is_runnable(loaded: &Loaded) -> bool {
    loaded.app.is_some() && loaded.refused.is_empty()
}

/// The plan as a table with lines, then what is refused and what is left aside.
#[must_use]
pub fn human(loaded: &Loaded) -> String {
    let mut out = String::new();
    let width = loaded.plan.iter().map(|item| item.logical_id.chars().count()).max().unwrap_or(0);
    for item in &loaded.plan {
        let _ = write!(
            out,
            "{:8} {:width$}  {}  {}",
            word(item.verdict),
            escape_terminal(&item.logical_id),
            escape_terminal(&item.resource_type),
            escape_terminal(&item.span.place()),
        );
        if !item.reason.is_empty() {
            let _ = write!(out, "\n{:8} {}", "", escape_terminal(&item.reason));
        }
        out.push('\n');
    }
    section(&mut out, "refused: `up` will not start with these", &loaded.refused);
    section(&mut out, "left aside: no bearing on security", &loaded.listed);
    let verdict = if is_runnable(loaded) { "`burgward up` runs this app" } else { "`burgward up` refuses this app" };
    let _ = writeln!(out, "\n{verdict}");
    out
}

fn section(out: &mut String, title: &str, diagnostics: &[Diagnostic]) {
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
pub fn json(loaded: &Loaded) -> Value {
    let place = |span: &burgward_diag::Span| {
        let at = span.position();
        json!({"file": span.file.name(), "line": at.line, "column": at.column})
    };
    let item = |item: &PlanItem| {
        json!({"logicalId": item.logical_id, "type": item.resource_type, "verdict": word(item.verdict),
               "reason": item.reason, "place": place(&item.span)})
    };
    let diagnostic =
        |d: &Diagnostic| json!({"message": d.message, "hint": d.hint, "place": d.span.as_ref().map(place)});
    json!({
        "schema": "burgward/plan-v1",
        "runnable": is_runnable(loaded),
        "resources": loaded.plan.iter().map(item).collect::<Vec<_>>(),
        "refused": loaded.refused.iter().map(diagnostic).collect::<Vec<_>>(),
        "listed": loaded.listed.iter().map(diagnostic).collect::<Vec<_>>(),
    })
}
