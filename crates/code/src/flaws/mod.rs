//! Flaws, with what mends them.

use crate::engine::Engine;
use crate::facts::{Flaw, FlawKind, FunctionSource};

/// The flaws that evaluation found.
pub(crate) fn of(_source: &FunctionSource, engine: &Engine<'_>) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for (place, taint) in &engine.found.shells {
        flaws.push(Flaw {
            kind: FlawKind::EventShell,
            place: *place,
            source: Some(taint.place),
            field: Some(taint.field.to_string()).filter(|field| !field.is_empty()),
            fix: Vec::new(),
            fix_title: String::new(),
        });
    }
    flaws
}
