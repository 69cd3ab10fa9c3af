//! Findings as workflow commands, which GitHub shows beside the lines of a pull request.
//!
//! Source: <https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>

use std::fmt::Write as _;

use crate::{Finding, Severity, escape_terminal};

/// One line a finding; `folder` stands in front of file names, and ends with a slash unless it is empty.
#[must_use]
pub fn render_github(findings: &[Finding], folder: &str) -> String {
    let mut out = String::new();
    for finding in findings {
        let command = match finding.severity {
            Severity::Critical | Severity::High => "error",
            Severity::Medium => "warning",
            Severity::Low | Severity::Info => "notice",
        };
        let _ = write!(out, "::{command} ");
        if let Some(site) = &finding.primary {
            let (from, to) = (site.span.position(), site.span.end_position());
            let file = property(&format!("{folder}{}", site.span.file.name()));
            let _ = write!(out, "file={file},line={},endLine={},", from.line, to.line);
            // Columns are understood for places of one line only.
            if from.line == to.line {
                let _ = write!(out, "col={},endColumn={},", from.column, to.column);
            }
        }
        let message = message(&format!("{}. {}. hint: {}", finding.title, finding.why, finding.help));
        let _ = writeln!(out, "title={}::{message}", property(finding.rule));
    }
    out
}

/// A log shows it on somebody's terminal in the end (law 6); line breaks have an escape of their own here.
fn message(text: &str) -> String {
    let lines: Vec<String> = text.replace('\r', "").split('\n').map(escape_terminal).collect();
    lines.join("\n").replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
