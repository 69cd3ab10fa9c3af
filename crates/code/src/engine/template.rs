//! Texts with holes: `%` and `format`.

use std::rc::Rc;

use crate::value::{Args, Shape, Val};

enum Piece {
    Text(String),
    Next,
    /// The next value, in a form of its own.
    Formed,
    Named(String),
}

/// `pattern % values`
pub(super) fn percent(pattern: &Val, values: &Val) -> Val {
    let Some(text) = pattern.constant() else { return Val::unknown_from([pattern, values]) };
    let (mut pieces, mut chars) = (vec![Piece::Text(String::new())], text.chars().peekable());
    while let Some(c) = chars.next() {
        match (c, chars.peek().copied()) {
            ('%', Some('%')) => {
                chars.next();
                literal(&mut pieces, '%');
            }
            ('%', Some('(')) => {
                chars.next();
                let name: String = chars.by_ref().take_while(|c| *c != ')').collect();
                chars.next();
                pieces.push(Piece::Named(name));
            }
            ('%', Some(kind @ ('s' | 'd' | 'r' | 'i'))) => {
                chars.next();
                pieces.push(if kind == 'r' { Piece::Formed } else { Piece::Next });
            }
            ('%', _) => return Val::unknown_from([pattern, values]),
            _ => literal(&mut pieces, c),
        }
    }
    let plain: Vec<Val> = match values.shapes() {
        [Shape::Seq(items)] => items.to_vec(),
        _ => vec![values.clone()],
    };
    let named: Vec<(Rc<str>, Val)> = match values.shapes() {
        [Shape::Map(entries, _)] => entries.to_vec(),
        _ => Vec::new(),
    };
    fill(pieces, &Args { plain, named, rest: Some(Val::unknown_from([values])), named_rest: None })
}

/// `pattern.format(...)`
pub(super) fn format(pattern: &Val, args: &Args) -> Val {
    let unknown = || Val::unknown_from(args.all().chain([pattern]));
    let Some(text) = pattern.constant() else { return unknown() };
    let (mut pieces, mut chars) = (vec![Piece::Text(String::new())], text.chars().peekable());
    while let Some(c) = chars.next() {
        match (c, chars.peek().copied()) {
            ('{', Some('{')) | ('}', Some('}')) => {
                chars.next();
                literal(&mut pieces, c);
            }
            ('{', _) => {
                let name: String = chars.by_ref().take_while(|c| *c != '}').collect();
                pieces.push(match name.chars().next() {
                    None => Piece::Next,
                    Some('!' | ':') => Piece::Formed,
                    Some(_) => Piece::Named(name),
                });
            }
            _ => literal(&mut pieces, c),
        }
    }
    fill(pieces, args)
}

fn literal(pieces: &mut Vec<Piece>, c: char) {
    match pieces.last_mut() {
        Some(Piece::Text(text)) => text.push(c),
        _ => pieces.push(Piece::Text(c.to_string())),
    }
}

fn fill(pieces: Vec<Piece>, args: &Args) -> Val {
    let mut next = 0;
    let mut vals = Vec::with_capacity(pieces.len());
    for piece in pieces {
        vals.push(match piece {
            Piece::Text(text) if text.is_empty() => continue,
            Piece::Text(text) => Val::text(&text),
            Piece::Next => {
                next += 1;
                args.plain.get(next - 1).or(args.rest.as_ref()).cloned().unwrap_or_else(Val::unknown)
            }
            Piece::Formed => {
                next += 1;
                Val::unknown_from(args.plain.get(next - 1).or(args.rest.as_ref()))
            }
            Piece::Named(name) => {
                let plain = name.parse::<usize>().ok().and_then(|number| args.plain.get(number));
                let named = plain.or_else(|| args.named(&name)).cloned();
                named.unwrap_or_else(|| Val::unknown_from(args.all()))
            }
        });
    }
    Val::concat(&vals)
}
