//! Literals of text.

use tree_sitter::Node;

use super::{Lowerer, field};
use crate::ir::{Expr, Id};

impl Lowerer<'_> {
    /// A literal, with or without holes.
    pub(super) fn string(&mut self, node: Node<'_>) -> Id {
        let mut pieces = Vec::new();
        self.pieces(node, &mut pieces);
        self.joined(pieces, node)
    }

    /// Literals that follow each other.
    pub(super) fn strings(&mut self, node: Node<'_>) -> Id {
        let mut pieces = Vec::new();
        for part in super::parts(node) {
            self.pieces(part, &mut pieces);
        }
        self.joined(pieces, node)
    }

    fn joined(&mut self, pieces: Vec<Piece>, node: Node<'_>) -> Id {
        if pieces.len() < 2 {
            let text = match pieces.into_iter().next() {
                Some(Piece::Text(text)) => text,
                Some(Piece::Hole(id)) => return self.add(Expr::Concat(vec![id]), node),
                None => String::new(),
            };
            return self.add(Expr::Text(text.into()), node);
        }
        let mut ids = Vec::with_capacity(pieces.len());
        for piece in pieces {
            ids.push(match piece {
                Piece::Hole(id) => id,
                Piece::Text(text) => self.add(Expr::Text(text.into()), node),
            });
        }
        self.add(Expr::Concat(ids), node)
    }

    fn pieces(&mut self, node: Node<'_>, found: &mut Vec<Piece>) {
        let mut cursor = node.walk();
        let children: Vec<_> = node.children(&mut cursor).collect();
        let prefix = children.first().map_or("", |start| self.text_of(*start)).to_ascii_lowercase();
        for child in children {
            match child.kind() {
                "string_content" => {
                    let raw = self.text_of(child);
                    let mut text = if prefix.contains('r') { raw.to_owned() } else { unescaped(raw) };
                    if prefix.contains('f') || prefix.contains('t') {
                        text = text.replace("{{", "{").replace("}}", "}");
                    }
                    match found.last_mut() {
                        Some(Piece::Text(last)) => last.push_str(&text),
                        _ => found.push(Piece::Text(text)),
                    }
                }
                "interpolation" => found.push(Piece::Hole(self.hole(child))),
                _ => {}
            }
        }
    }

    fn hole(&mut self, node: Node<'_>) -> Id {
        let inner = field(node, "expression").or_else(|| super::parts(node).into_iter().next());
        let Some(inner) = inner else { return self.add(Expr::Opaque(Vec::new()), node) };
        let id = self.expr(inner);
        let plain = super::parts(node)
            .iter()
            .all(|part| *part == inner || (part.kind() == "type_conversion" && self.text_of(*part) == "!s"));
        if plain { id } else { self.add(Expr::Opaque(vec![id]), node) }
    }
}

enum Piece {
    Text(String),
    Hole(Id),
}

/// The text that a literal without prefix stands for.
pub(crate) fn unescaped(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        let digits = |chars: &mut std::str::Chars<'_>, count: usize| {
            let hex: String = chars.by_ref().take(count).collect();
            u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32)
        };
        let replaced = match chars.next() {
            None => Some('\\'),
            Some('\n') => continue,
            Some('n') => Some('\n'),
            Some('t') => Some('\t'),
            Some('r') => Some('\r'),
            Some('0') => Some('\0'),
            Some('x') => digits(&mut chars, 2),
            Some('u') => digits(&mut chars, 4),
            Some('U') => digits(&mut chars, 8),
            Some(c @ ('\\' | '\'' | '"')) => Some(c),
            Some(other) => {
                text.push('\\');
                Some(other)
            }
        };
        text.extend(replaced);
    }
    text
}
