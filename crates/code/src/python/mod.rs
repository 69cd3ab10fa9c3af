//! Python, brought into the intermediate form.

mod expr;
mod imports;
mod params;
mod stmt;
mod strings;

pub(crate) use strings::unescaped;

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::rc::Rc;

use tree_sitter::{Node, Parser, Tree};

use crate::facts::{Imports, Place, Unparsed};
use crate::ir::{Expr, Id, Unit};
use crate::limits;

/// A file that was read.
pub(crate) struct Read {
    pub(crate) unit: Unit,
    pub(crate) tree: Tree,
    pub(crate) faults: Vec<Unparsed>,
    pub(crate) imports: Imports,
}

/// Reads a file.
pub(crate) fn read(file: u32, text: &str) -> Result<Read, Unparsed> {
    let refused = |why: &str| Unparsed { why: why.to_owned(), place: Some(Place { file, start: 0, end: 0 }) };
    if text.len() > limits::FILE_BYTES {
        return Err(refused("the file is too long to be read"));
    }
    let tree = parse(text).ok_or_else(|| refused("the file takes too long to be read"))?;
    let mut faults = Vec::new();
    if tree.root_node().has_error() {
        let place = first_fault(tree.root_node()).map(|node| place_of(file, node));
        faults.push(Unparsed { why: "this is not valid Python".to_owned(), place });
    }
    let mut lowerer = Lowerer { text, unit: Unit::new(file), depth: 0, scopes: vec![Scope::default()] };
    let body = lowerer.block(tree.root_node());
    lowerer.unit.body = body;
    let names = lowerer.scopes.pop().unwrap_or_default().bound;
    lowerer.unit.names.extend(names);
    if let Some(place) = lowerer.unit.cut {
        faults.push(Unparsed { why: "this is nested too deeply to be followed".to_owned(), place: Some(place) });
    }
    let imports = imports::of(tree.root_node(), text);
    Ok(Read { unit: lowerer.unit, tree, faults, imports })
}

fn parse(text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_python::LANGUAGE.into()).ok()?;
    let mut reports = 0_u32;
    let mut progress = |_: &tree_sitter::ParseState| {
        reports += 1;
        reports > limits::PARSE_REPORTS
    };
    let options = tree_sitter::ParseOptions::new().progress_callback(&mut progress);
    let bytes = text.as_bytes();
    parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options))
}

/// The first place that the grammar could not read.
fn first_fault(root: Node<'_>) -> Option<Node<'_>> {
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            return Some(node);
        }
        if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return None;
            }
        }
    }
}

pub(crate) fn place_of(file: u32, node: Node<'_>) -> Place {
    let small = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
    Place { file, start: small(node.start_byte()), end: small(node.end_byte()) }
}

/// Named children without comments.
pub(crate) fn parts(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !child.is_extra()).collect()
}

pub(crate) fn field<'t>(node: Node<'t>, name: &str) -> Option<Node<'t>> {
    node.child_by_field_name(name)
}

/// Where names are bound.
#[derive(Default)]
struct Scope {
    function: Option<usize>,
    class: Option<usize>,
    bound: BTreeSet<Rc<str>>,
    /// Names that belong to a scope further out.
    outer: BTreeSet<Rc<str>>,
}

struct Lowerer<'t> {
    text: &'t str,
    unit: Unit,
    depth: u32,
    scopes: Vec<Scope>,
}

impl<'t> Lowerer<'t> {
    fn text_of(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    fn name_of(&self, node: Node<'_>) -> Rc<str> {
        self.text_of(node).into()
    }

    fn place(&self, node: Node<'_>) -> Place {
        place_of(self.unit.file, node)
    }

    fn add(&mut self, expr: Expr, node: Node<'_>) -> Id {
        let place = self.place(node);
        self.unit.add(expr, place)
    }

    fn bind(&mut self, name: &Rc<str>) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.bound.insert(name.clone());
        }
    }

    /// Goes one level deeper, unless that is too deep.
    fn deeper<R>(&mut self, node: Node<'_>, work: impl FnOnce(&mut Self) -> R) -> ControlFlow<(), R> {
        if self.depth >= limits::NESTING {
            let place = self.place(node);
            self.unit.cut.get_or_insert(place);
            return ControlFlow::Break(());
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        ControlFlow::Continue(result)
    }

    /// The function and the class directly around, and the innermost function.
    fn around(&self) -> (Option<usize>, Option<usize>) {
        let class = self.scopes.last().and_then(|scope| scope.class);
        let function = self.scopes.iter().rev().find_map(|scope| scope.function);
        (function, class)
    }
}
