//! What becomes of a path: whether something may still need its file when the function has returned.

use std::cell::Cell;

use tree_sitter::Node;

use super::{File, Source, scope, step};
use crate::python::{field, parts};

/// What becomes of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// Nothing needs it when its statement is over.
    Gone,
    /// What the function answers with may need it.
    Returned,
    /// Something else may keep it.
    Kept,
}

/// Functions that go on with what they were given, later or elsewhere.
const KEEPERS: &[&str] = &[
    "Thread",
    "Timer",
    "Process",
    "Popen",
    "submit",
    "apply_async",
    "map_async",
    "create_task",
    "ensure_future",
    "run_in_executor",
    "start_new_thread",
    "register",
    "add_task",
    "partial",
    "symlink",
    "finalize",
    "append",
    "add",
    "put",
    "put_nowait",
    "insert",
    "extend",
    "setdefault",
    "setattr",
    "appendleft",
    "push",
];

/// Functions and methods that are done with a file, or with what was made of it, when they return.
const DONE: &[&str] = &[
    "access",
    "all",
    "any",
    "b64encode",
    "bool",
    "call",
    "check_call",
    "check_output",
    "chmod",
    "close",
    "copy",
    "copy2",
    "copyfile",
    "copyfileobj",
    "decode",
    "dict",
    "digest",
    "download_file",
    "download_fileobj",
    "encode",
    "exists",
    "extractall",
    "extract",
    "fetchall",
    "fetchone",
    "flush",
    "frozenset",
    "getoutput",
    "getsize",
    "getvalue",
    "getmtime",
    "hexdigest",
    "int",
    "float",
    "is_dir",
    "is_file",
    "isdir",
    "isfile",
    "islink",
    "join",
    "json",
    "len",
    "list",
    "listdir",
    "load",
    "loads",
    "lower",
    "upper",
    "lstat",
    "make_archive",
    "makedirs",
    "max",
    "min",
    "mkdir",
    "move",
    "namelist",
    "print",
    "put_object",
    "read",
    "read_bytes",
    "read_text",
    "readline",
    "readlines",
    "remove",
    "rename",
    "replace",
    "rmdir",
    "rmtree",
    "run",
    "save",
    "seek",
    "sorted",
    "split",
    "splitlines",
    "stat",
    "strip",
    "lstrip",
    "rstrip",
    "sum",
    "system",
    "tell",
    "to_dict",
    "touch",
    "truncate",
    "tuple",
    "unlink",
    "unpack_archive",
    "upload_file",
    "upload_fileobj",
    "urlretrieve",
    "utime",
    "write",
    "write_bytes",
    "write_text",
    "writelines",
    "debug",
    "info",
    "warning",
    "error",
    "exception",
    "abs",
    "round",
    "hash",
    "isinstance",
    "callable",
];

/// How far values are followed.
const DEPTH: u32 = 6;

/// What becomes of what a call answers that got a path.
pub(super) fn of_call(file: &File<'_>, source: Source<'_>, call: Node<'_>, argument: Node<'_>) -> Fate {
    Fates { all: file.all, steps: &file.steps }.call(source, call, argument, DEPTH)
}

struct Fates<'f> {
    all: &'f [Source<'f>],
    steps: &'f Cell<u32>,
}

impl Fates<'_> {
    /// What becomes of an argument of a call, or of the object whose method it is.
    fn call(&self, source: Source<'_>, call: Node<'_>, argument: Node<'_>, depth: u32) -> Fate {
        let (Some(depth), Some(())) = (depth.checked_sub(1), step(self.steps)) else { return Fate::Kept };
        let callee = scope::callee(call, source.text);
        if KEEPERS.contains(&callee) {
            return Fate::Kept;
        }
        let is_argument =
            field(call, "arguments").is_some_and(|list| list.byte_range().contains(&argument.start_byte()));
        let fate = if is_argument { self.in_app(source, call, argument, depth) } else { None };
        match fate {
            Some(Fate::Kept) => Fate::Kept,
            Some(Fate::Gone) => Fate::Gone,
            None if DONE.contains(&callee) => Fate::Gone,
            Some(Fate::Returned) | None => self.climb(source, call, depth),
        }
    }

    /// What functions of the app do with an argument; `None` if none has the name.
    fn in_app(&self, source: Source<'_>, call: Node<'_>, argument: Node<'_>, depth: u32) -> Option<Fate> {
        let callee = scope::callee(call, source.text);
        let function = field(call, "function")?;
        // A module of Python's has functions of the same names.
        if function.kind() == "attribute" && DONE.contains(&callee) {
            return None;
        }
        let mut found = None;
        for other in self.all {
            for node in scope::all(other.root) {
                let name = field(node, "name").and_then(|n| other.text.get(n.byte_range()));
                let fate = match node.kind() {
                    "function_definition" if name == Some(callee) => {
                        self.definition(*other, node, source, (call, argument), depth)
                    }
                    // An object may keep what it was made with.
                    "class_definition" if name == Some(callee) => Fate::Returned,
                    _ => continue,
                };
                found = found.max(Some(fate));
            }
        }
        found
    }

    fn definition(
        &self,
        other: Source<'_>,
        function: Node<'_>,
        source: Source<'_>,
        (call, argument): (Node<'_>, Node<'_>),
        depth: u32,
    ) -> Fate {
        let of = |node: Node<'_>| other.text.get(node.byte_range()).unwrap_or_default();
        let Some((plain, named)) = scope::arguments(call, source.text) else { return Fate::Kept };
        let own = |node: &Node<'_>| scope::function_around(*node).map(|f| f.id()) == Some(function.id());
        let lazy = scope::all(function).into_iter().any(|n| n.kind() == "yield" && own(&n));
        if lazy || of(function).starts_with("async") {
            return Fate::Returned;
        }
        let parameters: Vec<&str> = field(function, "parameters")
            .map(parts)
            .unwrap_or_default()
            .into_iter()
            .map(|parameter| {
                let name =
                    field(parameter, "name").or_else(|| parts(parameter).into_iter().next()).unwrap_or(parameter);
                of(name)
            })
            .collect();
        let around = |node: &Node<'_>| node.byte_range().contains(&argument.start_byte());
        let method = usize::from(parameters.first().is_some_and(|name| matches!(*name, "self" | "cls")));
        let by_name = named.iter().find(|(_, node)| around(node)).map(|(name, _)| name.as_str());
        let by_place = plain.iter().position(around).and_then(|at| parameters.get(at + method).copied());
        let Some(name) = by_name.or(by_place).filter(|name| parameters.contains(name)) else { return Fate::Kept };
        let Some(body) = field(function, "body") else { return Fate::Kept };
        self.name(other, function, body, name, depth)
    }

    /// What becomes of a name's value in a function.
    fn name(&self, source: Source<'_>, function: Node<'_>, body: Node<'_>, name: &str, depth: u32) -> Fate {
        let used = scope::uses(body, source.text, name).into_iter().map(|used| {
            let inner = scope::up(used, |n| matches!(n.kind(), "function_definition" | "lambda" | "class_definition"));
            if inner.map(|n| n.id()) == Some(function.id()) { self.climb(source, used, depth) } else { Fate::Kept }
        });
        used.max().unwrap_or(Fate::Gone)
    }

    /// What becomes of a value, from its expression outwards.
    fn climb(&self, source: Source<'_>, from: Node<'_>, depth: u32) -> Fate {
        let (Some(depth), Some(())) = (depth.checked_sub(1), step(self.steps)) else { return Fate::Kept };
        let mut node = from;
        while let Some(parent) = node.parent() {
            match parent.kind() {
                "call" => return self.call(source, parent, from, depth),
                "return_statement" | "lambda" => return Fate::Returned,
                "yield" | "augmented_assignment" | "class_definition" | "raise_statement" => return Fate::Kept,
                "subscript" if field(parent, "value") != Some(node) => return Fate::Gone,
                "assignment" if field(parent, "left") == Some(node) => return Fate::Gone,
                "assignment" | "named_expression" => return self.assigned(source, parent, depth),
                "for_in_clause" => {
                    let whole = parent.parent().filter(|whole| whole.kind() == "generator_expression");
                    match whole {
                        Some(whole) => node = whole,
                        None => return Fate::Gone,
                    }
                    continue;
                }
                "comparison_operator"
                | "not_operator"
                | "expression_statement"
                | "if_statement"
                | "while_statement"
                | "for_statement"
                | "block"
                | "with_item"
                | "with_clause"
                | "as_pattern"
                | "assert_statement"
                | "interpolation"
                | "module" => return Fate::Gone,
                _ => {}
            }
            node = parent;
        }
        Fate::Gone
    }

    fn assigned(&self, source: Source<'_>, assignment: Node<'_>, depth: u32) -> Fate {
        let target = field(assignment, "left").or_else(|| field(assignment, "name"));
        let (Some(target), Some(function)) = (target, scope::function_around(assignment)) else { return Fate::Kept };
        let names = match target.kind() {
            "identifier" => vec![target],
            "pattern_list" | "tuple_pattern" => parts(target),
            _ => return Fate::Kept,
        };
        let Some(body) = field(function, "body") else { return Fate::Kept };
        let fate = |name: Node<'_>| match source.text.get(name.byte_range()) {
            Some(text) if name.kind() == "identifier" => self.name(source, function, body, text, depth),
            _ => Fate::Kept,
        };
        names.into_iter().map(fate).max().unwrap_or(Fate::Kept)
    }
}
