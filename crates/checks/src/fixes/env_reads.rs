//! Reads of an environment variable in code, turned into reads of a secret.

use std::collections::BTreeSet;

use burgward_code::{EnvRead, Place, quote_at};
use burgward_diag::{Span, TextEdit};
use burgward_template::model::Function;

use crate::codes::{FunctionCode, newline};
use crate::view::View;

/// Libraries that read the environment by names that the code does not show.
const BY_SHAPE: [&str; 5] = ["BaseSettings", "pydantic_settings", "decouple", "dynaconf", "environs"];

/// Edits by which every read of the variable fetches the secret that the variable `new` names, and the functions that
/// read it.
///
/// None unless all of this holds: the code of every function that gets the value was read in full; some of it reads the
/// variable; nothing else in it names the variable or takes the environment as a whole; and no function that gets another
/// value shares the code; and at every read there is room for strings, and `boto3` is the module.
pub(crate) fn fetched_in_code<'f>(
    view: &View<'_>,
    name: &str,
    new: &str,
    value: &Span,
    functions: &[&'f Function],
) -> Option<(Vec<TextEdit>, Vec<&'f Function>)> {
    let (mut edits, mut seen, mut readers) = (Vec::new(), BTreeSet::new(), Vec::new());
    for function in functions {
        let code = view.codes.get(&function.logical_id)?;
        let known = code.code.unparsed.is_empty() && (0..).zip(&code.files).all(|(at, _)| all_known(code, at, name));
        if !known {
            return None;
        }
        let reads: Vec<_> = code.code.env_reads.iter().filter(|read| read.name == name).collect();
        readers.extend((!reads.is_empty()).then_some(*function));
        for read in reads {
            let span = code.span(read.place)?;
            if shared_with_others(view, span.file.name(), name, value) {
                return None;
            }
            if seen.insert((span.file.name().to_owned(), span.start)) {
                let quote = quote_at(span.file.text(), read.place, &["boto3"])?;
                edits.push(TextEdit { text: fetched(span.text(), name, new, quote)?, span });
            }
            let import = import(code, read.place)?;
            if let Some(import) = import.filter(|i| seen.insert((i.span.file.name().to_owned(), u32::MAX))) {
                edits.push(import);
            }
        }
    }
    (!readers.is_empty()).then_some((edits, readers))
}

/// Whether a function that does not get this value runs this file.
fn shared_with_others(view: &View<'_>, file: &str, name: &str, value: &Span) -> bool {
    let runs = |f: &&Function| {
        view.codes.get(&f.logical_id).is_some_and(|code| code.files.iter().any(|source| source.name() == file))
    };
    let gets = |f: &Function| f.env.iter().any(|(n, v)| n == name && v.span == *value);
    view.app.functions.iter().filter(runs).any(|f| !gets(f))
}

/// Whether a file names the variable and the environment only in reads that the analysis knows.
fn all_known(code: &FunctionCode, at: u32, name: &str) -> bool {
    let Some(file) = usize::try_from(at).ok().and_then(|at| code.files.get(at)) else { return false };
    let text = file.text();
    let reads: Vec<_> = code.code.env_reads.iter().filter(|read| read.place.file == at).collect();
    let covered = |start: usize| reads.iter().any(|read: &&EnvRead| covers(read.place, start));
    let imported = |start: usize| {
        let line = text.get(..start).and_then(|before| before.rsplit('\n').next()).unwrap_or("").trim_start();
        line.starts_with("from os import") || line.starts_with("import ")
    };
    let alone = |word: &str| text.match_indices(word).all(|(start, _)| covered(start) || imported(start));
    let named = text.match_indices(name).all(|(start, _)| covered(start) || !names_variable(text, start, name));
    alone("environ") && alone("getenv") && named && !BY_SHAPE.iter().any(|library| text.contains(library))
}

/// Whether the text at `start` names the variable for somebody who looks it up: a whole string, or a variable of a shell.
/// The name of a constant does not.
fn names_variable(text: &str, start: usize, name: &str) -> bool {
    let before = text.get(..start).unwrap_or("");
    let after = text.get(start + name.len()..).unwrap_or("");
    let word = |c: char| c.is_alphanumeric() || c == '_';
    if before.ends_with(word) || after.starts_with(word) {
        return false;
    }
    let whole = before.ends_with(['"', '\'']) && after.starts_with(['"', '\'']);
    whole || before.ends_with(['$', '%']) || before.ends_with("${")
}

fn covers(place: Place, start: usize) -> bool {
    place.start as usize <= start && start < place.end as usize
}

/// The expression that fetches the secret, made of the one that read the variable: `os.environ["X"]`, `environ.get("X")`,
/// `os.getenv("X", "default")`; a default has no place in it.
fn fetched(read: &str, name: &str, new: &str, q: char) -> Option<String> {
    let quoted = ['"', '\''].iter().find_map(|quote| {
        let written = format!("{quote}{name}{quote}");
        read.contains(&written).then(|| (written, format!("{quote}{new}{quote}")))
    });
    let (old, new) = quoted?;
    let (before, after) = read.split_once(&old)?;
    let close = if after.trim_start().starts_with(',') { ")" } else { after };
    Some(format!(
        "boto3.client({q}secretsmanager{q}).get_secret_value(SecretId={before}{new}{close})[{q}SecretString{q}]"
    ))
}

/// The import that the expression needs: an inner `None` if it is there.
#[expect(clippy::option_option, reason = "no edit is needed, or none can be made")]
fn import(code: &FunctionCode, place: Place) -> Option<Option<TextEdit>> {
    let imports = code.code.imports.get(place.file as usize)?;
    if imports.modules.iter().any(|module| module == "boto3") {
        return Some(None);
    }
    let at = Place { start: imports.insert_at, end: imports.insert_at, ..place };
    let span = code.span(at)?;
    let text = format!("import boto3{}", newline(&span.file));
    Some(Some(TextEdit { text, span }))
}
