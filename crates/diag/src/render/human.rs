//! Findings as a person reads them.

use std::fmt::Write as _;

use crate::{Disposition, Finding, FindingSite};

/// Makes attacker-controlled text safe to print: control characters, and those that reorder text, become `\u{..}`.
///
/// A log line or a template may hold terminal control sequences (law 6).
#[must_use]
pub fn escape_terminal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let reorders = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if c == '\t' {
            out.push(' ');
        } else if c.is_control() || reorders {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// Prints findings with the line they point at, in the style of compilers; `folder` stands in front of file names, and
/// ends with a slash unless it is empty.
#[must_use]
pub fn render_human(findings: &[Finding], folder: &str) -> String {
    let mut out = String::new();
    for finding in findings {
        let _ = writeln!(out, "{}[{}]: {}", finding.severity.name(), finding.rule, escape_terminal(&finding.title));
        for site in finding.primary.iter().chain(&finding.related) {
            render_site(&mut out, site, folder);
        }
        if !finding.why.is_empty() {
            let _ = writeln!(out, "   = why: {}", escape_terminal(&finding.why));
        }
        if !finding.help.is_empty() {
            let _ = writeln!(out, "   = hint: {}", escape_terminal(&finding.help));
        }
        if let Some(fix) = finding.fixes.iter().min_by_key(|fix| fix.disposition) {
            let flag = if fix.disposition == Disposition::Safe { "--fix" } else { "--fix=all" };
            let _ = writeln!(out, "   = fix: {} (`check {flag}`)", escape_terminal(&fix.title));
        }
        out.push('\n');
    }
    out
}

fn render_site(out: &mut String, site: &FindingSite, folder: &str) {
    let span = &site.span;
    let (from, to) = (span.position(), span.end_position());
    let name = escape_terminal(&format!("{folder}{}", span.file.name()));
    let _ = writeln!(out, "  --> {name}:{}:{}", from.line, from.column);
    let line = escape_terminal(span.file.line(from.line));
    let gutter = from.line.to_string();
    let width = if to.line == from.line { (to.column + 1).saturating_sub(from.column).max(1) } else { 1 };
    let _ = writeln!(out, "{gutter} | {line}");
    let _ = writeln!(
        out,
        "{:pad$} | {:indent$}{} {}",
        "",
        "",
        "^".repeat(width as usize),
        escape_terminal(&site.label),
        pad = gutter.len(),
        indent = (from.column as usize).saturating_sub(1),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Severity, SourceFile, Span};

    #[test]
    fn a_finding_shows_its_line() {
        let file = SourceFile::new("t.yaml", "Runtime: python2.7\n");
        let site = FindingSite { span: Span::new(&file, 9, 18), label: "ended in 2021".into() };
        let finding = Finding {
            rule: "eol-runtime",
            severity: Severity::Medium,
            title: "\u{1b}[31mold runtime".into(),
            primary: Some(site),
            related: vec![],
            why: "no security fixes".into(),
            help: "use a supported runtime".into(),
            fixes: vec![],
        };
        assert_eq!(
            render_human(&[finding], ""),
            "medium[eol-runtime]: \\u{1b}[31mold runtime\n  --> t.yaml:1:10\n1 | Runtime: python2.7\n  |          ^^^^^^^^^ \
             ended in 2021\n   = why: no security fixes\n   = hint: use a supported runtime\n\n"
        );
    }
}
