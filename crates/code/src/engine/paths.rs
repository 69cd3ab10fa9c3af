//! Paths of files.

use super::{Engine, TmpUse};
use crate::value::{Shape, Val};

/// What is done with a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Read,
    Write,
}

/// True if the path lies in the folder for temporary files, which outlives a request.
pub(super) fn is_temporary(path: &str) -> bool {
    path == "/tmp" || path.starts_with("/tmp/")
}

/// Paths joined as Python does: an absolute one starts anew.
pub(super) fn join(parts: &[Val]) -> Val {
    let mut all: Vec<Val> = Vec::new();
    for part in parts {
        let absolute = part.constant().is_some_and(|text| text.starts_with('/'));
        if absolute {
            all.clear();
        }
        let ends = all.last().and_then(Val::constant).is_some_and(|text| text.ends_with('/'));
        if !all.is_empty() && !ends {
            all.push(Val::text("/"));
        }
        all.push(part.clone());
    }
    Val::concat(&all)
}

/// True if a later request can know the path: it is constant, or made of the event.
fn is_predictable(path: &Val) -> bool {
    path.shapes().iter().any(|shape| match shape {
        Shape::Text(_) => true,
        Shape::Join(parts) => parts.iter().all(|part| {
            part.taint().is_some() || part.shapes().iter().all(|s| matches!(s, Shape::Text(_) | Shape::Env(_)))
        }),
        _ => false,
    })
}

impl Engine<'_> {
    /// Notes that a path is opened.
    pub(super) fn uses_path(&mut self, path: &Val, how: Use, content: Option<&Val>) {
        let Some(made) = path.made() else { return };
        let used = TmpUse {
            written: how == Use::Write,
            name: path.taint().cloned(),
            content: content.and_then(Val::taint).cloned(),
            predictable: is_predictable(path),
            path: Some(path.value()),
        };
        self.found.path(made, used);
    }

    /// Something is written into what a path or a file was made of.
    pub(super) fn writes_into(&mut self, file: &Val, content: &Val) {
        for shape in file.shapes() {
            if let Shape::File(Some(made), true) = shape {
                let used = TmpUse { written: true, content: content.taint().cloned(), ..TmpUse::default() };
                self.found.path(*made, used);
            }
        }
    }
}

/// True if a file that is opened in this mode is written.
pub(super) fn writes(mode: Option<&Val>) -> bool {
    match mode.map(super::super::value::Val::constants) {
        None => false,
        Some((modes, others)) => others || modes.iter().any(|mode| mode.contains(['w', 'a', 'x', '+'])),
    }
}
