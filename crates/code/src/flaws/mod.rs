//! Flaws, with what mends them.

mod fate;
mod holes;
mod pieces;
pub(crate) mod scope;
mod shell;
mod tmp;
mod words;

use std::cell::Cell;
use std::collections::HashMap;

use crate::engine::{Engine, TmpUse};
use crate::facts::{Flaw, FlawKind, FunctionSource, Imports, Place, PlacedEdit};
use crate::python;
use crate::value::Taint;

/// The most flaws of a file for which edits are sought at once; others have their turn after those are mended.
const MENDED_AT_ONCE: usize = 40;

/// How many values are followed in a file; beyond, a person must mend its flaws.
const STEPS: u32 = 500;

/// A file with a flaw.
struct File<'f> {
    number: u32,
    text: &'f str,
    root: tree_sitter::Node<'f>,
    imports: &'f Imports,
    /// All files of the function.
    all: &'f [Source<'f>],
    /// How many values may still be followed: each takes a look at the whole file.
    steps: Cell<u32>,
}

/// Takes a step, if one is left.
fn step(steps: &Cell<u32>) -> Option<()> {
    steps.set(steps.get().checked_sub(1)?);
    Some(())
}

/// A file's tree with its text.
#[derive(Clone, Copy)]
struct Source<'f> {
    number: u32,
    root: tree_sitter::Node<'f>,
    text: &'f str,
}

impl<'f> File<'f> {
    /// The functions of this name in all files.
    fn definitions(&self, name: &str) -> Vec<(Source<'f>, tree_sitter::Node<'f>)> {
        let named = |source: &Source<'f>, node: &tree_sitter::Node<'f>| {
            let is = node.kind() == "function_definition";
            is && python::field(*node, "name").and_then(|n| source.text.get(n.byte_range())) == Some(name)
        };
        let of = |source: &Source<'f>| {
            let source = *source;
            scope::all(source.root).into_iter().filter(move |n| named(&source, n)).map(move |n| (source, n))
        };
        self.all.iter().flat_map(of).collect()
    }
}

/// Edits with what they do; or why there are none.
type Mend = Result<(Vec<PlacedEdit>, String), &'static str>;

/// The flaws that evaluation found.
pub(crate) fn of(source: &FunctionSource, engine: &Engine<'_>) -> Vec<Flaw> {
    let none = Imports::default();
    let loaded = engine.loaded.iter().filter_map(|loaded| {
        let number = loaded.unit.file;
        Some(Source { number, root: loaded.tree.root_node(), text: &source.files.get(number as usize)?.text })
    });
    let all: Vec<Source<'_>> = loaded.collect();
    let mut files: HashMap<u32, File<'_>> = HashMap::new();
    for Source { number, root, text } in all.iter().copied() {
        let imports = engine.imports.get(&number).unwrap_or(&none);
        files.insert(number, File { number, text, root, imports, all: &all, steps: Cell::new(STEPS) });
    }
    let mut sought: HashMap<u32, usize> = HashMap::new();
    let mut mend = |place: Place, how: &dyn Fn(&File<'_>) -> Mend, person: &str| {
        let count = sought.entry(place.file).or_default();
        *count += 1;
        let mended = match files.get(&place.file) {
            Some(_) if *count > MENDED_AT_ONCE => Err("other flaws of the file come first"),
            Some(file) if file.root.has_error() => Err("the file is not valid"),
            Some(file) => how(file),
            None => Err("the file is not known"),
        };
        mended.unwrap_or_else(|why| (Vec::new(), format!("{person}: {why}")))
    };
    let mut flaws = Vec::new();
    for (place, (taint, function)) in &engine.found.shells {
        let person = "a person must take the shell away";
        let (fix, fix_title) = mend(*place, &|file| shell::mend(file, *place, function), person);
        flaws.push(flaw(FlawKind::EventShell, *place, taint, fix, fix_title));
    }
    for (place, used) in &engine.found.paths {
        if let Some(taint) = reason(used) {
            let person = "a person must give the file a private folder";
            let how = |file: &File<'_>| {
                let elsewhere =
                    |(at, other): (&Place, &TmpUse)| at != place && other.path.is_some() && other.path == used.path;
                if !used.written {
                    return Err("the file is only read here");
                }
                if engine.found.paths.iter().any(elsewhere) {
                    return Err("other code makes the same path");
                }
                tmp::mend(file, *place)
            };
            let (fix, fix_title) = mend(*place, &how, person);
            flaws.push(flaw(FlawKind::PredictableTmp, *place, taint, fix, fix_title));
        }
    }
    flaws.sort_by_key(|flaw| (flaw.place, flaw.kind));
    flaws
}

/// What of the event makes the use of a temporary path a flaw.
fn reason(used: &TmpUse) -> Option<&Taint> {
    let traversal = used.name.as_ref().filter(|name| !name.path_safe);
    if !used.written {
        return traversal;
    }
    traversal.or_else(|| used.name.as_ref().or(used.content.as_ref()).filter(|_| used.predictable))
}

fn flaw(kind: FlawKind, place: Place, taint: &Taint, fix: Vec<PlacedEdit>, fix_title: String) -> Flaw {
    Flaw {
        kind,
        place,
        source: Some(taint.place).filter(|place| *place != Place::default()),
        field: Some(taint.field.to_string()).filter(|field| !field.is_empty()),
        fix,
        fix_title,
    }
}
