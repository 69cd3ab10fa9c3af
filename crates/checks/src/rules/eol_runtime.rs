//! A function runs on a runtime that is no longer mended.
//!
//! ## What it does
//! Looks for runtimes that Lambda has deprecated: one finding for each runtime, with all the functions that use it. It
//! is low in the first year and medium after that. The dates are those that AWS had published when this list was
//! written.
//!
//! ## Why is this bad?
//! The runtime gets no security fixes any more, neither the interpreter nor the operating system below it; after a time
//! Lambda also refuses to create and to update such functions.
//!
//! ## Example
//! ```yaml
//! Runtime: python3.8
//! ```
//!
//! ## Use instead
//! ```yaml
//! Runtime: python3.13
//! ```
//!
//! ## References
//! - [Lambda runtimes: runtime deprecation policy](https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html)
//! - SAS-11 Obsolete functions, cloud resources and event triggers, OWASP-S9, CWE-1104

use burgward_diag::Severity;

use crate::report::{Draft, Report};
use crate::rule::{Confidence, Meta, Persona};
use crate::view::View;

pub(super) const META: Meta = Meta {
    severity: Severity::Medium,
    confidence: Confidence::High,
    persona: Persona::Regular,
    tags: &["SAS-11", "OWASP-S9", "CWE-1104"],
    why: "neither the interpreter nor the operating system below it gets security fixes any more",
    help: "move to a runtime that Lambda supports",
};

/// Deprecated runtimes with the date; the flag marks those of the year before the list was written.
///
/// Left out on purpose: runtimes whose date AWS had still moved lately.
const ENDED: &[(&str, &str, bool)] = &[
    ("nodejs", "2016-10-31", false),
    ("nodejs4.3", "2020-03-05", false),
    ("nodejs4.3-edge", "2019-04-30", false),
    ("nodejs6.10", "2019-08-12", false),
    ("nodejs8.10", "2020-03-06", false),
    ("nodejs10.x", "2021-07-30", false),
    ("nodejs12.x", "2023-03-31", false),
    ("nodejs14.x", "2023-12-04", false),
    ("nodejs16.x", "2024-06-12", false),
    ("nodejs18.x", "2025-09-01", false),
    ("nodejs20.x", "2026-04-30", true),
    ("python2.7", "2021-07-15", false),
    ("python3.6", "2022-07-18", false),
    ("python3.7", "2023-12-04", false),
    ("python3.8", "2024-10-14", false),
    ("python3.9", "2025-12-15", true),
    ("ruby2.5", "2021-07-30", false),
    ("ruby2.7", "2023-12-07", false),
    ("ruby3.2", "2026-03-31", true),
    ("java8", "2024-01-08", false),
    ("go1.x", "2024-01-08", false),
    ("provided", "2024-01-08", false),
    ("dotnetcore1.0", "2019-07-30", false),
    ("dotnetcore2.0", "2019-05-30", false),
    ("dotnetcore2.1", "2022-01-05", false),
    ("dotnetcore3.1", "2023-04-03", false),
    ("dotnet5.0", "2022-05-10", false),
    ("dotnet6", "2024-12-20", false),
    ("dotnet7", "2024-05-14", false),
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for (runtime, date, lately) in ENDED {
        let mut users = view.app.functions.iter().filter(|f| f.runtime.value == *runtime);
        let Some(first) = users.next() else { continue };
        let severity = if *lately { Severity::Low } else { Severity::Medium };
        let title = format!("the runtime `{runtime}` has had no security fixes since {date}");
        let draft = Draft::at(&first.runtime.span, title).severity(severity);
        let elsewhere = users.filter(|f| f.runtime.span != first.runtime.span);
        report.push(elsewhere.fold(draft, |d, f| d.related(&f.runtime.span, format!("`{}`, too", f.logical_id))));
    }
}
