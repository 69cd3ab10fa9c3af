//! The code of a function cannot be read.
//!
//! ## What it does
//! Reports files of a function's package that could not be parsed, and languages that are not understood.
//!
//! ## Why is this bad?
//! It is no weakness by itself. But checks of code and `burgward fit` leave that code out: what they do not report is
//! not known to be absent.
//!
//! ## Example
//! ```python
//! def handler(event, context)
//!     return run(event)
//! ```
//!
//! ## Use instead
//! ```python
//! def handler(event, context):
//!     return run(event)
//! ```
//!
//! ## References
//! - [Building Lambda functions with Python](https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html)
//! - SAS-05 Inadequate function monitoring and logging, CWE-1059

use burgward_diag::Severity;

use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

pub(super) const META: Meta = Meta {
    severity: Severity::Info,
    confidence: Confidence::High,
    persona: Persona::Regular,
    tags: &["SAS-05", "CWE-1059"],
    why: "checks of its code and `fit` leave it out",
    help: "mend the syntax, or read this code with another tool",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for function in &view.app.functions {
        let Some(read) = view.codes.get(&function.logical_id) else { continue };
        for unparsed in &read.code.unparsed {
            let in_code = unparsed.place.and_then(|place| read.span(place));
            let title = format!("code of `{}` cannot be read: {}", function.logical_id, unparsed.why);
            report.push(Draft::at(in_code.as_ref().unwrap_or(&function.span), title).label("not read"));
        }
    }
}
