//! A private folder that is removed with the request, instead of a name in `/tmp` that others know.

use tree_sitter::Node;

use super::fate::{self, Fate};
use super::pieces::{self, Piece};
use super::{File, Mend, Source, scope};
use crate::facts::{Place, PlacedEdit};
use crate::python::{field, parts};
use crate::secret::missing_imports;

/// Functions that answer with the path that they were given, or keep it.
const PASS_ON: &[&str] = &[
    "str",
    "repr",
    "format",
    "join",
    "abspath",
    "realpath",
    "normpath",
    "dirname",
    "Path",
    "PurePath",
    "dumps",
    "append",
    "add",
    "put",
    "insert",
    "extend",
    "setdefault",
    "update",
    "dict",
    "list",
    "tuple",
    "set",
    "setattr",
    "with_suffix",
    "with_name",
    "joinpath",
    "resolve",
    "absolute",
    "as_posix",
    "fspath",
    "quote",
    "encode",
    "replace",
];

/// Edits that put the file into a private folder.
pub(super) fn mend(file: &File<'_>, place: Place) -> Mend {
    let unusual = "the path is made in an unusual way";
    let value = scope::at(file.root, place).ok_or(unusual)?;
    let assignment = value.parent().filter(|p| p.kind() == "assignment" && field(*p, "right") == Some(value));
    let assignment = assignment.ok_or("the path has no name of its own")?;
    let left = field(assignment, "left").filter(|left| left.kind() == "identifier").ok_or(unusual)?;
    let name = file.text.get(left.byte_range()).ok_or(unusual)?;
    let statement = assignment.parent().filter(|p| p.kind() == "expression_statement").ok_or(unusual)?;
    let block = statement.parent().filter(|p| p.kind() == "block").ok_or("the path is made outside of a function")?;
    let function = scope::function_around(block).ok_or("the path is made outside of a function")?;
    let last = parts(block).into_iter().next_back().ok_or(unusual)?;
    if scope::only_value(function, file.text, name) != Some(value) {
        return Err("the name of the path has other values too");
    }
    check_uses(file, function, statement, last, name)?;
    let folder = unused(file, "folder");
    let new = path(file, value, &folder).ok_or(unusual)?;
    let mut edits = vec![wrapped(file, statement, last, value, &new, &folder)?];
    let mut modules = vec!["tempfile"];
    if new.contains("os.path.") {
        modules.insert(0, "os");
    }
    if modules.iter().any(|module| scope::is_shadowed(file.root, value, file.text, module)) {
        return Err("a name that is needed is something else here");
    }
    edits.extend(missing_imports(file.imports, file.number, &modules));
    edits.sort_by_key(|edit| edit.place);
    Ok((edits, "keep the file in a private folder that is removed when the request ends".to_owned()))
}

/// Every use must be over when the block ends.
fn check_uses(
    file: &File<'_>,
    function: Node<'_>,
    from: Node<'_>,
    to: Node<'_>,
    name: &str,
) -> Result<(), &'static str> {
    for node in scope::all(function) {
        if matches!(node.kind(), "yield" | "await") && scope::function_around(node) == Some(function) {
            return Err("the function is left and entered again");
        }
    }
    for used in scope::uses(function, file.text, name) {
        if used.start_byte() < from.start_byte() || used.end_byte() > to.end_byte() {
            return Err("the path is used further out");
        }
        let inner =
            scope::up(used, |node| matches!(node.kind(), "function_definition" | "lambda" | "class_definition"));
        if inner != Some(function) {
            return Err("the path is used by an inner function");
        }
        if used.start_byte() >= from.end_byte() && escapes(file, used) {
            return Err("the path is handed on, or something that is made of it and may read the file later");
        }
    }
    Ok(())
}

/// True if the path may still be known after the block.
fn escapes(file: &File<'_>, used: Node<'_>) -> bool {
    let mut node = used;
    while let Some(parent) = node.parent() {
        match parent.kind() {
            "call" => {
                let callee = scope::callee(parent, file.text);
                if !PASS_ON.contains(&callee) {
                    let source = Source { number: file.number, root: file.root, text: file.text };
                    return fate::of_call(file, source, parent, used) != Fate::Gone;
                }
                if field(parent, "arguments") == Some(node) && matches!(callee, "append" | "add" | "put" | "setdefault")
                {
                    return true;
                }
            }
            "dictionary"
            | "set"
            | "subscript"
            | "assignment"
            | "augmented_assignment"
            | "return_statement"
            | "named_expression" => return true,
            "comparison_operator"
            | "not_operator"
            | "expression_statement"
            | "if_statement"
            | "block"
            | "with_item"
            | "assert_statement"
            | "raise_statement" => return false,
            _ => {}
        }
        node = parent;
    }
    true
}

/// A name that the file does not use.
pub(super) fn unused(file: &File<'_>, wish: &str) -> String {
    let mut name = wish.to_owned();
    let mut number = 1;
    while file.text.contains(&name) && !scope::uses(file.root, file.text, &name).is_empty() {
        number += 1;
        name = format!("{wish}_{number}");
    }
    name
}

/// True if an expression is the folder for temporary files.
fn is_tmp(file: &File<'_>, node: Node<'_>) -> bool {
    let text = file.text.get(node.byte_range()).unwrap_or_default();
    let value = if node.kind() == "identifier" { module_value(file, text) } else { Some(node) };
    let constant = value.and_then(|value| pieces::constant(value, file.text));
    matches!(constant.as_deref(), Some("/tmp" | "/tmp/")) || text == "tempfile.gettempdir()"
}

/// What a name of the module is, if nothing else has that name.
fn module_value<'t>(file: &File<'t>, name: &str) -> Option<Node<'t>> {
    let value = scope::only_value(file.root, file.text, name)?;
    scope::function_around(value).is_none().then_some(value)
}

/// The expression of the path in the private folder.
fn path(file: &File<'_>, value: Node<'_>, folder: &str) -> Option<String> {
    let of = |node: Node<'_>| file.text.get(node.byte_range()).unwrap_or_default();
    if value.kind() == "call" && matches!(scope::callee(value, file.text), "Path" | "PurePath" | "PosixPath") {
        let (plain, _) = scope::arguments(value, file.text)?;
        let inner = match plain.as_slice() {
            [one] => path(file, *one, folder)?,
            [first, second] if is_tmp(file, *first) => joined(folder, &pieces::of(*second, file.text)?)?,
            _ => return None,
        };
        return Some(format!("{}({inner})", of(field(value, "function")?)));
    }
    let slash = value.kind() == "binary_operator" && field(value, "operator").is_some_and(|op| of(op) == "/");
    if slash {
        let (left, right) = (field(value, "left")?, field(value, "right")?);
        let (plain, _) = scope::arguments(left, file.text).filter(|_| scope::callee(left, file.text) == "Path")?;
        let [one] = plain.as_slice() else { return None };
        let name = is_tmp(file, *one).then(|| reduced(&pieces::of(right, file.text)?))??;
        return Some(format!("{}({folder}) / {name}", of(field(left, "function")?)));
    }
    if value.kind() == "call" && scope::callee(value, file.text) == "join" {
        let (plain, _) = scope::arguments(value, file.text)?;
        let [first, second] = plain.as_slice() else { return None };
        return if is_tmp(file, *first) { joined(folder, &pieces::of(*second, file.text)?) } else { None };
    }
    joined(folder, &below_tmp(file, &pieces::of(value, file.text)?)?)
}

/// What follows `/tmp/`.
fn below_tmp(file: &File<'_>, pieces: &[Piece]) -> Option<Vec<Piece>> {
    let (first, rest) = pieces.split_first()?;
    let (prefix, rest) = match first {
        Piece::Text(text) => (text.strip_prefix("/tmp/")?.to_owned(), rest),
        Piece::Hole(hole, _) => {
            let named = module_value(file, hole).is_some_and(|value| is_tmp(file, value));
            let (next, rest) = rest.split_first()?;
            match next {
                Piece::Text(text) if named || hole == "tempfile.gettempdir()" => {
                    (text.strip_prefix('/')?.to_owned(), rest)
                }
                _ => return None,
            }
        }
    };
    let mut found = Vec::new();
    if !prefix.is_empty() {
        found.push(Piece::Text(prefix));
    }
    found.extend(rest.iter().cloned());
    Some(found)
}

fn joined(folder: &str, pieces: &[Piece]) -> Option<String> {
    Some(format!("os.path.join({folder}, {})", reduced(pieces)?))
}

/// A file's name without folders.
fn reduced(pieces: &[Piece]) -> Option<String> {
    let in_folder = |piece: &Piece| matches!(piece, Piece::Text(text) if text.contains('/'));
    if pieces.is_empty() || pieces.iter().any(in_folder) {
        return None;
    }
    let text = pieces::expression(pieces);
    let safe = match pieces {
        [Piece::Text(_)] => true,
        [Piece::Hole(hole, _)] => {
            let call = hole.strip_prefix("os.path.basename(").or_else(|| hole.strip_prefix("secure_filename("));
            call.and_then(|rest| rest.strip_suffix(')'))
                .is_some_and(|inner| inner.matches('(').count() == inner.matches(')').count() && !inner.contains(") "))
        }
        _ => false,
    };
    Some(if safe { text } else { format!("os.path.basename({text})") })
}

/// The statement and all that follow, in a block of the folder.
fn wrapped(
    file: &File<'_>,
    first: Node<'_>,
    last: Node<'_>,
    value: Node<'_>,
    new: &str,
    folder: &str,
) -> Result<PlacedEdit, &'static str> {
    let (start, end) = (first.start_byte(), last.end_byte());
    let line_start = file.text.get(..start).map_or(0, |before| before.rfind('\n').map_or(0, |at| at + 1));
    let indent = file.text.get(line_start..start).unwrap_or_default();
    if !indent.chars().all(|c| c == ' ' || c == '\t') || indent.is_empty() {
        return Err("several statements stand on one line");
    }
    let step = if indent.starts_with('\t') { "\t" } else { "    " };
    let break_ = if file.text.contains("\r\n") { "\r\n" } else { "\n" };
    let literals: Vec<(usize, usize)> = scope::all(first.parent().unwrap_or(first))
        .into_iter()
        .filter(|node| node.kind() == "string" && node.start_position().row != node.end_position().row)
        .map(|node| (node.start_byte(), node.end_byte()))
        .collect();
    let mut text = format!("with tempfile.TemporaryDirectory() as {folder}:{break_}{indent}{step}");
    let parts =
        [file.text.get(start..value.start_byte()), Some(new), file.text.get(value.end_byte()..first.end_byte())];
    text.extend(parts.into_iter().flatten());
    let mut at = first.end_byte();
    for line in file.text.get(at..end).unwrap_or_default().split_inclusive('\n') {
        let begins = at != first.end_byte();
        let inside = literals.iter().any(|(start, end)| *start < at && at < *end);
        if begins && !inside && !line.trim().is_empty() {
            text.push_str(step);
        }
        text.push_str(line);
        at += line.len();
    }
    Ok(PlacedEdit { place: scope::place(file.number, start, end), text })
}
