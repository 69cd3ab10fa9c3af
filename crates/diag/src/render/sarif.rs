//! Findings as SARIF 2.1.0.
//!
//! Source: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html>

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::{Finding, FindingSite, Severity};

/// What a log says of a rule.
#[derive(Clone, Debug)]
pub struct RuleInfo {
    /// Its id.
    pub id: &'static str,
    /// What it is about, in a line.
    pub summary: String,
    /// Its page, in Markdown.
    pub page: String,
    /// Entries of lists of risks.
    pub tags: Vec<&'static str>,
    /// How much its findings matter in general.
    pub severity: Severity,
}

/// A log of one run; `folder` stands in front of file names, and ends with a slash unless it is empty.
#[must_use]
pub fn render_sarif(findings: &[Finding], rules: &[RuleInfo], folder: &str, version: &str) -> String {
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "burgward",
                "semanticVersion": version,
                "rules": rules.iter().map(rule).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": findings.iter().map(|finding| result(finding, rules, folder)).collect::<Vec<_>>(),
        }],
    });
    format!("{log:#}\n")
}

fn rule(rule: &RuleInfo) -> Value {
    let tags: Vec<&str> = std::iter::once("security").chain(rule.tags.iter().copied()).collect();
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.summary },
        "help": { "text": rule.page, "markdown": rule.page },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "tags": tags, "security-severity": score(rule.severity) },
    })
}

fn result(finding: &Finding, rules: &[RuleInfo], folder: &str) -> Value {
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": { "text": format!("{}: {}. {}", finding.title, finding.why, finding.help) },
        "locations": finding.primary.iter().map(|site| location(site, folder)).collect::<Vec<_>>(),
        "relatedLocations": finding.related.iter().map(|site| location(site, folder)).collect::<Vec<_>>(),
        "properties": { "security-severity": score(finding.severity), "id": finding.id() },
    });
    let index = rules.iter().position(|rule| rule.id == finding.rule);
    if let (Some(index), Some(fields)) = (index, result.as_object_mut()) {
        fields.insert("ruleIndex".to_owned(), index.into());
    }
    result
}

fn location(site: &FindingSite, folder: &str) -> Value {
    let (from, to) = (site.span.position(), site.span.end_position());
    let uri = format!("{folder}{}", site.span.file.name());
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri_of(&uri) },
            // The end is the column after the last (section 3.30.8).
            "region": { "startLine": from.line, "startColumn": from.column, "endLine": to.line,
                        "endColumn": to.column + 1 },
        },
    });
    if let (false, Some(fields)) = (site.label.is_empty(), location.as_object_mut()) {
        fields.insert("message".to_owned(), json!({ "text": site.label }));
    }
    location
}

/// A path as a URI reference (RFC 3986): what is not unreserved, nor a slash, is encoded.
fn uri_of(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// The number by which GitHub sorts: CVSS ranges (over 9.0 critical, 7.0 high, 4.0 medium).
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}
