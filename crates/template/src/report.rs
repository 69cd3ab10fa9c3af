//! Where remarks go while a template is read.

use std::cell::RefCell;

use burgward_diag::Span;

use crate::diagnostic::{Diagnostic, RefusedKind};

/// Remarks gathered so far; the same remark at the same place is kept once.
#[derive(Debug, Default)]
pub(crate) struct Report {
    refused: RefCell<Vec<Diagnostic>>,
    listed: RefCell<Vec<Diagnostic>>,
    /// How often something was refused, repetitions counted, and what was last.
    refusals: RefCell<(u64, String)>,
}

impl Report {
    /// Takes over what the reader already found.
    pub(crate) fn new(refused: Vec<Diagnostic>, listed: Vec<Diagnostic>) -> Self {
        Self { refused: RefCell::new(refused), listed: RefCell::new(listed), refusals: RefCell::default() }
    }

    /// An error.
    pub(crate) fn refuse(&self, kind: RefusedKind, span: &Span, message: impl Into<String>, hint: impl Into<String>) {
        let message = message.into();
        let count = self.refusals.borrow().0 + 1;
        *self.refusals.borrow_mut() = (count, message.clone());
        push(&self.refused, kind, span, message, hint.into());
    }

    /// How often something was refused so far, and what was last.
    pub(crate) fn refusals(&self) -> (u64, String) {
        self.refusals.borrow().clone()
    }

    /// A remark.
    pub(crate) fn list(&self, kind: RefusedKind, span: &Span, message: impl Into<String>, hint: impl Into<String>) {
        push(&self.listed, kind, span, message.into(), hint.into());
    }

    /// A template that AWS would not take either.
    pub(crate) fn syntax(&self, span: &Span, message: impl Into<String>, hint: impl Into<String>) {
        self.refuse(RefusedKind::Syntax, span, message, hint);
    }

    /// A value that only a deployment elsewhere knows.
    pub(crate) fn unresolved(&self, span: &Span, what: &str, why: &str) {
        let hint = "give it as a parameter value, or write it into the template";
        self.refuse(RefusedKind::Unresolved, span, format!("{what} cannot be known here: {why}"), hint);
    }

    /// Whether an error was reported whose place lies within this span.
    pub(crate) fn refused_within(&self, span: &Span) -> Option<String> {
        let refused = self.refused.borrow();
        let inside = |s: &Span| s.start >= span.start && s.end <= span.end.max(s.start);
        refused.iter().find(|d| d.span.as_ref().is_some_and(inside)).map(|d| d.message.clone())
    }

    /// All remarks, in the order of the file.
    pub(crate) fn finish(self) -> (Vec<Diagnostic>, Vec<Diagnostic>) {
        let sorted = |cell: RefCell<Vec<Diagnostic>>| {
            let mut all = cell.into_inner();
            all.sort_by_key(|d| d.span.as_ref().map(|s| s.start));
            all
        };
        (sorted(self.refused), sorted(self.listed))
    }
}

/// Remarks of a kind that are kept: nobody reads more, and a hostile template could make millions.
const MOST: usize = 500;

fn push(cell: &RefCell<Vec<Diagnostic>>, kind: RefusedKind, span: &Span, message: String, hint: String) {
    let mut all = cell.borrow_mut();
    if all.len() >= MOST {
        return;
    }
    // A value that cannot be known is told once, however many readers ask for it.
    let unknown = |d: &Diagnostic| kind == RefusedKind::Unresolved && d.kind == kind;
    let same = |d: &Diagnostic| (d.message == message || unknown(d)) && d.span.as_ref() == Some(span);
    if !all.iter().any(same) {
        all.push(Diagnostic { span: Some(span.clone()), message, hint, kind });
    }
}
