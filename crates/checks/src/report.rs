//! How a check hands in what it found.

use burgward_diag::{Finding, FindingSite, Fix, Severity, Span};

use crate::rule::{Persona, Rule};

/// A finding in the making: what the rule's own file has to say; the rest comes from the rule.
#[derive(Debug)]
pub(crate) struct Draft {
    span: Span,
    title: String,
    label: String,
    related: Vec<FindingSite>,
    severity: Option<Severity>,
    persona: Option<Persona>,
    help: Option<String>,
    fixes: Vec<Fix>,
}

impl Draft {
    /// A finding at a place.
    pub(crate) fn at(span: &Span, title: impl Into<String>) -> Self {
        Self {
            span: span.clone(),
            title: title.into(),
            label: String::new(),
            related: Vec::new(),
            severity: None,
            persona: None,
            help: None,
            fixes: Vec::new(),
        }
    }

    /// A word on what stands at the place.
    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// A further place.
    pub(crate) fn related(mut self, span: &Span, label: impl Into<String>) -> Self {
        self.related.push(FindingSite { span: tight(span), label: label.into() });
        self
    }

    /// It matters more or less than the rule's findings do in general.
    pub(crate) fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// Another persona wants to see it than the rule's findings in general.
    pub(crate) fn persona(mut self, persona: Persona) -> Self {
        self.persona = Some(persona);
        self
    }

    /// How a program can mend it.
    pub(crate) fn fix(mut self, fix: impl IntoIterator<Item = Fix>) -> Self {
        self.fixes.extend(fix);
        self
    }

    /// A more exact next step than the rule's.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Takes the findings of one rule.
#[derive(Debug)]
pub(crate) struct Report {
    rule: &'static Rule,
    persona: Persona,
    found: Vec<Finding>,
}

impl Report {
    pub(crate) fn new(rule: &'static Rule, persona: Persona) -> Self {
        Self { rule, persona, found: Vec::new() }
    }

    /// Hands in a finding; one for another persona is dropped, and so is a second one at the same place: `Globals`,
    /// shared policies and shared code reach many resources from one line.
    pub(crate) fn push(&mut self, draft: Draft) {
        let meta = &self.rule.meta;
        let span = tight(&draft.span);
        let known = |f: &Finding| f.primary.as_ref().is_some_and(|site| same_place(&site.span, &span));
        if draft.persona.unwrap_or(meta.persona) > self.persona || self.found.iter().any(known) {
            return;
        }
        self.found.push(Finding {
            rule: self.rule.id,
            severity: draft.severity.unwrap_or(meta.severity),
            title: draft.title,
            primary: Some(FindingSite { span, label: draft.label }),
            related: draft.related,
            why: meta.why.to_owned(),
            help: draft.help.unwrap_or_else(|| meta.help.to_owned()),
            fixes: draft.fixes,
        });
    }

    pub(crate) fn finish(self) -> Vec<Finding> {
        self.found
    }
}

/// Whether two places are one, also if the file was read twice.
fn same_place(one: &Span, other: &Span) -> bool {
    (one.start, one.end, one.file.name()) == (other.start, other.end, other.file.name())
}

/// The most lines a place may have.
const MOST_LINES: u32 = 3;

/// A place that a reader takes in at once: a longer one is cut to its first line.
fn tight(span: &Span) -> Span {
    let (from, to) = (span.position().line, span.end_position().line);
    if to < from + MOST_LINES {
        return span.clone();
    }
    let first = span.text().split(['\n', '\r']).next().unwrap_or_default();
    Span { end: span.start + u32::try_from(first.len()).unwrap_or(0).max(1), ..span.clone() }
}
