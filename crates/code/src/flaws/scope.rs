//! Finding one's way in a syntax tree.

use tree_sitter::Node;

use crate::facts::Place;
use crate::python::{field, parts};

/// The largest node that stands exactly there.
pub(super) fn at(root: Node<'_>, place: Place) -> Option<Node<'_>> {
    let (start, end) = (place.start as usize, place.end as usize);
    let mut node = root.descendant_for_byte_range(start, end)?;
    while let Some(parent) = node.parent().filter(|parent| parent.start_byte() == start && parent.end_byte() == end) {
        if matches!(parent.kind(), "expression_statement" | "block" | "module") {
            break;
        }
        node = parent;
    }
    (node.start_byte() == start && node.end_byte() == end).then_some(node)
}

/// The node itself or the nearest around it that passes.
pub(super) fn up<'t>(mut node: Node<'t>, passes: impl Fn(Node<'t>) -> bool) -> Option<Node<'t>> {
    while !passes(node) {
        node = node.parent()?;
    }
    Some(node)
}

pub(super) fn function_around(node: Node<'_>) -> Option<Node<'_>> {
    up(node, |node| matches!(node.kind(), "function_definition" | "lambda"))
        .filter(|f| f.kind() == "function_definition")
}

/// All nodes of a tree, parents first.
pub(super) fn all(root: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = root.walk();
    let mut found = vec![root];
    loop {
        if cursor.goto_first_child() {
            found.push(cursor.node());
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return found;
            }
        }
        found.push(cursor.node());
    }
}

/// Places where a name is used as a variable.
pub(super) fn uses<'t>(root: Node<'t>, text: &str, name: &str) -> Vec<Node<'t>> {
    let is_use = |node: &Node<'t>| {
        if node.kind() != "identifier" || text.get(node.byte_range()) != Some(name) {
            return false;
        }
        let Some(parent) = node.parent() else { return true };
        let member = parent.kind() == "attribute" && field(parent, "attribute") == Some(*node);
        let keyword = parent.kind() == "keyword_argument" && field(parent, "name") == Some(*node);
        !member && !keyword
    };
    all(root).into_iter().filter(is_use).collect()
}

/// The value of the only plain assignment to a name in a function or file; `None` if it is bound in other ways too.
pub(super) fn only_value<'t>(root: Node<'t>, text: &str, name: &str) -> Option<Node<'t>> {
    let mut found = None;
    for node in uses(root, text, name) {
        let parent = node.parent()?;
        let is_left = field(parent, "left") == Some(node);
        match parent.kind() {
            "assignment" if is_left => {
                if found.is_some() {
                    return None;
                }
                found = field(parent, "right");
            }
            "augmented_assignment" | "for_statement" | "for_in_clause" if is_left => return None,
            "named_expression" if field(parent, "name") == Some(node) => return None,
            "as_pattern_target" | "pattern_list" | "tuple_pattern" | "global_statement" | "nonlocal_statement" => {
                return None;
            }
            "parameters"
            | "default_parameter"
            | "typed_parameter"
            | "typed_default_parameter"
            | "lambda_parameters"
            | "delete_statement" => return None,
            _ => {}
        }
    }
    found
}

/// The last name of what is called: `read` of `a.b.read(...)`.
pub(super) fn callee<'x>(call: Node<'_>, text: &'x str) -> &'x str {
    let function = field(call, "function");
    let name = function.and_then(|f| field(f, "attribute")).or(function);
    name.and_then(|name| text.get(name.byte_range())).unwrap_or_default()
}

/// Plain arguments, and named ones with their names.
type Arguments<'t> = (Vec<Node<'t>>, Vec<(String, Node<'t>)>);

/// The argument list's plain and named arguments; `None` if some are spread.
pub(super) fn arguments<'t>(call: Node<'t>, text: &str) -> Option<Arguments<'t>> {
    let list = field(call, "arguments").filter(|list| list.kind() == "argument_list")?;
    let (mut plain, mut named) = (Vec::new(), Vec::new());
    for argument in parts(list) {
        match argument.kind() {
            "keyword_argument" => {
                let name = text.get(field(argument, "name")?.byte_range())?;
                named.push((name.to_owned(), argument));
            }
            "list_splat" | "dictionary_splat" => return None,
            _ => plain.push(argument),
        }
    }
    Some((plain, named))
}

pub(super) fn place(file: u32, start: usize, end: usize) -> Place {
    let small = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
    Place { file, start: small(start), end: small(end) }
}
