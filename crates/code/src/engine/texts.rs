//! What functions make of texts: exact on constants, unknown wherever a text may have changed.

use super::paths;
use crate::value::{Args, Shape, Val};

/// Each alternative changed; what the event has a part in stays so.
fn each(val: &Val, change: impl Fn(&Shape) -> Val) -> Val {
    let mut found = Val::nothing();
    for shape in val.shapes() {
        found = found.join(&change(shape));
    }
    let found = found.tainted_like(val);
    val.made().map_or_else(|| found.clone(), |made| found.with_made(made))
}

fn is_text(shape: &Shape) -> bool {
    matches!(shape, Shape::Text(_) | Shape::Join(_) | Shape::Env(_) | Shape::Number | Shape::Bool(_))
}

/// Something else that is made of a text.
pub(super) fn made_of(val: &Val) -> Val {
    // What stands in for a body that is not there, as in `or "{}"`, holds nothing.
    let empty = |shape: &Shape| matches!(shape, Shape::Text(text) if matches!(&**text, "" | "{}" | "[]"));
    each(val, |shape| if is_text(shape) && !empty(shape) { Val::unknown() } else { Val::of(shape.clone()) })
}

/// Quoted for a shell: the same if there is nothing to quote.
pub(super) fn quoted(val: &Val) -> Val {
    let plain =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "@%+=:,./-_".contains(c));
    each(val, |shape| match shape {
        Shape::Text(text) if plain(text) => Val::of(shape.clone()),
        shape if is_text(shape) => Val::unknown(),
        _ => Val::of(shape.clone()),
    })
}

/// A path in its usual form. In a folder for temporary files it stays there as far as flaws are concerned.
pub(super) fn normal(val: &Val) -> Val {
    let temporary = |shape: &Shape| match shape {
        Shape::Text(text) => paths::is_temporary(text),
        Shape::Join(parts) => parts.first().and_then(Val::constant).is_some_and(paths::is_temporary),
        _ => false,
    };
    each(val, |shape| if is_text(shape) && !temporary(shape) { Val::unknown() } else { Val::of(shape.clone()) })
}

/// A path's last part. What is not constant may hold separators of its own.
pub(super) fn basename(val: &Val) -> Val {
    each(val, |shape| match shape {
        Shape::Text(text) => Val::text(text.rsplit('/').next().unwrap_or_default()),
        Shape::Join(parts) => {
            let mut last: Vec<Val> = Vec::new();
            for part in parts.iter() {
                match part.constant() {
                    Some(text) => match text.rsplit_once('/') {
                        Some((_, after)) => last = vec![Val::text(after)],
                        None => last.push(part.clone()),
                    },
                    None => last = vec![made_of(part)],
                }
            }
            Val::concat(&last)
        }
        shape if is_text(shape) => Val::unknown(),
        _ => Val::of(shape.clone()),
    })
}

/// Methods of texts, and some of other things that keep what they are.
pub(super) fn method(own: &Val, name: &str, args: &Args) -> Val {
    let val = each(own, |shape| match shape {
        Shape::Text(text) => constant(text, name, args),
        Shape::Join(parts) => joined(parts, name, args),
        Shape::Env(_) => {
            let trims = matches!(name, "strip" | "lstrip" | "rstrip") && args.all().next().is_none();
            if trims || keeps(name) { Val::of(shape.clone()) } else { Val::unknown() }
        }
        Shape::File(..) if name == "read" => Val::unknown(),
        shape if is_text(shape) => Val::unknown(),
        _ => Val::of(shape.clone()),
    });
    args.plain.iter().fold(val, |val, arg| val.tainted_like(arg))
}

/// Methods of texts and paths that change nothing that matters.
fn keeps(name: &str) -> bool {
    matches!(name, "decode" | "copy" | "as_posix" | "absolute" | "resolve" | "expanduser")
}

fn constant(text: &str, name: &str, args: &Args) -> Val {
    let first = args.plain.first();
    let given = first.and_then(Val::constant);
    let trims = matches!(name, "strip" | "lstrip" | "rstrip");
    let made = match (name, first, given) {
        ("lower" | "casefold", ..) if text.is_ascii() => text.to_ascii_lowercase(),
        ("upper", ..) if text.is_ascii() => text.to_ascii_uppercase(),
        (_, None, _) if trims => trimmed(text, name, None).to_owned(),
        (_, Some(_), Some(set)) if trims => trimmed(text, name, Some(set)).to_owned(),
        ("removeprefix", _, Some(prefix)) => text.strip_prefix(prefix).unwrap_or(text).to_owned(),
        ("removesuffix", _, Some(suffix)) => text.strip_suffix(suffix).unwrap_or(text).to_owned(),
        ("replace", _, Some(old)) if args.plain.len() == 2 && !old.is_empty() => {
            let Some(new) = args.plain.get(1).and_then(Val::constant) else { return Val::unknown() };
            text.replace(old, new)
        }
        // A relative path, or one with links, is another afterwards.
        ("absolute" | "resolve" | "expanduser", ..) if !paths::is_temporary(text) => return Val::unknown(),
        _ if keeps(name) => text.to_owned(),
        _ => return Val::unknown(),
    };
    Val::text(&made)
}

fn trimmed<'t>(text: &'t str, name: &str, set: Option<&str>) -> &'t str {
    let cut = |c: char| is_cut(c, set);
    match name {
        "lstrip" => text.trim_start_matches(cut),
        "rstrip" => text.trim_end_matches(cut),
        _ => text.trim_matches(cut),
    }
}

fn is_cut(c: char, set: Option<&str>) -> bool {
    set.map_or_else(|| c.is_whitespace(), |set| set.contains(c))
}

/// Texts one after the other: kept only where it is certain what becomes of them.
fn joined(parts: &[Val], name: &str, args: &Args) -> Val {
    let first = args.plain.first();
    let trims = matches!(name, "strip" | "lstrip" | "rstrip");
    match name {
        "lower" | "upper" | "casefold" => {
            let changed: Vec<Val> = parts.iter().map(|part| method(part, name, args)).collect();
            Val::concat(&changed)
        }
        _ if trims => match first.map(Val::constant) {
            Some(None) => Val::unknown(),
            set => trimmed_ends(parts, name, set.flatten()),
        },
        "removeprefix" | "removesuffix" => {
            let end = if name == "removeprefix" { parts.first() } else { parts.last() };
            let (Some(text), Some(cut)) = (end.and_then(Val::constant), first.and_then(Val::constant)) else {
                return Val::unknown();
            };
            // A longer one may reach into what follows.
            if cut.len() > text.len() {
                return Val::unknown();
            }
            let mut parts = parts.to_vec();
            let at = if name == "removeprefix" { parts.first_mut() } else { parts.last_mut() };
            if let Some(part) = at {
                *part = constant(text, name, args);
            }
            Val::concat(&parts)
        }
        "absolute" | "resolve" | "expanduser" => {
            let temporary = parts.first().and_then(Val::constant).is_some_and(paths::is_temporary);
            if temporary { Val::of(Shape::Join(parts.into())) } else { Val::unknown() }
        }
        _ if keeps(name) => Val::of(Shape::Join(parts.into())),
        _ => Val::unknown(),
    }
}

fn trimmed_ends(parts: &[Val], name: &str, set: Option<&str>) -> Val {
    let mut parts = parts.to_vec();
    let ends = [("rstrip", "lstrip"), ("lstrip", "rstrip")];
    for (other, side) in ends {
        if name == other {
            continue;
        }
        let end = if side == "lstrip" { parts.first_mut() } else { parts.last_mut() };
        // What is not constant may be empty, or may be cut away whole.
        let Some((end, text)) = end.and_then(|end| Some((end.clone(), end.constant()?.to_owned()))) else {
            return Val::unknown();
        };
        let kept = trimmed(&text, side, set);
        if kept.is_empty() {
            return Val::unknown();
        }
        let at = if side == "lstrip" { parts.first_mut() } else { parts.last_mut() };
        if let Some(part) = at {
            *part = Val::text(kept).tainted_like(&end);
        }
    }
    Val::concat(&parts)
}
