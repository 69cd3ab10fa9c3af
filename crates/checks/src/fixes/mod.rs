//! What the fixes of rules are made of; the rules say what they fix.

mod access;
mod authorizer;
mod env_reads;
mod env_secret;
mod parameter;
mod throttle;

use burgward_diag::{Disposition, Fix, TextEdit};
use burgward_template::patch::PatchError;

pub(crate) use authorizer::attach_authorizer;
pub(crate) use env_secret::move_secret;
pub(crate) use parameter::without_default;
pub(crate) use throttle::add_throttle;

use crate::view::View;

/// A fix of the template alone; none if one of its edits cannot be made.
pub(crate) fn safe(title: impl Into<String>, edits: Result<Vec<TextEdit>, PatchError>) -> Option<Fix> {
    let edits = edits.ok().filter(|edits| !edits.is_empty())?;
    Some(Fix { title: title.into(), disposition: Disposition::Safe, edits, values: Vec::new() })
}

/// A name of this start that nothing in the template has.
pub(crate) fn free_name(view: &View<'_>, start: &str) -> String {
    let sections = ["Parameters", "Resources", "Mappings", "Conditions"];
    let taken = |name: &str| sections.iter().any(|s| view.section(s).iter().any(|e| e.key == name));
    let numbered = (2..).map(|n| format!("{start}{n}"));
    std::iter::once(start.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
}
