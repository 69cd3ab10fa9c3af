//! Wildcards and variables, by a table.

use crate::{Context, ContextValue};

/// A character of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Symbol {
    Char(char),
    One,
    Star,
}

/// The pattern with its variables replaced; `None` if one has no value.
pub(super) fn symbols(pattern: &str, wildcards: bool, variables: bool, context: &Context) -> Option<Vec<Symbol>> {
    let mut out = Vec::new();
    let mut rest = pattern.to_owned();
    while let Some(first) = rest.chars().next() {
        if variables && rest.starts_with("${") {
            let end = rest.find('}')?;
            let inside: String = rest.chars().skip(2).take_while(|c| *c != '}').collect();
            let value = if ["*", "?", "$"].contains(&inside.as_str()) { inside } else { value_of(&inside, context)? };
            out.extend(value.chars().map(Symbol::Char));
            rest = rest.split_off(end + 1);
            continue;
        }
        out.push(match first {
            '*' if wildcards => Symbol::Star,
            '?' if wildcards => Symbol::One,
            c => Symbol::Char(c),
        });
        rest = rest.split_off(first.len_utf8());
    }
    Some(out)
}

/// `key` or `key, 'default'`.
fn value_of(inside: &str, context: &Context) -> Option<String> {
    let (key, default) = match inside.split_once(',') {
        Some((key, default)) => (key.trim(), Some(default.trim().trim_matches('\'').to_owned())),
        None => (inside.trim(), None),
    };
    match context.get(key) {
        Some(ContextValue::One(value)) => Some(value.clone()),
        Some(ContextValue::Many(values)) if !values.is_empty() => None,
        _ => default,
    }
}

/// Whether the text is like the pattern: a table over both, one row a symbol.
pub(super) fn like(pattern: &Option<Vec<Symbol>>, text: &str) -> bool {
    let Some(pattern) = pattern else { return false };
    let text: Vec<char> = text.chars().collect();
    let mut row = vec![false; text.len() + 1];
    row[0] = true;
    for symbol in pattern {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            next[at] = match symbol {
                Symbol::Star => row[at] || at > 0 && next[at - 1],
                Symbol::One => at > 0 && row[at - 1],
                Symbol::Char(c) => at > 0 && row[at - 1] && text[at - 1] == *c,
            };
        }
        row = next;
    }
    row[text.len()]
}

/// The six parts of an ARN, colons inside `${...}` left alone.
fn parts(text: &str, variables: bool) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut inside = false;
    for c in text.chars() {
        let last = parts.last().cloned().unwrap_or_default();
        inside = variables && (inside && c != '}' || c == '{' && last.ends_with('$'));
        if c == ':' && !inside && parts.len() < 6 {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts
}

/// Whether an ARN is like a pattern, part by part.
pub(super) fn arn_like(pattern: &str, text: &str, variables: bool, context: &Context) -> bool {
    let wanted = parts(pattern, variables);
    if pattern == "*" || wanted.len() < 6 {
        return like(&symbols(pattern, true, variables, context), text);
    }
    let found: Vec<&str> = text.splitn(6, ':').collect();
    found.len() == 6 && wanted.iter().zip(found).all(|(p, t)| like(&symbols(p, true, variables, context), t))
}

/// Whether only a variable without a value decides that the ARN is not like the pattern.
pub(super) fn unresolved_arn(pattern: &str, text: &str, variables: bool, context: &Context) -> bool {
    let wanted = parts(pattern, variables);
    if pattern == "*" || wanted.len() < 6 {
        return symbols(pattern, true, variables, context).is_none();
    }
    let found: Vec<&str> = text.splitn(6, ':').collect();
    let part = |p: &String, t: &str| {
        let pattern = symbols(p, true, variables, context);
        pattern.is_none() || like(&pattern, t)
    };
    let unresolved = wanted.iter().any(|p| symbols(p, true, variables, context).is_none());
    found.len() == 6 && unresolved && wanted.iter().zip(found).all(|(p, t)| part(p, t))
}
