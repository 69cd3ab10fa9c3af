//! What rules of code share: a flaw that the analysis found becomes a finding.

use burgward_code::{Flaw, FlawKind};
use burgward_diag::{Disposition, Fix};

use crate::codes::FunctionCode;
use crate::report::Draft;
use crate::view::View;

/// A finding for each flaw of a kind; the title is made of the function and, if it is known, the way in the event.
pub(crate) fn drafts(
    view: &View<'_>,
    kind: FlawKind,
    label: &str,
    source: &str,
    title: impl Fn(&str, Option<&str>) -> String,
) -> Vec<Draft> {
    let functions = view.app.functions.iter().filter_map(|f| Some((f, view.codes.get(&f.logical_id)?)));
    let flaws = functions.flat_map(|(f, read)| read.code.flaws.iter().map(move |flaw| (f, read, flaw)));
    let of_kind = flaws.filter(|(.., flaw)| flaw.kind == kind);
    of_kind
        .filter_map(|(function, read, flaw)| {
            let span = read.span(flaw.place)?;
            let draft = Draft::at(&span, title(&function.logical_id, flaw.field.as_deref())).label(label);
            let origin = flaw.source.filter(|at| *at != flaw.place).and_then(|at| read.span(at));
            let draft = origin.iter().fold(draft, |d, at| d.related(at, source));
            Some(draft.fix(fix(read, flaw)))
        })
        .collect()
}

fn fix(read: &FunctionCode, flaw: &Flaw) -> Option<Fix> {
    let edits = read.edits(&flaw.fix).filter(|edits| !edits.is_empty())?;
    Some(Fix { title: flaw.fix_title.clone(), disposition: Disposition::All, edits, values: Vec::new() })
}
