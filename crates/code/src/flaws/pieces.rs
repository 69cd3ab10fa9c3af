//! An expression that makes text, as constants and holes, and back to Python.

use std::fmt::Write;

use tree_sitter::Node;

use super::scope;
use crate::python::{field, parts, unescaped};

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Text(String),
    /// An expression; true if it is surely text and needs no `str`.
    Hole(String, bool),
}

/// The parts of an expression; `None` if it is built in another way.
pub(super) fn of(node: Node<'_>, text: &str) -> Option<Vec<Piece>> {
    let mut found = Vec::new();
    read(node, text, &mut found, 0)?;
    Some(found)
}

fn push(found: &mut Vec<Piece>, text: &str) {
    match found.last_mut() {
        Some(Piece::Text(last)) => last.push_str(text),
        _ => found.push(Piece::Text(text.to_owned())),
    }
}

fn read(node: Node<'_>, text: &str, found: &mut Vec<Piece>, depth: u32) -> Option<()> {
    if depth > 40 {
        return None;
    }
    let of = |node: Node<'_>| text.get(node.byte_range()).unwrap_or_default();
    match node.kind() {
        "string" => string(node, text, found)?,
        "concatenated_string" => {
            for part in parts(node) {
                string(part, text, found)?;
            }
        }
        "parenthesized_expression" => read(parts(node).into_iter().next()?, text, found, depth + 1)?,
        "binary_operator" => match of(field(node, "operator")?) {
            "+" => {
                read(field(node, "left")?, text, found, depth + 1)?;
                read(field(node, "right")?, text, found, depth + 1)?;
            }
            "%" => percent(node, text, found)?,
            _ => return None,
        },
        "call" if scope::callee(node, text) == "format" => format(node, text, found)?,
        // What is quoted for a shell needs no quotes without one.
        "call" if matches!(of(field(node, "function")?), "shlex.quote" | "quote" | "pipes.quote") => {
            let (plain, _) = scope::arguments(node, text)?;
            found.push(Piece::Hole(of(*plain.first()?).to_owned(), true));
        }
        "identifier" | "attribute" | "subscript" | "call" => found.push(Piece::Hole(of(node).to_owned(), true)),
        _ => return None,
    }
    Some(())
}

fn string(node: Node<'_>, text: &str, found: &mut Vec<Piece>) -> Option<()> {
    let of = |node: Node<'_>| text.get(node.byte_range()).unwrap_or_default();
    let mut cursor = node.walk();
    let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
    let prefix = of(*children.first()?).to_ascii_lowercase();
    if prefix.contains('b') {
        return None;
    }
    for child in children {
        match child.kind() {
            "string_content" => {
                let raw = of(child);
                let plain = if prefix.contains('r') { raw.to_owned() } else { unescaped(raw) };
                let plain = if prefix.contains('f') { plain.replace("{{", "{").replace("}}", "}") } else { plain };
                push(found, &plain);
            }
            "interpolation" => {
                let inner = parts(child);
                let [one] = inner.as_slice() else { return None };
                hole(*one, text, found);
            }
            _ => {}
        }
    }
    Some(())
}

/// A hole that is made text whatever it is.
fn hole(node: Node<'_>, text: &str, found: &mut Vec<Piece>) {
    let of = |node: Node<'_>| text.get(node.byte_range()).unwrap_or_default();
    let quoted = node.kind() == "call"
        && field(node, "function").is_some_and(|f| matches!(of(f), "shlex.quote" | "pipes.quote"));
    let inner = if quoted { scope::arguments(node, text).and_then(|(plain, _)| plain.first().copied()) } else { None };
    let sure = quoted || node.kind() == "string";
    found.push(Piece::Hole(of(inner.unwrap_or(node)).to_owned(), sure));
}

fn percent(node: Node<'_>, text: &str, found: &mut Vec<Piece>) -> Option<()> {
    let pattern = constant(field(node, "left")?, text)?;
    let right = field(node, "right")?;
    let values = if right.kind() == "tuple" { parts(right) } else { vec![right] };
    let simple = matches!(
        right.kind(),
        "tuple" | "identifier" | "subscript" | "attribute" | "call" | "parenthesized_expression"
    );
    let chunks: Vec<&str> = pattern.split("%s").collect();
    if !simple || chunks.len() != values.len() + 1 || chunks.iter().any(|chunk| chunk.contains('%')) {
        return None;
    }
    fill(&chunks, &values, text, found);
    Some(())
}

fn format(node: Node<'_>, text: &str, found: &mut Vec<Piece>) -> Option<()> {
    let pattern = constant(field(field(node, "function")?, "object")?, text)?;
    let (values, named) = scope::arguments(node, text)?;
    let chunks: Vec<&str> = pattern.split("{}").collect();
    if !named.is_empty() || chunks.len() != values.len() + 1 || chunks.iter().any(|chunk| chunk.contains(['{', '}'])) {
        return None;
    }
    fill(&chunks, &values, text, found);
    Some(())
}

fn fill(chunks: &[&str], values: &[Node<'_>], text: &str, found: &mut Vec<Piece>) {
    for (number, chunk) in chunks.iter().enumerate() {
        if !chunk.is_empty() {
            push(found, chunk);
        }
        if let Some(value) = values.get(number) {
            hole(*value, text, found);
        }
    }
}

/// The constant that an expression is.
pub(super) fn constant(node: Node<'_>, text: &str) -> Option<String> {
    if !matches!(node.kind(), "string" | "concatenated_string" | "parenthesized_expression") {
        return None;
    }
    match of(node, text)?.as_slice() {
        [] => Some(String::new()),
        [Piece::Text(text)] => Some(text.clone()),
        _ => None,
    }
}

/// A literal of Python.
pub(super) fn literal(text: &str) -> String {
    let mut found = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => found.extend(['\\', c]),
            '\n' => found.push_str("\\n"),
            '\r' => found.push_str("\\r"),
            '\t' => found.push_str("\\t"),
            c if c.is_control() => drop(write!(found, "\\x{:02x}", u32::from(c))),
            c => found.push(c),
        }
    }
    found.push('"');
    found
}

/// The expression that makes the text of these parts.
pub(super) fn expression(pieces: &[Piece]) -> String {
    let alone = pieces.len() == 1;
    let part = |piece: &Piece| match piece {
        Piece::Text(text) => literal(text),
        Piece::Hole(hole, true) if alone || is_tight(hole) => hole.clone(),
        Piece::Hole(hole, true) => format!("({hole})"),
        Piece::Hole(hole, false) => format!("str({hole})"),
    };
    if pieces.is_empty() {
        return "\"\"".to_owned();
    }
    pieces.iter().map(part).collect::<Vec<_>>().join(" + ")
}

/// True if the expression binds more tightly than `+`.
fn is_tight(hole: &str) -> bool {
    let mut depth = 0_u32;
    hole.chars().all(|c| {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > 0 || c.is_alphanumeric() || matches!(c, '_' | '.' | ')' | ']' | '"' | '\'')
    })
}
