//! Statements.

use std::ops::ControlFlow;
use std::rc::Rc;

use tree_sitter::Node;

use super::{Lowerer, field, parts};
use crate::ir::{Block, Id, Import, Stmt};

impl Lowerer<'_> {
    pub(super) fn block(&mut self, node: Node<'_>) -> Block {
        let mut found = Vec::new();
        for child in parts(node) {
            if let ControlFlow::Break(()) = self.deeper(child, |this| this.statement(child, &mut found)) {
                break;
            }
        }
        found
    }

    fn statement(&mut self, node: Node<'_>, found: &mut Block) {
        match node.kind() {
            "expression_statement" => {
                for part in parts(node) {
                    self.expression_statement(part, found);
                }
            }
            "return_statement" => {
                let value = parts(node).first().map(|value| self.expr(*value));
                found.push(Stmt::Return(value));
            }
            "raise_statement" => {
                let ids = parts(node).iter().map(|part| self.expr(*part)).collect();
                found.push(Stmt::Raise(ids));
            }
            "import_statement" => self.import(node, found),
            "import_from_statement" => self.import_from(node, found),
            "function_definition" => {
                let stmt = self.function(node, Vec::new());
                found.push(stmt);
            }
            "class_definition" => {
                let stmt = self.class(node, Vec::new());
                found.push(stmt);
            }
            "decorated_definition" => self.decorated(node, found),
            "if_statement" => self.branch(node, found),
            "for_statement" | "while_statement" => self.repeat(node, found),
            "try_statement" => self.attempt(node, found),
            "with_statement" => self.with(node, found),
            "match_statement" => self.choice(node, found),
            "global_statement" | "nonlocal_statement" => {
                let names: Vec<Rc<str>> = parts(node).iter().map(|part| self.name_of(*part)).collect();
                if let Some(scope) = self.scopes.last_mut() {
                    scope.outer.extend(names);
                }
            }
            "break_statement" | "continue_statement" => found.push(Stmt::Leave),
            "delete_statement" => {
                // `del a, b` reads as a list.
                let listed = parts(node).into_iter();
                let each = |part: Node<'_>| -> Vec<Id> {
                    let inner = if part.kind() == "expression_list" { parts(part) } else { vec![part] };
                    inner.into_iter().map(|part| self.expr(part)).collect()
                };
                found.push(Stmt::Delete(listed.flat_map(each).collect()));
            }
            "pass_statement" | "future_import_statement" | "comment" => {}
            _ => {
                let ids: Vec<Id> = parts(node).iter().map(|part| self.expr(*part)).collect();
                found.extend(ids.into_iter().map(Stmt::Expr));
            }
        }
    }

    fn expression_statement(&mut self, node: Node<'_>, found: &mut Block) {
        match node.kind() {
            "assignment" => {
                let (mut targets, mut last) = (Vec::new(), node);
                while last.kind() == "assignment" {
                    targets.extend(field(last, "left"));
                    let Some(right) = field(last, "right") else { return };
                    last = right;
                }
                let value = self.expr(last);
                let targets = targets.into_iter().map(|target| self.target(target)).collect();
                found.push(Stmt::Assign { targets, value });
            }
            "augmented_assignment" => {
                let (Some(left), Some(right)) = (field(node, "left"), field(node, "right")) else { return };
                let add = field(node, "operator").is_some_and(|op| self.text_of(op) == "+=");
                let value = self.expr(right);
                found.push(Stmt::Augment { target: self.target(left), value, add });
            }
            _ => {
                let id = self.expr(node);
                found.push(Stmt::Expr(id));
            }
        }
    }

    fn decorated(&mut self, node: Node<'_>, found: &mut Block) {
        let mut decorators = Vec::new();
        for part in parts(node) {
            match part.kind() {
                "decorator" => decorators.extend(parts(part).first().map(|inner| self.expr(*inner))),
                "function_definition" => {
                    let stmt = self.function(part, std::mem::take(&mut decorators));
                    found.push(stmt);
                }
                "class_definition" => {
                    let stmt = self.class(part, std::mem::take(&mut decorators));
                    found.push(stmt);
                }
                _ => {}
            }
        }
    }

    fn branch(&mut self, node: Node<'_>, found: &mut Block) {
        let (mut tests, mut blocks, mut exhaustive) = (Vec::new(), Vec::new(), false);
        let mut cursor = node.walk();
        let clauses: Vec<_> = node.children_by_field_name("alternative", &mut cursor).collect();
        for clause in std::iter::once(node).chain(clauses) {
            let question = field(clause, "condition");
            let body = field(clause, "consequence").or_else(|| field(clause, "body"));
            // What runs as a script alone does not run as a function.
            if question.is_some_and(|node| self.is_script_guard(node)) {
                continue;
            }
            tests.extend(question.map(|node| self.expr(node)));
            blocks.extend(body.map(|body| self.block(body)));
            exhaustive |= clause.kind() == "else_clause";
        }
        found.push(Stmt::Branch { tests, blocks, exhaustive });
    }

    fn is_script_guard(&self, asked: Node<'_>) -> bool {
        let text = self.text_of(asked);
        asked.kind() == "comparison_operator"
            && text.len() < 40
            && text.contains("__name__")
            && text.contains("__main__")
            && text.contains("==")
    }

    fn repeat(&mut self, node: Node<'_>, found: &mut Block) {
        let over = field(node, "right").or_else(|| field(node, "condition"));
        let Some(over) = over else { return };
        let over = self.expr(over);
        let target = field(node, "left").map(|left| self.target(left));
        let body = field(node, "body").map(|body| self.block(body)).unwrap_or_default();
        let after = field(node, "alternative").and_then(|clause| field(clause, "body"));
        let after = after.map(|body| self.block(body)).unwrap_or_default();
        found.push(Stmt::Loop { target, over, body, after });
    }

    fn attempt(&mut self, node: Node<'_>, found: &mut Block) {
        let body = field(node, "body").map(|body| self.block(body)).unwrap_or_default();
        let (mut handlers, mut otherwise, mut finally) = (Vec::new(), Vec::new(), Vec::new());
        for clause in parts(node) {
            let last = parts(clause).into_iter().rfind(|part| part.kind() == "block");
            match (clause.kind(), last) {
                ("except_clause" | "except_group_clause", Some(block)) => handlers.push(self.handler(clause, block)),
                ("else_clause", Some(block)) => otherwise = self.block(block),
                ("finally_clause", Some(block)) => finally = self.block(block),
                _ => {}
            }
        }
        found.push(Stmt::Try { body, handlers, otherwise, finally });
    }

    fn handler(&mut self, clause: Node<'_>, block: Node<'_>) -> Block {
        let mut names = Vec::new();
        let mut open: Vec<Node<'_>> = parts(clause).into_iter().filter(|part| *part != block).collect();
        open.extend(field(clause, "alias"));
        while let Some(part) = open.pop() {
            if part.kind() == "as_pattern_target" || Some(part) == field(clause, "alias") {
                let name = self.name_of(part);
                self.bind(&name);
                names.push(name);
            } else if part.kind() == "as_pattern" {
                open.extend(parts(part));
            }
        }
        let mut body = vec![Stmt::Capture { names, from: None }];
        body.extend(self.block(block));
        body
    }

    fn with(&mut self, node: Node<'_>, found: &mut Block) {
        let mut items = Vec::new();
        let clauses = parts(node);
        for item in clauses.iter().filter(|part| part.kind() == "with_clause").flat_map(|clause| parts(*clause)) {
            let Some(value) = field(item, "value") else { continue };
            self.with_item(value, &mut items);
        }
        let body = field(node, "body").map(|body| self.block(body)).unwrap_or_default();
        found.push(Stmt::With { items, body });
    }

    fn with_item(&mut self, value: Node<'_>, items: &mut Vec<(Id, Option<Id>)>) {
        match (value.kind(), parts(value).as_slice()) {
            ("as_pattern", [value, ..]) => {
                let id = self.expr(*value);
                let target = parts(value.parent().unwrap_or(*value)).into_iter().nth(1);
                items.push((id, target.map(|target| self.target(target))));
            }
            // `with (a as b, c as d):` reads as a tuple.
            ("tuple" | "parenthesized_expression", all) => {
                for inner in all {
                    match (inner.kind(), parts(*inner).as_slice()) {
                        ("as_pattern", [value, alias, ..]) => {
                            let id = self.expr(*value);
                            items.push((id, Some(self.target(*alias))));
                        }
                        _ => items.push((self.expr(*inner), None)),
                    }
                }
            }
            _ => items.push((self.expr(value), None)),
        }
    }

    fn choice(&mut self, node: Node<'_>, found: &mut Block) {
        let subject = field(node, "subject").map(|subject| self.expr(subject));
        let mut blocks = Vec::new();
        let cases = field(node, "body").map(parts).unwrap_or_default();
        for case in cases.into_iter().filter(|case| case.kind() == "case_clause") {
            let consequence = field(case, "consequence");
            let mut names = Vec::new();
            let mut open: Vec<Node<'_>> = parts(case).into_iter().filter(|part| Some(*part) != consequence).collect();
            while let Some(part) = open.pop() {
                if part.kind() == "identifier" {
                    let name = self.name_of(part);
                    self.bind(&name);
                    names.push(name);
                }
                open.extend(parts(part));
            }
            let mut body = vec![Stmt::Capture { names, from: subject }];
            body.extend(consequence.map(|block| self.block(block)).unwrap_or_default());
            blocks.push(body);
        }
        found.push(Stmt::Branch { tests: subject.into_iter().collect(), blocks, exhaustive: false });
    }

    fn import(&mut self, node: Node<'_>, found: &mut Block) {
        let place = self.place(node);
        for part in parts(node) {
            let (module, alias) = self.name_and_alias(part);
            let whole = alias.is_some();
            let first: Rc<str> = module.split('.').next().unwrap_or_default().into();
            let bind = alias.unwrap_or(first);
            self.bind(&bind);
            found.push(Stmt::Import(Import { level: 0, module, name: None, bind, whole, place }));
        }
    }

    fn import_from(&mut self, node: Node<'_>, found: &mut Block) {
        let place = self.place(node);
        let Some(from) = field(node, "module_name") else { return };
        let text = self.text_of(from);
        let level = u32::try_from(text.chars().take_while(|c| *c == '.').count()).unwrap_or(u32::MAX);
        let module: Rc<str> = text.trim_start_matches('.').trim().into();
        for part in parts(node).into_iter().filter(|part| *part != from) {
            let (name, alias) = match part.kind() {
                "wildcard_import" => ("*".into(), None),
                _ => self.name_and_alias(part),
            };
            let bind = alias.unwrap_or_else(|| name.clone());
            self.bind(&bind);
            if name != bind {
                self.unit.renamed.push((place, name.clone()));
            }
            let name = Some(name);
            found.push(Stmt::Import(Import { level, module: module.clone(), name, bind, whole: true, place }));
        }
    }

    fn name_and_alias(&self, node: Node<'_>) -> (Rc<str>, Option<Rc<str>>) {
        let name = field(node, "name").unwrap_or(node);
        (self.name_of(name), field(node, "alias").map(|alias| self.name_of(alias)))
    }
}
