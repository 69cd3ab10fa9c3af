//! Conditions.

use burgward_diag::Span;

use crate::eval::{Evaluator, unknown};
use crate::tree::{Kind, Tree};

impl Evaluator<'_> {
    /// Whether a resource or output with this condition exists. An undecided condition is reported and counts as true,
    /// so that what it guards is still judged.
    pub(crate) fn holds(&self, condition: &str, span: &Span) -> bool {
        self.named_condition(condition, span).unwrap_or(true)
    }

    fn named_condition(&self, name: &str, span: &Span) -> Option<bool> {
        if let Some(decided) = self.conditions.borrow().get(name) {
            return *decided;
        }
        let Some(definition) = self.template.conditions.get(name) else {
            self.report.syntax(span, format!("the condition `{name}` is not defined"), "define it in `Conditions`");
            return None;
        };
        self.conditions.borrow_mut().insert(name.to_owned(), None);
        let decided = self.decide(definition);
        if decided.is_none() {
            self.report.unresolved(span, &format!("the condition `{name}`"), "it depends on a value without a default");
        }
        self.conditions.borrow_mut().insert(name.to_owned(), decided);
        decided
    }

    /// `Equals`, `And`, `Or`, `Not`, `Condition`.
    pub(super) fn decide(&self, node: &Tree) -> Option<bool> {
        let [entry] = node.entries() else { return node.as_bool() };
        let parts = entry.value.items();
        match entry.key.as_str() {
            "Condition" => self.named_condition(entry.value.as_str()?, &node.span),
            "Fn::Equals" => {
                let [left, right] = parts else { return self.misused(entry.key.as_str(), &node.span) };
                let (left, right) = (self.value(left)?, self.value(right)?);
                let known = left.unknown().is_none() && right.unknown().is_none();
                known.then(|| match (left.scalar(), right.scalar()) {
                    (Some(a), Some(b)) => a == b,
                    _ => left.to_json() == right.to_json(),
                })
            }
            "Fn::Not" => {
                let [only] = parts else { return self.misused(entry.key.as_str(), &node.span) };
                self.decide(only).map(|value| !value)
            }
            "Fn::And" => self.all(parts, false),
            "Fn::Or" => self.all(parts, true),
            _ => self.value(node)?.as_bool(),
        }
    }

    /// One part that equals `decisive` decides; otherwise all must be known.
    fn all(&self, parts: &[Tree], decisive: bool) -> Option<bool> {
        let decided: Vec<_> = parts.iter().map(|p| self.decide(p)).collect();
        if decided.contains(&Some(decisive)) {
            return Some(decisive);
        }
        decided.iter().all(Option::is_some).then_some(!decisive)
    }

    fn misused(&self, name: &str, span: &Span) -> Option<bool> {
        self.report.syntax(span, format!("`{name}` has the wrong number of parts"), "`Equals` takes two, `Not` one");
        None
    }

    /// `Fn::If`.
    pub(super) fn choose(&self, argument: &Tree, span: &Span) -> Option<Tree> {
        let [condition, yes, no] = argument.items() else {
            self.report.syntax(span, "`Fn::If` takes a condition and two values", "`!If [Condition, Yes, No]`");
            return Some(unknown(span, "`Fn::If` without its three parts"));
        };
        let decided = match &condition.kind {
            Kind::String(name) => self.named_condition(name, span),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Seq(_) | Kind::Map(_) | Kind::Unknown(_) => {
                self.decide(condition)
            }
        };
        match decided {
            Some(true) => self.value(yes),
            Some(false) => self.value(no),
            None => Some(unknown(span, "its condition is undecided")),
        }
    }
}
