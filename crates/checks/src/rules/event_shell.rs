//! Text of a request becomes part of a shell command.
//!
//! ## What it does
//! Follows what callers choose (the event of a function) through the code to commands that a shell reads:
//! `subprocess` with `shell=True`, `os.system`, `os.popen` and their like.
//!
//! ## Why is this bad?
//! A shell reads `;`, `$()` and backquotes in that text as commands. Whoever sends the request runs programs with the
//! function's rights: its role's credentials stand in its environment.
//!
//! ## Example
//! ```python
//! subprocess.check_output("wc -w < " + body["fileName"], shell=True)
//! ```
//!
//! ## Use instead
//! ```python
//! with open(path) as file:
//!     subprocess.check_output(["wc", "-w"], stdin=file)
//! ```
//!
//! ## Fix
//! With `--fix=all`, a command of one program becomes an argument list, its redirections files; only where nothing else
//! of the shell is used, and every part of the command is surely one word.
//!
//! ## References
//! - [subprocess: security considerations](https://docs.python.org/3/library/subprocess.html#security-considerations)
//! - SAS-01 Function event-data injection, OWASP-S1, CWE-78

use burgward_code::FlawKind;
use burgward_diag::Severity;

use crate::flaws::drafts;
use crate::report::Report;
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

pub(super) const META: Meta = Meta {
    severity: Severity::Critical,
    confidence: Confidence::Medium,
    persona: Persona::Regular,
    tags: &["SAS-01", "OWASP-S1", "CWE-78"],
    why: "whoever sends the request runs commands with all that the function's role allows",
    help: "run the program with a list of arguments, without a shell",
};

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let title = |function: &str, field: Option<&str>| match field {
        Some(field) => format!("`{field}` of the request becomes part of a shell command in `{function}`"),
        None => format!("text of the request becomes part of a shell command in `{function}`"),
    };
    for draft in drafts(view, FlawKind::EventShell, "a shell reads it", "the text comes from here", title) {
        report.push(draft);
    }
}
