//! Static checks: the model of an app in, findings out.
//!
//! Pure: no I/O, no clock, no randomness. One check is one file in `src/rules`, one folder in `fixtures` and one line in
//! the table of `src/rules/mod.rs`; the file's doc comment is the page that `explain` and the site print. Rules that can
//! mend what they find hand in fixes; [`mend`] applies them, one after the other.

mod actions;
mod codes;
mod doors;
mod fixes;
mod flaws;
mod grants;
mod holders;
mod mend;
mod report;
mod rule;
mod rules;
mod secrets;
mod strangers;
mod view;

use burgward_diag::Finding;
use burgward_template::model::App;

pub use codes::{Codes, FunctionCode};
pub use mend::{Applied, Left, Mended, Reloaded, Workspace, mend};
pub use rule::{Confidence, Meta, Persona, Rule};

use report::Report;
use view::View;

/// All rules, in the order of their ids.
#[must_use]
pub fn rules() -> &'static [Rule] {
    rules::ALL
}

/// The rule with this id.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules().iter().find(|r| r.id == id)
}

/// What the regular persona wants to know of an app, in the order of the file.
#[must_use]
pub fn run(app: &App) -> Vec<Finding> {
    run_as(app, Persona::Regular)
}

/// What this persona wants to know of an app's template, in the order of the file.
#[must_use]
pub fn run_as(app: &App, persona: Persona) -> Vec<Finding> {
    run_with(app, &Codes::default(), persona)
}

/// What this persona wants to know of an app and its code: the template's findings in the order of the file, then those
/// of the code, file by file.
#[must_use]
pub fn run_with(app: &App, codes: &Codes, persona: Persona) -> Vec<Finding> {
    let view = View::new(app, codes);
    let mut found = Vec::new();
    for rule in rules() {
        let mut report = Report::new(rule, persona);
        (rule.check)(&view, &mut report);
        found.extend(report.finish());
    }
    let template = app.sources.first().map_or("", |file| file.name());
    found.sort_by_cached_key(|f: &Finding| {
        let span = f.primary.as_ref().map(|site| &site.span);
        span.map(|s| (s.file.name() != template, s.file.name().to_owned(), s.start))
    });
    found
}
