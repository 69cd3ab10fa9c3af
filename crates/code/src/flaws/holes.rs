//! What a hole of a command may hold: a shell would make several words of a text with spaces, an argument list does not.

use tree_sitter::Node;

use super::pieces::{self, Piece};
use super::words::Command;
use super::{File, scope};
use crate::python::{field, parts};

/// What a hole holds, from what is best known on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holds {
    /// One plain word.
    Word,
    /// One word that starts with `-`.
    Option,
    /// A value of the event, taken for one word.
    Event,
    /// Something of unknown origin.
    Unknown,
    /// Perhaps several words, none, or what a shell replaces.
    Several,
}

const SEVERAL: &str = "a part of the command may be several words or options";

/// Names of what is several words, or an option.
const PLURAL: &[&str] = &[
    "flag",
    "flags",
    "opt",
    "opts",
    "option",
    "options",
    "arg",
    "args",
    "argv",
    "argument",
    "arguments",
    "param",
    "params",
    "parameter",
    "parameters",
    "switch",
    "switches",
    "extra",
    "extras",
    "cmd",
    "command",
    "commands",
    "words",
    "files",
    "paths",
    "names",
    "list",
    "items",
];

/// How far values are followed.
const DEPTH: u32 = 8;

/// What each hole holds; an error if a list cannot stand for what a shell makes of it.
pub(super) fn of(file: &File<'_>, source: Node<'_>, command: &Command) -> Result<Vec<(String, Holds)>, &'static str> {
    let nodes = scope::all(source);
    let mut found: Vec<(String, Holds)> = Vec::new();
    for (hole, quoted) in &command.holes {
        let node = nodes.iter().find(|node| node.is_named() && file.text.get(node.byte_range()) == Some(hole));
        let holds = node.map_or(Holds::Unknown, |node| holds(file, *node, DEPTH));
        let holds = match holds {
            Holds::Several | Holds::Unknown if *quoted => Holds::Event,
            Holds::Several => return Err(SEVERAL),
            other => other,
        };
        if !found.iter().any(|(known, _)| known == hole) {
            found.push((hole.clone(), holds));
        }
    }
    // The event has a part in the command: a hole of unknown origin is that part if there is no other.
    let open = found.iter().filter(|(_, holds)| *holds >= Holds::Event).count();
    if open > 1 && found.iter().any(|(_, holds)| *holds == Holds::Unknown) {
        return Err(SEVERAL);
    }
    Ok(found)
}

/// What two parts of a word, or two values of a name, hold together.
fn both(one: Holds, other: Holds) -> Holds {
    let (least, most) = (one.min(other), one.max(other));
    if least == Holds::Option && most > Holds::Option { Holds::Several } else { most }
}

fn constant(text: &str) -> Holds {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,@%+^".contains(c);
    match text.chars().all(plain) {
        false => Holds::Several,
        true if text.starts_with('-') => Holds::Option,
        true => Holds::Word,
    }
}

fn is_plural(name: &str) -> bool {
    name.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|word| PLURAL.contains(&word))
}

fn holds(file: &File<'_>, node: Node<'_>, depth: u32) -> Holds {
    let (Some(depth), Some(())) = (depth.checked_sub(1), super::step(&file.steps)) else { return Holds::Several };
    let of = |node: Node<'_>| file.text.get(node.byte_range()).unwrap_or_default();
    match node.kind() {
        "integer" | "float" | "true" | "false" => Holds::Word,
        "string" | "concatenated_string" | "binary_operator" => built(file, node, depth),
        "parenthesized_expression" => {
            parts(node).into_iter().next().map_or(Holds::Unknown, |inner| holds(file, inner, depth))
        }
        "conditional_expression" => match parts(node).as_slice() {
            [one, _, other] => both(holds(file, *one, depth), holds(file, *other, depth)),
            _ => Holds::Several,
        },
        "boolean_operator" => {
            parts(node).into_iter().map(|part| holds(file, part, depth)).reduce(both).unwrap_or(Holds::Several)
        }
        "call" => call(file, node, depth),
        "subscript" => {
            let key = field(node, "subscript").map(of).unwrap_or_default();
            if is_plural(key) { Holds::Several } else { element(file, field(node, "value"), depth) }
        }
        "attribute" => {
            let name = of(node);
            let assigned =
                |n: &Node<'_>| n.kind() == "assignment" && field(*n, "left").is_some_and(|left| of(left) == name);
            let values = scope::all(file.root).into_iter().filter(assigned).filter_map(|n| field(n, "right"));
            let found = values.map(|value| holds(file, value, depth)).reduce(both).unwrap_or(Holds::Unknown);
            named(name.rsplit('.').next().unwrap_or(name), found)
        }
        "identifier" => named(of(node), variable(file, node, depth)),
        _ => Holds::Several,
    }
}

/// What is not known is taken for several words if its name says so.
fn named(name: &str, found: Holds) -> Holds {
    if found >= Holds::Event && is_plural(name) { Holds::Several } else { found }
}

/// A text that is built of others.
fn built(file: &File<'_>, node: Node<'_>, depth: u32) -> Holds {
    let Some(pieces) = pieces::of(node, file.text) else { return Holds::Several };
    let nodes = scope::all(node);
    let part = |piece: &Piece| match piece {
        Piece::Text(text) => constant(text),
        Piece::Hole(hole, _) => {
            let inner = nodes.iter().find(|n| n.is_named() && file.text.get(n.byte_range()) == Some(hole));
            inner.map_or(Holds::Unknown, |inner| holds(file, *inner, depth))
        }
    };
    // A text without anything is no word at all.
    pieces.iter().map(part).reduce(both).unwrap_or(Holds::Several)
}

fn call(file: &File<'_>, node: Node<'_>, depth: u32) -> Holds {
    let of = |node: Node<'_>| file.text.get(node.byte_range()).unwrap_or_default();
    let object = field(node, "function").and_then(|f| field(f, "object"));
    let Some((plain, _)) = scope::arguments(node, file.text) else { return Holds::Several };
    let argument = |at: usize| plain.get(at).map_or(Holds::Several, |node| holds(file, *node, depth));
    match (scope::callee(node, file.text), object) {
        (
            "int" | "len" | "float" | "round" | "abs" | "sum" | "ord" | "quote" | "uuid4" | "uuid1" | "time" | "getpid",
            _,
        ) => Holds::Word,
        ("str" | "unquote" | "unquote_plus", _)
        | ("basename" | "dirname" | "abspath" | "realpath" | "normpath", Some(_)) => argument(0),
        ("join", Some(object)) if of(object).ends_with("path") => {
            plain.iter().map(|node| holds(file, *node, depth)).reduce(both).unwrap_or(Holds::Several)
        }
        ("format", Some(object)) if object.kind() == "string" => built(file, node, depth),
        (
            "strip" | "lower" | "upper" | "decode" | "rstrip" | "lstrip" | "removesuffix" | "removeprefix",
            Some(object),
        ) => holds(file, object, depth),
        ("get" | "pop", Some(object)) => {
            let key = plain.first().copied().map(of).unwrap_or_default();
            let default = if plain.len() > 1 { argument(1) } else { Holds::Word };
            if is_plural(key) { Holds::Several } else { both(default, element(file, Some(object), depth)) }
        }
        (name, None) => {
            let definition = file.definitions(name);
            let returned =
                definition.into_iter().filter(|(at, _)| at.number == file.number).flat_map(|(_, function)| {
                    let own = move |n: &Node<'_>| {
                        n.kind() == "return_statement"
                            && scope::function_around(*n).map(|f| f.id()) == Some(function.id())
                    };
                    scope::all(function).into_iter().filter(own).collect::<Vec<_>>()
                });
            let values = returned.map(|n| parts(n).first().map_or(Holds::Several, |value| holds(file, *value, depth)));
            values.reduce(both).unwrap_or(Holds::Several)
        }
        _ => Holds::Several,
    }
}

/// What an element of a collection holds.
fn element(file: &File<'_>, collection: Option<Node<'_>>, depth: u32) -> Holds {
    let (Some(node), Some(depth)) = (collection, depth.checked_sub(1)) else { return Holds::Unknown };
    if super::step(&file.steps).is_none() {
        return Holds::Several;
    }
    let text = file.text.get(node.byte_range()).unwrap_or_default();
    match node.kind() {
        "dictionary" | "list" | "tuple" | "set" => {
            let value = |part: Node<'_>| holds(file, field(part, "value").unwrap_or(part), depth);
            parts(node).into_iter().map(value).reduce(both).unwrap_or(Holds::Unknown)
        }
        "subscript" => element(file, field(node, "value"), depth),
        "parenthesized_expression" | "boolean_operator" => {
            parts(node).into_iter().map(|part| element(file, Some(part), depth)).reduce(both).unwrap_or(Holds::Unknown)
        }
        "call" => {
            let object = field(node, "function").and_then(|f| field(f, "object"));
            match (scope::callee(node, file.text), object) {
                ("get" | "pop" | "items" | "values" | "copy", Some(object)) => element(file, Some(object), depth),
                ("loads" | "dict" | "list" | "sorted" | "parse_qs", _) => {
                    let first = scope::arguments(node, file.text).and_then(|(plain, _)| plain.first().copied());
                    element(file, first, depth)
                }
                _ => Holds::Unknown,
            }
        }
        "identifier" if text != "os" => match values(file, node) {
            Values::Parameter(_) => Holds::Event,
            Values::Known(values) => {
                values.into_iter().map(|value| element(file, Some(value), depth)).reduce(both).unwrap_or(Holds::Unknown)
            }
            Values::Element(of) => element(file, Some(of), depth),
            Values::Other => Holds::Unknown,
        },
        _ => Holds::Unknown,
    }
}

/// What gives a variable its value.
enum Values<'t> {
    Known(Vec<Node<'t>>),
    /// The name of a function's parameter.
    Parameter(Node<'t>),
    /// An element of this.
    Element(Node<'t>),
    Other,
}

fn values<'t>(file: &File<'t>, node: Node<'_>) -> Values<'t> {
    let name = file.text.get(node.byte_range()).unwrap_or_default();
    let same = file.root.descendant_for_byte_range(node.start_byte(), node.end_byte());
    let function = same.and_then(scope::function_around);
    let inside = function.map(|function| values_in(file, function, name));
    match inside {
        Some(Values::Known(values)) if values.is_empty() => {}
        Some(other) => return other,
        None => {}
    }
    match values_in(file, file.root, name) {
        Values::Known(values) if values.is_empty() => Values::Other,
        other => other,
    }
}

fn values_in<'t>(file: &File<'t>, scope_: Node<'t>, name: &str) -> Values<'t> {
    let is_file = scope_.parent().is_none();
    let mut known = Vec::new();
    for used in scope::uses(scope_, file.text, name) {
        let own = if is_file { scope::function_around(used).is_none() } else { true };
        let Some(parent) = used.parent().filter(|_| own) else { continue };
        let is_left = field(parent, "left") == Some(used);
        match parent.kind() {
            "assignment" | "augmented_assignment" if is_left => known.extend(field(parent, "right")),
            "named_expression" if field(parent, "name") == Some(used) => known.extend(field(parent, "value")),
            "for_statement" | "for_in_clause" if is_left => {
                return field(parent, "right").map_or(Values::Other, Values::Element);
            }
            "parameters" | "default_parameter" | "typed_parameter" | "typed_default_parameter"
                if field(parent, "value") != Some(used) && field(parent, "type") != Some(used) =>
            {
                return Values::Parameter(used);
            }
            "as_pattern_target" | "pattern_list" | "tuple_pattern" | "global_statement" | "nonlocal_statement"
            | "lambda_parameters" => return Values::Other,
            _ => {}
        }
    }
    Values::Known(known)
}

fn variable(file: &File<'_>, node: Node<'_>, depth: u32) -> Holds {
    match values(file, node) {
        Values::Known(values) => {
            values.into_iter().map(|value| holds(file, value, depth)).reduce(both).unwrap_or(Holds::Unknown)
        }
        Values::Element(of) => element(file, Some(of), depth),
        Values::Parameter(name) => parameter(file, name, depth),
        Values::Other => Holds::Unknown,
    }
}

/// What the calls in the file give a function's parameter.
fn parameter(file: &File<'_>, parameter: Node<'_>, depth: u32) -> Holds {
    let of = |node: Node<'_>| file.text.get(node.byte_range()).unwrap_or_default();
    let Some(function) = scope::function_around(parameter) else { return Holds::Unknown };
    let (Some(called), Some(list)) = (field(function, "name").map(of), field(function, "parameters")) else {
        return Holds::Unknown;
    };
    let all = parts(list);
    let Some(at) = all.iter().position(|n| n.byte_range().contains(&parameter.start_byte())) else {
        return Holds::Unknown;
    };
    let method = all.first().is_some_and(|first| matches!(of(*first), "self" | "cls"));
    let default = all.get(at).and_then(|n| field(*n, "value"));
    let calls =
        scope::all(file.root).into_iter().filter(|n| n.kind() == "call" && scope::callee(*n, file.text) == called);
    let given = |call: Node<'_>| {
        let Some((plain, named)) = scope::arguments(call, file.text) else { return Holds::Several };
        let by_name = named.iter().find(|(name, _)| name == of(parameter)).and_then(|(_, n)| field(*n, "value"));
        let by_place = at.checked_sub(usize::from(method)).and_then(|at| plain.get(at).copied());
        by_place.or(by_name).or(default).map_or(Holds::Unknown, |value| holds(file, value, depth))
    };
    calls.map(given).reduce(both).unwrap_or(Holds::Unknown)
}
