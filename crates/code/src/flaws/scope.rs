//! Finding one's way in a syntax tree.

use tree_sitter::Node;

use crate::facts::Place;
use crate::python::{field, parts};

/// The largest node that stands exactly there.
pub(crate) fn at(root: Node<'_>, place: Place) -> Option<Node<'_>> {
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
pub(crate) fn up<'t>(mut node: Node<'t>, passes: impl Fn(Node<'t>) -> bool) -> Option<Node<'t>> {
    while !passes(node) {
        node = node.parent()?;
    }
    Some(node)
}

pub(crate) fn function_around(node: Node<'_>) -> Option<Node<'_>> {
    up(node, |node| matches!(node.kind(), "function_definition" | "lambda"))
        .filter(|f| f.kind() == "function_definition")
}

/// All nodes of a tree, parents first.
pub(crate) fn all(root: Node<'_>) -> Vec<Node<'_>> {
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
pub(crate) fn uses<'t>(root: Node<'t>, text: &str, name: &str) -> Vec<Node<'t>> {
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
pub(crate) fn only_value<'t>(root: Node<'t>, text: &str, name: &str) -> Option<Node<'t>> {
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

/// True if a module's name is, or may be, something else than the module where `node` stands: a name of a function or
/// class around it, or of the file.
pub(crate) fn is_shadowed(root: Node<'_>, node: Node<'_>, text: &str, name: &str) -> bool {
    let scopes = ["function_definition", "lambda", "class_definition"];
    let owner = |node: Node<'_>| node.parent().and_then(|p| up(p, |n| scopes.contains(&n.kind()))).map(|n| n.id());
    let mut around = Vec::new();
    let mut at = node;
    while let Some(scope) = at.parent().and_then(|p| up(p, |n| scopes.contains(&n.kind()))) {
        around.push(scope.id());
        at = scope;
    }
    let counts = |used: Node<'_>| match binding(used) {
        None => false,
        Some(Binding::Import) => owner(used).is_some_and(|owner| around.contains(&owner)),
        Some(Binding::Global) => true,
        // The name of a function belongs to what is around it.
        Some(Binding::Definition(definition)) => owner(definition).is_none_or(|owner| around.contains(&owner)),
        Some(Binding::Other) => owner(used).is_none_or(|owner| around.contains(&owner)),
    };
    all(root).into_iter().filter(|n| n.kind() == "identifier" && text.get(n.byte_range()) == Some(name)).any(counts)
}

/// How an identifier gives its name a value.
enum Binding<'t> {
    /// `import NAME`
    Import,
    Global,
    Definition(Node<'t>),
    Other,
}

fn binding(used: Node<'_>) -> Option<Binding<'_>> {
    let mut node = used;
    let mut parent = node.parent()?;
    if parent.kind() == "dotted_name" {
        if parent.child(0) != Some(node) {
            return None;
        }
        let (name, statement) = (parent, parent.parent()?);
        return match statement.kind() {
            "import_statement" => Some(Binding::Import),
            "import_from_statement" if field(statement, "module_name") != Some(name) => Some(Binding::Other),
            _ => None,
        };
    }
    while matches!(
        parent.kind(),
        "pattern_list" | "tuple_pattern" | "list_pattern" | "list_splat_pattern" | "dictionary_splat_pattern"
    ) {
        (node, parent) = (parent, parent.parent()?);
    }
    let is = |name: &str| field(parent, name) == Some(node);
    let found = match parent.kind() {
        "assignment" | "augmented_assignment" | "for_statement" | "for_in_clause" => is("left"),
        "named_expression" | "default_parameter" | "typed_default_parameter" => is("name"),
        "function_definition" | "class_definition" if is("name") => return Some(Binding::Definition(parent)),
        "global_statement" | "nonlocal_statement" => return Some(Binding::Global),
        "aliased_import" => is("alias"),
        "typed_parameter" => !is("type"),
        "as_pattern_target" | "parameters" | "lambda_parameters" | "delete_statement" | "case_pattern"
        | "splat_pattern" => true,
        _ => false,
    };
    found.then_some(Binding::Other)
}

/// The last name of what is called: `read` of `a.b.read(...)`.
pub(crate) fn callee<'x>(call: Node<'_>, text: &'x str) -> &'x str {
    let function = field(call, "function");
    let name = function.and_then(|f| field(f, "attribute")).or(function);
    name.and_then(|name| text.get(name.byte_range())).unwrap_or_default()
}

/// Plain arguments, and named ones with their names.
type Arguments<'t> = (Vec<Node<'t>>, Vec<(String, Node<'t>)>);

/// The argument list's plain and named arguments; `None` if some are spread.
pub(crate) fn arguments<'t>(call: Node<'t>, text: &str) -> Option<Arguments<'t>> {
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

pub(crate) fn place(file: u32, start: usize, end: usize) -> Place {
    let small = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
    Place { file, start: small(start), end: small(end) }
}
