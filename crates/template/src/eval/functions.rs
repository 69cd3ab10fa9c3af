//! The functions that work on text and lists.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html>

use burgward_diag::Span;

use crate::eval::{Evaluator, unknown};
use crate::tree::{Kind, Node, Tree};

/// Text put together from parts; one unknown part makes it unknown.
#[derive(Default)]
pub(super) struct Builder {
    text: String,
    unknown: Option<String>,
    no_echo: bool,
}

impl Builder {
    /// `CloudFormation` takes no property longer than a template.
    const LONGEST: usize = 1 << 20;

    pub(super) fn literal(&mut self, text: &str) {
        if self.text.len() + text.len() > Self::LONGEST {
            self.unknown.get_or_insert_with(|| "it is longer than a template may be".to_owned());
        } else {
            self.text.push_str(text);
        }
    }

    pub(super) fn node(&mut self, node: &Node) {
        self.no_echo |= node.no_echo;
        if let Some((why, _)) = node.unknown() {
            self.unknown.get_or_insert_with(|| why.to_owned());
        } else if let Some(text) = node.scalar() {
            self.literal(&text);
        } else {
            self.unknown.get_or_insert_with(|| "it is no text".to_owned());
        }
    }

    pub(super) fn finish(self, span: &Span) -> Tree {
        let kind = self.unknown.map_or(Kind::String(self.text), Kind::Unknown);
        Tree::new(Node { kind, span: span.clone(), no_echo: self.no_echo })
    }
}

impl Evaluator<'_> {
    /// An argument that must be there.
    pub(super) fn argument(&self, node: &Tree) -> Tree {
        self.value(node).unwrap_or_else(|| Node::new(Kind::Null, node.span.clone()))
    }

    fn misuse(&self, span: &Span, usage: &str) -> Tree {
        self.report.syntax(
            span,
            format!("wrong use of a function: expected `{usage}`"),
            "see CloudFormation's reference",
        );
        unknown(span, "a function is misused")
    }

    pub(super) fn join(&self, argument: &Tree, span: &Span) -> Tree {
        let [delimiter, list] = argument.items() else { return self.misuse(span, "Fn::Join: [delimiter, list]") };
        let delimiter = delimiter.scalar().unwrap_or_default();
        let list = self.argument(list);
        if let Some((why, _)) = list.unknown() {
            return unknown(span, why);
        }
        let mut builder = Builder::default();
        for (at, item) in list.items().iter().enumerate() {
            if at > 0 {
                builder.literal(&delimiter);
            }
            builder.node(item);
        }
        builder.finish(span)
    }

    pub(super) fn split(&self, argument: &Tree, span: &Span) -> Tree {
        let [delimiter, text] = argument.items() else { return self.misuse(span, "Fn::Split: [delimiter, text]") };
        let text = self.argument(text);
        match (delimiter.as_str(), text.scalar(), text.unknown()) {
            (_, _, Some((why, _))) => unknown(span, why),
            (Some(delimiter), Some(text), None) if !delimiter.is_empty() => {
                Node::new(Kind::Seq(text.split(delimiter).map(|part| Node::text(part, span)).collect()), span.clone())
            }
            _ => self.misuse(span, "Fn::Split: [delimiter, text]"),
        }
    }

    pub(super) fn select(&self, argument: &Tree, span: &Span) -> Tree {
        let [index, list] = argument.items() else { return self.misuse(span, "Fn::Select: [index, list]") };
        let (index, list) = (self.argument(index), self.argument(list));
        if let Some((why, _)) = index.unknown().or_else(|| list.unknown()) {
            return unknown(span, why);
        }
        let at = index.scalar().and_then(|t| t.parse::<usize>().ok());
        match at.and_then(|at| list.items().get(at)) {
            Some(item) => item.clone(),
            None => self.misuse(span, "Fn::Select: [index within the list, list]"),
        }
    }

    pub(super) fn find_in_map(&self, argument: &Tree, span: &Span) -> Tree {
        let [map, first, second, rest @ ..] = argument.items() else {
            return self.misuse(span, "Fn::FindInMap: [map, first key, second key]");
        };
        let keys = [self.argument(map), self.argument(first), self.argument(second)];
        if let Some((why, _)) = keys.iter().find_map(|k| k.unknown()) {
            return unknown(span, why);
        }
        let names: Vec<_> = keys.iter().filter_map(|k| k.scalar()).collect();
        let path: Vec<&str> = names.iter().map(String::as_str).collect();
        if let Some(found) = self.template.mappings.at(&path) {
            return Tree::new(Node { span: span.clone(), ..found.clone() });
        }
        if let Some(default) = rest.first().and_then(|n| n.get("DefaultValue")) {
            return self.argument(default);
        }
        self.report.syntax(
            span,
            format!("`Mappings` has no `{}`", path.join(".")),
            "add the entry, or a `DefaultValue`",
        );
        unknown(span, "the mapping has no such entry")
    }

    pub(super) fn base64(&self, argument: &Tree, span: &Span) -> Tree {
        let value = self.argument(argument);
        match (value.unknown(), value.scalar()) {
            (Some((why, _)), _) => unknown(span, why),
            (None, Some(text)) => Tree::new(Node {
                kind: Kind::String(base64(text.as_bytes())),
                span: span.clone(),
                no_echo: value.no_echo,
            }),
            _ => self.misuse(span, "Fn::Base64: text"),
        }
    }

    pub(super) fn zones(&self, span: &Span) -> Tree {
        let zone = |letter: &str| Node::text(format!("{}{letter}", self.deployment.region), span);
        Node::new(Kind::Seq(["a", "b", "c"].map(zone).to_vec()), span.clone())
    }

    pub(super) fn length(&self, argument: &Tree, span: &Span) -> Tree {
        let list = self.argument(argument);
        match (list.unknown(), &list.kind) {
            (Some((why, _)), _) => unknown(span, why),
            (None, Kind::Seq(items)) => Node::new(Kind::Number(items.len().to_string()), span.clone()),
            _ => self.misuse(span, "Fn::Length: list"),
        }
    }

    pub(super) fn json_text(&self, argument: &Tree, span: &Span) -> Tree {
        let value = self.argument(argument);
        match value.unknown() {
            Some((why, _)) => unknown(span, why),
            None => Node::text(value.to_json().to_string(), span),
        }
    }
}

/// Base64 with the standard alphabet (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |six: u32| ALPHABET.get((six & 63) as usize).copied().map_or('=', char::from);
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for at in 0..4 {
            out.push(if at <= chunk.len() { letter(group >> (18 - 6 * at)) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_of_rfc_4648() {
        let cases = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (text, expected) in cases {
            assert_eq!(super::base64(text.as_bytes()), expected);
        }
    }
}
