//! Static checks: the model of an app in, findings out.
//!
//! Pure: no I/O, no clock, no randomness. One check is one file in `src/rules`, one folder in `fixtures` and one line in
//! the table of `src/rules/mod.rs`; the file's doc comment is the page that `explain` and the site print.

mod actions;
mod doors;
mod grants;
mod holders;
mod report;
mod rule;
mod rules;
mod secrets;
mod strangers;
mod view;

use burgward_diag::Finding;
use burgward_template::model::App;

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

/// What this persona wants to know of an app, in the order of the file.
#[must_use]
pub fn run_as(app: &App, persona: Persona) -> Vec<Finding> {
    let view = View::new(app);
    let mut found = Vec::new();
    for rule in rules() {
        let mut report = Report::new(rule, persona);
        (rule.check)(&view, &mut report);
        found.extend(report.finish());
    }
    found.sort_by_key(|f: &Finding| f.primary.as_ref().map(|site| site.span.start));
    found
}
