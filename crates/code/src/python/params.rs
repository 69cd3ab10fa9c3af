//! Functions and classes.

use tree_sitter::Node;

use super::{Lowerer, Scope, field, parts};
use crate::ir::{ArgKind, Class, Expr, Function, Id, Param, Stmt};

impl Lowerer<'_> {
    pub(super) fn lambda(&mut self, node: Node<'_>) -> Id {
        let params = field(node, "parameters").map(|list| self.params(list)).unwrap_or_default();
        let number = self.open_function(node, params, Vec::new());
        if let Some(body) = field(node, "body") {
            let value = self.expr(body);
            self.close_function(number, vec![Stmt::Return(Some(value))]);
        }
        self.add(Expr::Lambda(number), node)
    }

    pub(super) fn function(&mut self, node: Node<'_>, decorators: Vec<Id>) -> Stmt {
        let params = field(node, "parameters").map(|list| self.params(list)).unwrap_or_default();
        let name = field(node, "name").map(|name| self.name_of(name)).unwrap_or_default();
        self.bind(&name);
        let number = self.open_function(node, params, decorators);
        if let Some(function) = self.unit.functions.get_mut(number) {
            function.name = name;
        }
        let body = field(node, "body").map(|body| self.block(body)).unwrap_or_default();
        self.close_function(number, body);
        Stmt::Function(number)
    }

    /// Defaults are evaluated outside of the function; so parameters are read before it is opened.
    fn open_function(&mut self, node: Node<'_>, params: Vec<Param>, decorators: Vec<Id>) -> usize {
        let (parent, class) = self.around();
        for outer in self.scopes.iter().filter_map(|scope| scope.function) {
            if let Some(function) = self.unit.functions.get_mut(outer) {
                function.shared = true;
            }
        }
        let number = self.unit.functions.len();
        let bound = params.iter().map(|param| param.name.clone()).collect();
        let place = self.place(node);
        self.unit.functions.push(Function { params, decorators, class, parent, place, ..Function::default() });
        self.scopes.push(Scope { function: Some(number), bound, ..Scope::default() });
        number
    }

    fn close_function(&mut self, number: usize, body: Vec<Stmt>) {
        let scope = self.scopes.pop().unwrap_or_default();
        self.unit.names.extend(scope.outer.iter().cloned());
        if let Some(function) = self.unit.functions.get_mut(number) {
            function.body = body;
            function.locals = scope.bound.difference(&scope.outer).cloned().collect();
        }
    }

    fn params(&mut self, list: Node<'_>) -> Vec<Param> {
        let mut found = Vec::new();
        for node in parts(list) {
            let default = field(node, "value").map(|value| self.expr(value));
            let (named, kind) = match node.kind() {
                "typed_parameter" => {
                    let inner = parts(node).into_iter().next();
                    (inner, inner.map_or("", |inner| inner.kind()))
                }
                "default_parameter" | "typed_default_parameter" => (field(node, "name"), ""),
                kind => (Some(node), kind),
            };
            let (Some(named), kind) = (named, kind) else { continue };
            let (name, kind) = match kind {
                "list_splat_pattern" => (parts(named).into_iter().next(), ArgKind::Rest),
                "dictionary_splat_pattern" => (parts(named).into_iter().next(), ArgKind::NamedRest),
                "keyword_separator" | "positional_separator" => continue,
                _ => (Some(named), ArgKind::Plain),
            };
            if let Some(name) = name {
                found.push(Param { name: self.name_of(name), default, kind, place: self.place(name) });
            }
        }
        found
    }

    pub(super) fn class(&mut self, node: Node<'_>, decorators: Vec<Id>) -> Stmt {
        let name = field(node, "name").map(|name| self.name_of(name)).unwrap_or_default();
        self.bind(&name);
        let mut bases = Vec::new();
        for base in field(node, "superclasses").map(parts).unwrap_or_default() {
            if base.kind() != "keyword_argument" {
                bases.push(self.expr(base));
            }
        }
        let number = self.unit.classes.len();
        self.unit.classes.push(Class { name, bases, decorators, ..Class::default() });
        self.scopes.push(Scope { class: Some(number), ..Scope::default() });
        let body_node = field(node, "body");
        let body = body_node.map(|body| self.block(body)).unwrap_or_default();
        self.scopes.pop();
        let fields = body_node.map(|body| self.fields(body)).unwrap_or_default();
        if let Some(class) = self.unit.classes.get_mut(number) {
            class.body = body;
            class.fields = fields;
        }
        Stmt::Class(number)
    }

    fn fields(&self, body: Node<'_>) -> Vec<std::rc::Rc<str>> {
        let assignment = |statement: Node<'_>| {
            let inner = parts(statement).into_iter().next().filter(|inner| inner.kind() == "assignment")?;
            field(inner, "type")?;
            field(inner, "left").map(|left| self.text_of(left).into())
        };
        parts(body).into_iter().filter_map(assignment).collect()
    }
}
