//! `Fn::Sub`, both forms.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html>

use burgward_diag::Span;

use crate::eval::functions::Builder;
use crate::eval::{Evaluator, unknown};
use crate::tree::{Node, Tree};

impl Evaluator<'_> {
    pub(super) fn sub(&self, argument: &Tree, span: &Span) -> Tree {
        let empty = Node::empty_map(span);
        let (template, variables) = match argument.items() {
            [template, variables] => (template, variables),
            [template] => (template, &empty),
            _ => (argument, &empty),
        };
        let Some(template) = template.scalar() else {
            self.report.syntax(span, "`Fn::Sub` takes text, or a list of text and variables", "`!Sub '${Name}'`");
            return unknown(span, "`Fn::Sub` without text");
        };
        let mut builder = Builder::default();
        let mut rest = template.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            builder.literal(before);
            let Some((name, tail)) = after.split_once('}') else {
                builder.literal("${");
                rest = after;
                continue;
            };
            // `${!Literal}` stands for `${Literal}`.
            if let Some(literal) = name.strip_prefix('!') {
                builder.literal(&format!("${{{literal}}}"));
            } else {
                builder.node(&self.variable(name.trim(), variables, span));
            }
            rest = tail;
        }
        builder.literal(rest);
        builder.finish(span)
    }

    fn variable(&self, name: &str, variables: &Tree, span: &Span) -> Tree {
        if let Some(value) = variables.get(name) {
            return self.argument(value);
        }
        match name.split_once('.') {
            Some((resource, attribute)) if !name.starts_with("AWS::") => self.attribute(resource, attribute, span),
            _ => self.named(name, span),
        }
    }
}
