//! Maps and sequences: what their entries are.

use std::rc::Rc;

use crate::limits;
use crate::value::{KEYS, Shape, Taint, Val, plain_entries};

pub(super) fn is_number(val: &Val) -> bool {
    matches!(val.shapes(), [Shape::Number])
}

/// A part of a text or sequence.
pub(super) fn slice(val: &Val) -> Val {
    let part = |shape: &Shape| match shape {
        Shape::Seq(items) => Shape::Bag(Val::join_all(items.iter())),
        Shape::Bag(_) | Shape::Event(_) => shape.clone(),
        _ => Shape::Unknown,
    };
    Val::new(val.shapes().iter().map(part).collect(), val.taint().cloned())
}

/// One step further into the event.
pub(super) fn below(field: &str, step: &str, taint: Option<&Taint>) -> Val {
    let step = if field.is_empty() { step.trim_start_matches('.') } else { step };
    let fits = field.len() + step.len() <= limits::PATH;
    let path: Rc<str> = if fits { [field, step].concat().into() } else { field.into() };
    let taint = taint.map(|taint| Taint { field: path.clone(), ..taint.clone() });
    Val::new(vec![Shape::Event(path)], taint)
}

pub(super) fn entry(entries: &[(Rc<str>, Val)], rest: Option<&Val>, key: &Val, base: &Val) -> Val {
    let (names, others) = key.constants();
    if others || names.is_empty() {
        let all = Val::join_all(plain_entries(entries).map(|(_, v)| v).chain(rest));
        return if all.is_nothing() { Val::unknown_from([base]) } else { all };
    }
    let mut found = Val::nothing();
    for name in names {
        let known = entries.iter().find(|(k, _)| *k == name).map(|(_, v)| v.clone());
        let val = match (known, rest) {
            (Some(val), None) => val.present(),
            (Some(val), Some(rest)) => val.present().join(rest),
            (None, Some(rest)) => rest.clone(),
            (None, None) => Val::unknown(),
        };
        found = found.join(&val);
    }
    found
}

/// Puts an entry that replaces an earlier one of its name.
pub(super) fn put_entry(known: &mut Vec<(Rc<str>, Val)>, rest: &mut Option<Val>, key: &Val, val: Val) {
    match key.constant() {
        Some(key) => match known.iter_mut().find(|(k, _)| &**k == key) {
            Some((_, old)) => *old = val,
            None => known.push((key.into(), val)),
        },
        None => add_entry(known, rest, key, &val),
    }
}

/// Adds an entry that may or may not replace an earlier one.
pub(super) fn add_entry(known: &mut Vec<(Rc<str>, Val)>, rest: &mut Option<Val>, key: &Val, val: &Val) {
    let (names, others) = key.constants();
    if others || known.len() > limits::SIZE as usize / 2 {
        *rest = Some(rest.as_ref().map_or_else(|| val.clone(), |rest| rest.join(val)));
        if !key.is_nothing() && !matches!(key.shapes(), [Shape::Unknown]) {
            match known.iter_mut().find(|(k, _)| &**k == KEYS) {
                Some((_, old)) => *old = old.join(key),
                None => known.push((KEYS.into(), key.clone())),
            }
        }
        return;
    }
    let certain = names.len() == 1;
    for name in names {
        match known.iter_mut().find(|(k, _)| *k == name) {
            Some((_, old)) if certain => *old = old.present().join(val),
            Some((_, old)) => *old = old.join(val),
            None if certain => known.push((name, val.clone())),
            None => known.push((name, val.or_absent())),
        }
    }
}

/// Takes an entry away; without a known key, any.
pub(super) fn drop_entry(known: &mut [(Rc<str>, Val)], key: &Val) {
    let (names, others) = key.constants();
    for (name, val) in known.iter_mut().filter(|(name, _)| &**name != KEYS && (others || names.contains(name))) {
        let _ = name;
        *val = val.or_absent();
    }
}

pub(super) fn spread_entries(known: &mut Vec<(Rc<str>, Val)>, rest: &mut Option<Val>, map: &Val) {
    let (mut all, mut missing): (Vec<(Rc<str>, Val)>, bool) = (Vec::new(), false);
    for (number, shape) in map.shapes().iter().enumerate() {
        match shape {
            Shape::Map(entries, more) => {
                for (key, val) in entries.iter() {
                    match all.iter_mut().find(|(k, _)| k == key) {
                        Some((_, old)) => *old = old.join(val),
                        None if number == 0 || &**key == KEYS => all.push((key.clone(), val.clone())),
                        None => all.push((key.clone(), val.or_absent())),
                    }
                }
                for (_, val) in all.iter_mut().filter(|(k, _)| &**k != KEYS && entries.iter().all(|(e, _)| e != k)) {
                    *val = val.or_absent();
                }
                if let Some(more) = more {
                    *rest = Some(rest.as_ref().map_or_else(|| more.clone(), |rest| rest.join(more)));
                }
            }
            Shape::Null | Shape::Absent => missing = true,
            _ => {
                missing = true;
                let any = Val::unknown_from([map]);
                *rest = Some(rest.as_ref().map_or_else(|| any.clone(), |rest| rest.join(&any)));
            }
        }
    }
    for (key, val) in all {
        let val = if missing && &*key != KEYS { val.or_absent() } else { val };
        match known.iter_mut().find(|(k, _)| *k == key) {
            Some((_, old)) if val.shapes().contains(&Shape::Absent) => *old = old.join(&val.present()),
            Some((_, old)) => *old = val,
            None => known.push((key, val)),
        }
    }
}

/// Arguments, with those that lie deeper but say what is meant: tables of batches, buses of events.
pub(super) fn with_nested(operation: &str, mut arguments: Vec<(Rc<str>, Val)>) -> Vec<(Rc<str>, Val)> {
    let (wanted, inner) = match operation {
        "BatchGetItem" | "BatchWriteItem" => ("RequestItems", "TableName"),
        "TransactWriteItems" | "TransactGetItems" => ("TransactItems", "TableName"),
        "PutEvents" => ("Entries", "EventBusName"),
        "CopyObject" | "UploadPartCopy" => {
            copy_source(&mut arguments);
            return arguments;
        }
        _ => return arguments,
    };
    let Some((_, val)) = arguments.iter().find(|(name, _)| &**name == wanted) else { return arguments };
    let told = if wanted == "TransactItems" { transaction(val) } else { None };
    let found = match wanted {
        "RequestItems" => keys(val),
        "Entries" => each(val, inner),
        // Of items that are not all known, none says where the others go.
        _ => told.as_ref().and_then(|_| deep(val, inner, 6)).unwrap_or_else(Val::unknown),
    };
    arguments.extend(told.into_iter().flatten());
    if arguments.iter().all(|(name, _)| &**name != inner) {
        arguments.push((inner.into(), found));
    }
    arguments
}

/// Kinds of items of a transaction.
const ITEMS: &[&str] = &["Put", "Update", "Delete", "ConditionCheck", "Get"];

/// The tables of each kind of items of a transaction; none unless all of its items are known.
fn transaction(items: &Val) -> Option<Vec<(Rc<str>, Val)>> {
    let mut found: Vec<(Rc<str>, Val)> = Vec::new();
    let mut open: Vec<&Val> = Vec::new();
    for shape in items.shapes() {
        match shape {
            Shape::Seq(inner) => open.extend(inner.iter()),
            Shape::Bag(inner) => open.push(inner),
            Shape::Null | Shape::Absent => {}
            _ => return None,
        }
    }
    for shape in open.into_iter().flat_map(Val::shapes) {
        let Shape::Map(entries, None) = shape else { return None };
        for (kind, val) in plain_entries(entries) {
            if !ITEMS.contains(&&**kind) {
                return None;
            }
            let table = deep(val, "TableName", 2).unwrap_or_else(Val::unknown);
            let name: Rc<str> = ["TransactItems.", kind, ".TableName"].concat().into();
            match found.iter_mut().find(|(n, _)| *n == name) {
                Some((_, old)) => *old = old.join(&table),
                None => found.push((name, table)),
            }
        }
    }
    // A list that is empty as far as it is seen is filled elsewhere.
    (!found.is_empty()).then_some(found)
}

/// What each of a list's maps has under the name; missing where one has not.
fn each(list: &Val, name: &str) -> Val {
    let mut items: Vec<&Val> = Vec::new();
    let mut found = Val::nothing();
    for shape in list.shapes() {
        match shape {
            Shape::Seq(inner) => items.extend(inner.iter()),
            Shape::Bag(inner) => items.push(inner),
            _ => found = found.join(&Val::unknown()),
        }
    }
    for shape in items.into_iter().flat_map(Val::shapes) {
        let one = match shape {
            Shape::Map(entries, None) => {
                let known = entries.iter().find(|(key, _)| &**key == name).map(|(_, val)| val.clone());
                known.unwrap_or_else(|| Val::of(Shape::Absent))
            }
            _ => Val::unknown().or_absent(),
        };
        found = found.join(&one);
    }
    found
}

/// The source of a copy as one text: `bucket/key`.
pub(super) fn copy_source(arguments: &mut [(Rc<str>, Val)]) {
    let Some((_, val)) = arguments.iter_mut().find(|(name, _)| &**name == "CopySource") else { return };
    if val.shapes().iter().any(|shape| matches!(shape, Shape::Map(..))) {
        let (bucket, key) = (deep(val, "Bucket", 1), deep(val, "Key", 1));
        let part = |val: Option<Val>| val.unwrap_or_else(Val::unknown);
        *val = Val::concat(&[part(bucket), Val::text("/"), part(key)]);
    }
}

pub(super) fn map_keys(entries: &[(Rc<str>, Val)], rest: Option<&Val>) -> Val {
    let known = plain_entries(entries).map(|(k, _)| Shape::Text(k.clone())).collect();
    let keys = Val::new(known, None);
    match entries.iter().find(|(k, _)| &**k == KEYS) {
        Some((_, others)) => keys.join(others),
        None if rest.is_some() => keys.join(&Val::unknown()),
        None => keys,
    }
}

/// The keys of a map.
pub(super) fn keys(val: &Val) -> Val {
    let mut found = Val::nothing();
    for shape in val.shapes() {
        let one = match shape {
            Shape::Map(entries, rest) => map_keys(entries, rest.as_ref()),
            _ => Val::unknown_from([val]),
        };
        found = found.join(&one);
    }
    found
}

/// All values of that name, however deep.
pub(super) fn deep(val: &Val, name: &str, depth: u32) -> Option<Val> {
    if depth == 0 && !matches!(val.shapes(), [Shape::Map(..)]) {
        return None;
    }
    let mut found: Option<Val> = None;
    let mut take = |val: Option<Val>| {
        if let Some(val) = val {
            found = Some(found.take().map_or_else(|| val.clone(), |old| old.join(&val)));
        }
    };
    for shape in val.shapes() {
        match shape {
            Shape::Map(entries, _) => {
                for (key, val) in entries.iter() {
                    let one = if &**key == name { Some(val.clone()) } else { deep(val, name, depth.checked_sub(1)?) };
                    take(one);
                }
            }
            Shape::Seq(items) => items.iter().for_each(|item| take(deep(item, name, depth.saturating_sub(1)))),
            Shape::Bag(item) => take(deep(item, name, depth.saturating_sub(1))),
            _ => {}
        }
    }
    found
}
