//! A file in `/tmp` has a name that another request can guess or choose.
//!
//! ## What it does
//! Looks for files that code writes below `/tmp` under a fixed name, or under one that the request brings.
//!
//! ## Why is this bad?
//! A function's process serves many requests, and `/tmp` stays: the next caller names the same file and reads what the
//! one before left there, or leaves something for the next one to find.
//!
//! ## Example
//! ```python
//! path = "/tmp/" + body["fileName"]
//! ```
//!
//! ## Use instead
//! ```python
//! with tempfile.TemporaryDirectory() as folder:
//!     path = os.path.join(folder, "upload")
//! ```
//!
//! ## Fix
//! With `--fix=all`, the file gets a private directory of its own that is made for this request.
//!
//! ## References
//! - [Lambda execution environment: /tmp](https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html)
//! - SAS-12 Cross-execution data persistency, CWE-377

use burgward_code::FlawKind;
use burgward_diag::Severity;

use crate::flaws::drafts;
use crate::report::Report;
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

pub(super) const META: Meta = Meta {
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    persona: Persona::Regular,
    tags: &["SAS-12", "CWE-377"],
    why: "the next request finds what this one left there, or this one finds what another put there",
    help: "make a directory with `tempfile.TemporaryDirectory()` for each request",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let title = |function: &str, field: Option<&str>| match field {
        Some(field) => format!("`{field}` of the request names a file of `{function}` in `/tmp`"),
        None => format!("`{function}` writes a file in `/tmp` under a name that others can guess"),
    };
    for draft in drafts(view, FlawKind::PredictableTmp, "in `/tmp`", "the name comes from here", title) {
        report.push(draft);
    }
}
