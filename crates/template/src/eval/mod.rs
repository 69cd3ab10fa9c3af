//! Intrinsic functions, evaluated: what goes in may hold `Ref` and `Fn::...`, what comes out holds none.
//!
//! What only a deployment elsewhere knows becomes [`Kind::Unknown`] with its reason and goes upwards through every
//! function that uses it. Dynamic references stay in the text as written; [`text`](crate::eval::text) types them.

mod attributes;
mod conditions;
mod functions;
mod parameters;
mod sub;
pub(crate) mod text;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use burgward_diag::Span;

use crate::load::Parameters;
use crate::report::Report;
use crate::sam_globals::is_intrinsic;
use crate::template::Template;
use crate::tree::{Entry, Kind, Node, Tree};

/// A template together with what a deployment gives it.
#[derive(Debug)]
pub(crate) struct Evaluator<'a> {
    pub(crate) template: &'a Template,
    pub(crate) deployment: &'a Parameters,
    pub(crate) report: &'a Report,
    /// Values of template parameters.
    parameters: HashMap<String, Tree>,
    /// Conditions decided so far; `None` while one is being decided.
    conditions: RefCell<HashMap<String, Option<bool>>>,
    /// Logical ids whose names are being worked out, against circles.
    naming: RefCell<Vec<String>>,
    /// What may still be made: values and bytes, together.
    budget: Cell<usize>,
}

/// Values and bytes that evaluation may make: far more than any template within CloudFormation's limits needs.
const BUDGET: usize = 32 << 20;

impl<'a> Evaluator<'a> {
    /// Settles the parameters.
    pub(crate) fn new(template: &'a Template, deployment: &'a Parameters, report: &'a Report) -> Self {
        Self {
            template,
            deployment,
            report,
            parameters: parameters::settle(template, deployment, report),
            conditions: RefCell::default(),
            naming: RefCell::default(),
            budget: Cell::new(BUDGET),
        }
    }

    /// The value without intrinsics; nothing for `AWS::NoValue`.
    pub(crate) fn value(&self, node: &Tree) -> Option<Tree> {
        if !self.afford(1) {
            return Some(unknown(&node.span, "the template makes more values than are read"));
        }
        match &node.kind {
            Kind::Map(_) if is_function(node) => self.call(node),
            Kind::Map(entries) => {
                let settled = |e: &Entry| self.value(&e.value).map(|value| Entry { value, ..e.clone() });
                Some(rebuilt(node, Kind::Map(entries.iter().filter_map(settled).collect())))
            }
            Kind::Seq(items) => Some(rebuilt(node, Kind::Seq(items.iter().filter_map(|n| self.value(n)).collect()))),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Unknown(_) => Some(node.clone()),
        }
    }

    /// Takes from the budget; nothing is made any more once it is used up.
    fn afford(&self, cost: usize) -> bool {
        let left = self.budget.get().checked_sub(cost);
        self.budget.set(left.unwrap_or(0));
        left.is_some_and(|left| left > 0)
    }

    /// The value, unless it is too much.
    fn afforded(&self, value: Tree) -> Tree {
        let size = match &value.kind {
            Kind::String(text) | Kind::Number(text) | Kind::Unknown(text) => text.len(),
            Kind::Seq(items) => items.iter().map(|n| n.scalar().map_or(8, |t| t.len() + 8)).sum(),
            Kind::Null | Kind::Bool(_) | Kind::Map(_) => 1,
        };
        if self.afford(size) { value } else { unknown(&value.span, "the template makes more text than is read") }
    }

    fn call(&self, node: &Tree) -> Option<Tree> {
        let entry = node.entries().first()?;
        let (argument, span) = (&entry.value, &node.span);
        Some(match entry.key.as_str() {
            "Ref" => return self.reference(argument, span).map(|value| self.afforded(value)),
            "Fn::If" => return self.choose(argument, span),
            "Fn::GetAtt" => self.afforded(self.get_att(argument, span)),
            "Fn::Sub" => self.afforded(self.sub(argument, span)),
            "Fn::Join" => self.afforded(self.join(argument, span)),
            "Fn::Select" => self.select(argument, span),
            "Fn::Split" => self.afforded(self.split(argument, span)),
            "Fn::FindInMap" => self.afforded(self.find_in_map(argument, span)),
            "Fn::Base64" => self.afforded(self.base64(argument, span)),
            "Fn::GetAZs" => self.zones(span),
            "Fn::Length" => self.length(argument, span),
            "Fn::ToJsonString" => self.afforded(self.json_text(argument, span)),
            "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not" => {
                let value = self.decide(node);
                Node::new(
                    value.map_or_else(|| Kind::Unknown("an undecided condition".into()), Kind::Bool),
                    span.clone(),
                )
            }
            "Fn::ImportValue" => unknown(span, "it is an export of another stack"),
            "Fn::Transform" => unknown(span, "a macro makes it"),
            other => {
                let message = format!("the function `{other}` is not known");
                self.report.syntax(&entry.key_span, message, "see the list of CloudFormation's intrinsic functions");
                unknown(span, "the function is not known")
            }
        })
    }

    /// `Ref`: a pseudo parameter, a parameter or a resource.
    fn reference(&self, argument: &Tree, span: &Span) -> Option<Tree> {
        let Some(name) = argument.as_str() else {
            self.report.syntax(span, "`Ref` takes the name of a parameter or resource", "write `!Ref Name`");
            return Some(unknown(span, "`Ref` without a name"));
        };
        if name == "AWS::NoValue" {
            return None;
        }
        Some(self.named(name, span))
    }

    /// What `Ref` answers for a name.
    pub(crate) fn named(&self, name: &str, span: &Span) -> Tree {
        if let Some(value) = self.pseudo(name, span) {
            return value;
        }
        if let Some(value) = self.parameters.get(name) {
            return placed(value, span);
        }
        self.resource_reference(name, span)
    }

    fn pseudo(&self, name: &str, span: &Span) -> Option<Tree> {
        let d = self.deployment;
        let stack_id = || format!("arn:aws:cloudformation:{}:{}:stack/{}/0", d.region, d.account, d.stack_name);
        let text = match name {
            "AWS::AccountId" => d.account.clone(),
            "AWS::Region" => d.region.clone(),
            "AWS::StackName" => d.stack_name.clone(),
            "AWS::Partition" => "aws".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            "AWS::StackId" => stack_id(),
            "AWS::NotificationARNs" => return Some(Node::new(Kind::Seq(Vec::new()), span.clone())),
            _ => return None,
        };
        Some(Node::text(text, span))
    }
}

/// A function call: like [`is_intrinsic`], but `Condition` alone is a key like others outside of conditions.
fn is_function(node: &Node) -> bool {
    is_intrinsic(node) && node.entry("Condition").is_none()
}

/// A value that cannot be known.
pub(crate) fn unknown(span: &Span, why: impl Into<String>) -> Tree {
    Node::new(Kind::Unknown(why.into()), span.clone())
}

/// The same value at another place: errors about a parameter's value point at its use.
fn placed(value: &Tree, span: &Span) -> Tree {
    Tree::new(Node { kind: value.kind.clone(), span: span.clone(), no_echo: value.no_echo })
}

fn rebuilt(node: &Tree, kind: Kind) -> Tree {
    Tree::new(Node { kind, span: node.span.clone(), no_echo: node.no_echo })
}
