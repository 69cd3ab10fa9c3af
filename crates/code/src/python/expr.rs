//! Expressions.

use std::ops::ControlFlow;

use tree_sitter::Node;

use super::{Lowerer, field, parts};
use crate::ir::{Arg, ArgKind, Comprehension, Expr, Id};

impl Lowerer<'_> {
    pub(super) fn expr(&mut self, node: Node<'_>) -> Id {
        match self.deeper(node, |this| this.expr_at(node)) {
            ControlFlow::Continue(id) => id,
            ControlFlow::Break(()) => self.add(Expr::Opaque(Vec::new()), node),
        }
    }

    fn exprs(&mut self, nodes: &[Node<'_>]) -> Vec<Id> {
        nodes.iter().map(|node| self.expr(*node)).collect()
    }

    fn expr_at(&mut self, node: Node<'_>) -> Id {
        match node.kind() {
            "identifier" => {
                let name = self.name_of(node);
                self.add(Expr::Name(name), node)
            }
            "string" => self.string(node),
            "concatenated_string" => self.strings(node),
            "integer" | "float" => self.add(Expr::Number, node),
            "true" => self.add(Expr::Bool(true), node),
            "false" => self.add(Expr::Bool(false), node),
            "none" => self.add(Expr::Null, node),
            "attribute" => self.attribute(node),
            "subscript" => self.subscript(node),
            "call" => self.call(node),
            "binary_operator" => self.binary(node),
            "boolean_operator" => self.boolean(node),
            "conditional_expression" => self.conditional(node),
            "lambda" => self.lambda(node),
            "dictionary" => self.dictionary(node),
            "list_comprehension" | "set_comprehension" | "generator_expression" | "dictionary_comprehension" => {
                self.comprehension(node)
            }
            _ => self.other_expr(node),
        }
    }

    fn other_expr(&mut self, node: Node<'_>) -> Id {
        let children = parts(node);
        match (node.kind(), children.as_slice()) {
            ("parenthesized_expression" | "await", [one]) => self.expr(*one),
            (
                "list"
                | "tuple"
                | "set"
                | "expression_list"
                | "pattern_list"
                | "tuple_pattern"
                | "list_pattern"
                | "parenthesized_list_splat",
                all,
            ) => {
                let ids = self.exprs(all);
                self.add(Expr::Seq(ids), node)
            }
            ("list_splat" | "list_splat_pattern" | "dictionary_splat", [one]) => {
                let id = self.expr(*one);
                self.add(Expr::Spread(id), node)
            }
            ("named_expression", [name, value]) => {
                let (target, value) = (self.target(*name), self.expr(*value));
                self.add(Expr::Bind(target, value), node)
            }
            ("assignment", _) => self.opaque_assignment(node),
            ("yield", all) => {
                let ids = self.exprs(all);
                let id = self.add(Expr::Seq(ids), node);
                self.add(Expr::Yield(id), node)
            }
            ("comparison_operator" | "not_operator", all) => {
                let ids = self.exprs(all);
                self.add(Expr::Test(ids), node)
            }
            ("as_pattern", [value, ..]) => {
                let id = self.expr(*value);
                let target = field(node, "alias").map(|alias| self.target(alias));
                target.map_or(id, |target| self.add(Expr::Bind(target, id), node))
            }
            (_, all) => {
                let ids = self.exprs(all);
                self.add(Expr::Opaque(ids), node)
            }
        }
    }

    fn opaque_assignment(&mut self, node: Node<'_>) -> Id {
        match (field(node, "left"), field(node, "right")) {
            (Some(left), Some(right)) => {
                let (target, value) = (self.target(left), self.expr(right));
                self.add(Expr::Bind(target, value), node)
            }
            _ => self.add(Expr::Opaque(Vec::new()), node),
        }
    }

    /// What is assigned to: like an expression, and its names become the scope's own.
    pub(super) fn target(&mut self, node: Node<'_>) -> Id {
        let mut open = vec![node];
        while let Some(part) = open.pop() {
            match part.kind() {
                "identifier" => {
                    let name = self.name_of(part);
                    self.bind(&name);
                }
                "attribute" | "subscript" => {}
                _ => open.extend(parts(part)),
            }
        }
        match (node.kind(), parts(node).as_slice()) {
            ("as_pattern_target", [one]) => self.expr(*one),
            _ => self.expr(node),
        }
    }

    fn attribute(&mut self, node: Node<'_>) -> Id {
        match (field(node, "object"), field(node, "attribute")) {
            (Some(object), Some(name)) => {
                let (object, name) = (self.expr(object), self.name_of(name));
                self.add(Expr::Attr(object, name), node)
            }
            _ => self.add(Expr::Opaque(Vec::new()), node),
        }
    }

    fn subscript(&mut self, node: Node<'_>) -> Id {
        let children = parts(node);
        let Some((value, keys)) = children.split_first() else { return self.add(Expr::Opaque(Vec::new()), node) };
        let value = self.expr(*value);
        match keys {
            [key] if key.kind() == "slice" => {
                let bounds = self.exprs(&parts(*key));
                self.add(Expr::Slice(value, bounds), node)
            }
            [key] => {
                let key = self.expr(*key);
                self.add(Expr::Index(value, key), node)
            }
            keys => {
                let mut ids = self.exprs(keys);
                ids.push(value);
                self.add(Expr::Opaque(ids), node)
            }
        }
    }

    fn call(&mut self, node: Node<'_>) -> Id {
        let Some(callee) = field(node, "function") else { return self.add(Expr::Opaque(Vec::new()), node) };
        let callee = self.expr(callee);
        let args = match field(node, "arguments") {
            Some(list) if list.kind() == "argument_list" => parts(list).iter().map(|arg| self.argument(*arg)).collect(),
            Some(one) => vec![Arg { kind: ArgKind::Plain, value: self.expr(one) }],
            None => Vec::new(),
        };
        self.add(Expr::Call(callee, args), node)
    }

    fn argument(&mut self, node: Node<'_>) -> Arg {
        let first = parts(node).into_iter().next();
        match (node.kind(), field(node, "name"), field(node, "value"), first) {
            ("keyword_argument", Some(name), Some(value), _) => {
                Arg { kind: ArgKind::Named(self.name_of(name)), value: self.expr(value) }
            }
            ("list_splat", _, _, Some(value)) => Arg { kind: ArgKind::Rest, value: self.expr(value) },
            ("dictionary_splat", _, _, Some(value)) => Arg { kind: ArgKind::NamedRest, value: self.expr(value) },
            _ => Arg { kind: ArgKind::Plain, value: self.expr(node) },
        }
    }

    /// Operators, without going deeper for each in a row of the same.
    fn binary(&mut self, node: Node<'_>) -> Id {
        let operator = |node: Node<'_>| field(node, "operator").map_or("", |op| self.text_of(op));
        let wanted = operator(node);
        let mut operands = Vec::new();
        let mut left = node;
        while left.kind() == "binary_operator" && operator(left) == wanted {
            operands.extend(field(left, "right"));
            let Some(next) = field(left, "left") else { break };
            left = next;
            if matches!(wanted, "%" | "/") {
                break;
            }
        }
        operands.push(left);
        operands.reverse();
        let ids = self.exprs(&operands);
        let expr = match (wanted, ids.as_slice()) {
            ("+", _) => Expr::Concat(ids),
            ("%", [left, right]) => Expr::Percent(*left, *right),
            ("/", [left, right]) => Expr::Slash(*left, *right),
            ("|", _) => Expr::Either(ids, None),
            _ => Expr::Opaque(ids),
        };
        self.add(expr, node)
    }

    fn boolean(&mut self, node: Node<'_>) -> Id {
        let mut operands = Vec::new();
        let mut left = node;
        while left.kind() == "boolean_operator" {
            operands.extend(field(left, "right"));
            let Some(next) = field(left, "left") else { break };
            left = next;
        }
        operands.push(left);
        operands.reverse();
        let ids = self.exprs(&operands);
        self.add(Expr::Either(ids, None), node)
    }

    fn conditional(&mut self, node: Node<'_>) -> Id {
        let ids = self.exprs(&parts(node));
        match ids.as_slice() {
            [then, test, otherwise] => self.add(Expr::Either(vec![*then, *otherwise], Some(*test)), node),
            _ => self.add(Expr::Opaque(ids), node),
        }
    }

    fn dictionary(&mut self, node: Node<'_>) -> Id {
        let mut entries = Vec::new();
        for child in parts(node) {
            match (child.kind(), field(child, "key"), field(child, "value")) {
                ("pair", Some(key), Some(value)) => entries.push((Some(self.expr(key)), self.expr(value))),
                ("dictionary_splat", ..) => {
                    let inner = self.exprs(&parts(child));
                    entries.extend(inner.into_iter().map(|id| (None, id)));
                }
                _ => {}
            }
        }
        self.add(Expr::Map(entries), node)
    }

    fn comprehension(&mut self, node: Node<'_>) -> Id {
        let (mut clauses, mut conditions) = (Vec::new(), Vec::new());
        for child in parts(node) {
            match (child.kind(), field(child, "left"), field(child, "right")) {
                ("for_in_clause", Some(left), Some(right)) => {
                    let over = self.expr(right);
                    clauses.push((self.target(left), over));
                }
                ("if_clause", ..) => conditions.extend(self.exprs(&parts(child))),
                _ => {}
            }
        }
        let body = field(node, "body").or_else(|| parts(node).into_iter().next());
        let (key, value) = match body {
            Some(pair) if pair.kind() == "pair" => {
                let key = field(pair, "key").map(|key| self.expr(key));
                (key, field(pair, "value").map(|value| self.expr(value)))
            }
            other => (None, other.map(|body| self.expr(body))),
        };
        let Some(value) = value else { return self.add(Expr::Opaque(Vec::new()), node) };
        self.add(Expr::Comprehension(Comprehension { clauses, conditions, key, value }), node)
    }
}
