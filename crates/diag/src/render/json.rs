//! Findings as JSON values: what `check --format json` lists.

use serde_json::{Value, json};

use crate::{Disposition, Finding, FindingSite};

/// Every finding; `folder` stands in front of file names, and ends with a slash unless it is empty.
#[must_use]
pub fn findings_json(findings: &[Finding], folder: &str) -> Value {
    findings.iter().map(|finding| one(finding, folder)).collect()
}

fn one(finding: &Finding, folder: &str) -> Value {
    // A fix that keeps to the template is the one to name, if there is one.
    let fixable = finding.fixes.iter().map(|fix| fix.disposition).min().map(|least| match least {
        Disposition::Safe => "safe",
        Disposition::All => "all",
    });
    json!({
        "id": finding.id(),
        "rule": finding.rule,
        "severity": finding.severity,
        "title": finding.title,
        "place": finding.primary.as_ref().map(|site| place(site, folder)),
        "related": finding.related.iter().map(|site| place(site, folder)).collect::<Vec<_>>(),
        "why": finding.why,
        "help": finding.help,
        "fixable": fixable,
    })
}

fn place(site: &FindingSite, folder: &str) -> Value {
    let (from, to) = (site.span.position(), site.span.end_position());
    json!({
        "file": format!("{folder}{}", site.span.file.name()),
        "line": from.line,
        "column": from.column,
        "end_line": to.line,
        "end_column": to.column,
        "label": site.label,
    })
}
