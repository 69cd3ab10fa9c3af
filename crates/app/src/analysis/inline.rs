//! Code that stands in the template itself: its places become places of the template.

use std::sync::Arc;

use burgward_code::{Code, Place};
use burgward_diag::{SourceFile, Span};

/// Moves every place into the template. Nothing in a template is mended as code: a scalar has an indentation of its own,
/// and escapes.
pub(super) fn moved(mut code: Code, text: &str, span: &Span) -> (Code, Arc<SourceFile>) {
    let lines = lines(text, span);
    let moved = |place: Place| {
        if place.file != 0 {
            return place;
        }
        let found = at(lines.as_deref(), text, place.start).zip(at(lines.as_deref(), text, place.end));
        let (start, end) = found.unwrap_or((span.start, span.end));
        Place { file: 0, start, end }
    };
    code.calls.iter_mut().for_each(|call| call.place = moved(call.place));
    code.undecided.iter_mut().for_each(|call| call.place = moved(call.place));
    code.unparsed.iter_mut().for_each(|fault| fault.place = fault.place.map(moved));
    for flaw in &mut code.flaws {
        flaw.place = moved(flaw.place);
        flaw.source = flaw.source.map(moved);
        flaw.fix.clear();
    }
    code.env_reads.clear();
    code.imports.clear();
    (code, Arc::clone(&span.file))
}

/// Where each line of the code starts in the code, and where in the template; none if the scalar is not line by line.
fn lines(text: &str, span: &Span) -> Option<Vec<(u32, u32)>> {
    let file = span.file.text();
    let mut from = span.start as usize;
    let mut found = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches('\n');
        if !bare.trim().is_empty() {
            let rest = file.get(from..span.end as usize)?;
            let (skipped, _) = rest.match_indices(bare).find(|(at, _)| is_line(rest, *at, bare))?;
            found.push((offset, u32::try_from(from + skipped).ok()?));
            from += skipped + bare.len();
        }
        offset += u32::try_from(line.len()).ok()?;
    }
    Some(found)
}

/// True if nothing but indentation stands before, and nothing after.
fn is_line(text: &str, at: usize, line: &str) -> bool {
    let before = text.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
    let after = text.get(at + line.len()..).unwrap_or_default();
    before.trim().is_empty() && (after.is_empty() || after.starts_with(['\n', '\r']))
}

fn at(lines: Option<&[(u32, u32)]>, text: &str, offset: u32) -> Option<u32> {
    let lines = lines?;
    let (code, template) = lines.get(lines.partition_point(|(start, _)| *start <= offset).checked_sub(1)?)?;
    // A place on an empty line has no place of its own.
    let same_line = !text.get(*code as usize..offset as usize)?.contains('\n');
    same_line.then_some(template + (offset - code))
}

#[cfg(test)]
mod tests {
    use burgward_code::Undecided;

    use super::*;

    #[test]
    fn a_place_in_inline_code_is_a_place_in_the_template() {
        let text = "Code:\n  ZipFile: |\n    import os\n\n    if os:\n      call(1)\nNext: 1\n";
        let file = SourceFile::new("t.yaml", text);
        let span = Span::new(&file, text.find('|').unwrap(), text.find("Next").unwrap());
        let code = "import os\n\nif os:\n  call(1)\n";
        let start = u32::try_from(code.find("call").unwrap()).unwrap();
        let place = Place { file: 0, start, end: start + 7 };
        let undecided = vec![Undecided { why: String::new(), place }];
        let (code, file) = moved(Code { undecided, ..Code::default() }, code, &span);
        let place = code.undecided[0].place;
        assert_eq!(Span::new(&file, place.start as usize, place.end as usize).text(), "call(1)");
    }
}
