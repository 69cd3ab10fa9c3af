//! A parameter without its secret default.

use burgward_diag::Fix;
use burgward_template::tree::Entry;
use burgward_types::Secret;

use crate::fixes::safe;
use crate::view::View;

/// Removes the default of a parameter, and shows its value to nobody.
pub(crate) fn without_default(view: &View<'_>, parameter: &Entry, value: String) -> Option<Fix> {
    let writer = view.writer()?;
    let mut edits = vec![writer.remove_entry(&parameter.value, "Default")];
    if parameter.value.get("NoEcho").and_then(|n| n.as_bool()) != Some(true) {
        // In the place of the type: a default that stands last is removed with its line.
        edits.push(writer.insert_after(&parameter.value, "Type", "NoEcho", &true.into()));
    }
    let fix = safe(format!("ask for `{}` instead of keeping a default", parameter.key), edits.into_iter().collect())?;
    Some(Fix { values: vec![(parameter.key.clone(), Secret::new(value))], ..fix })
}
