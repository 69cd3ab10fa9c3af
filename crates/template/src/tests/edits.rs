//! Edits of real templates: what was asked for is there afterwards, and nothing else has changed.

#![expect(clippy::wildcard_enum_match_arm, reason = "collections are lists or mappings, in JSON as well")]

use std::fs;
use std::sync::Arc;

use burgward_diag::{SourceFile, Span, TextEdit};
use serde_json::{Map, Value};

use super::corpora::{corpus, templates};
use crate::patch::{PatchError, Snippet, Writer, apply};
use crate::tree::{Kind, Node, ReadLimits, Tree, read};

fn parsed(text: &str) -> Option<(Arc<SourceFile>, Tree)> {
    let file = SourceFile::new("t.yaml", text);
    let (mut refused, mut listed) = (Vec::new(), Vec::new());
    let tree = read(&file, ReadLimits::default(), &mut refused, &mut listed)?;
    (refused.is_empty() && listed.is_empty()).then_some((file, tree))
}

/// Every collection, and the way to it.
fn collections<'n>(node: &'n Node, path: &[String], all: &mut Vec<(Vec<String>, &'n Node)>) {
    if matches!(node.kind, Kind::Map(_) | Kind::Seq(_)) {
        all.push((path.to_vec(), node));
    }
    let below = |name: String| path.iter().cloned().chain([name]).collect::<Vec<_>>();
    node.entries().iter().for_each(|e| collections(&e.value, &below(e.key.clone()), all));
    node.items().iter().zip(0..).for_each(|(n, at): (_, u32)| collections(n, &below(at.to_string()), all));
}

fn pointed<'v>(value: &'v mut Value, path: &[String]) -> &'v mut Value {
    path.iter().fold(value, |value, name| match value {
        Value::Array(items) => &mut items[name.parse::<usize>().unwrap()],
        other => &mut other[name],
    })
}

fn new() -> (Snippet, Value) {
    let snippet = Snippet::map([
        ("Type", Snippet::from("A::B::C")),
        ("On", Snippet::seq([Snippet::map([("X", Snippet::reference("Y"))]), "a: b".into()])),
        ("Empty", Snippet::Map(Vec::new())),
    ]);
    (snippet, serde_json::json!({"Type": "A::B::C", "On": [{"X": {"Ref": "Y"}}, "a: b"], "Empty": {}}))
}

/// An edit, and the same done to the document as JSON.
type Step = fn(&Writer<'_>, &Node, &mut Value) -> Result<TextEdit, PatchError>;

const STEPS: [Step; 5] = [
    |writer, node, value| match value {
        Value::Array(items) => writer.insert_item(node, &new().0).inspect(|_| items.push(new().1)),
        other => writer.insert_entry(node, "New", &new().0).inspect(|_| other["New"] = new().1),
    },
    |writer, node, value| match value {
        Value::Array(items) => writer.replace_item(node, 0, &new().0).inspect(|_| items[0] = new().1),
        other => {
            let name = node.entries().first().map_or("", |e| e.key.as_str());
            writer.replace_value(node, name, &new().0).inspect(|_| other[name] = new().1)
        }
    },
    |writer, node, value| match value {
        Value::Array(items) => writer.remove_item(node, 0).inspect(|_| drop(items.remove(0))),
        other => {
            let name = node.entries().last().map_or("", |e| e.key.as_str());
            writer.remove_entry(node, name).inspect(|_| drop(other.as_object_mut().unwrap().shift_remove(name)))
        }
    },
    |writer, node, value| match value {
        Value::Array(items) => {
            let last = items.len().saturating_sub(1);
            writer.remove_item(node, last).inspect(|_| drop(items.pop()))
        }
        other => {
            let name = node.entries().first().map_or("", |e| e.key.as_str());
            writer.remove_entry(node, name).inspect(|_| drop(other.as_object_mut().unwrap().shift_remove(name)))
        }
    },
    |writer, node, value| {
        let name = node.entries().last().map_or("", |e| e.key.as_str());
        writer.insert_before(node, name, "New", &new().0).inspect(|_| value["New"] = new().1)
    },
];

/// How many edits of a template are tried: each reads the whole of it again. (All 1,072 templates took 80 seconds.)
const TRIED: usize = 10;

/// Tries edits of one template; how many were made and how many declined.
fn tried(text: &str, name: &str, offset: usize) -> (usize, usize) {
    let Some((file, tree)) = parsed(text) else { return (0, 0) };
    let aliases = text.contains(": &") || text.contains("- &");
    let writer = Writer::new(&file, &tree);
    let (mut all, mut made, mut declined) = (Vec::new(), 0, 0);
    collections(&tree, &[], &mut all);
    let every = (all.len() * STEPS.len()).div_ceil(TRIED);
    let steps = all.iter().flat_map(|(path, node)| STEPS.iter().map(move |step| (path, node, step)));
    for (path, node, step) in steps.skip(offset % every.max(1)).step_by(every.max(1)) {
        let mut expected = tree.to_json();
        let Ok(edit) = step(&writer, node, pointed(&mut expected, path)) else {
            declined += 1;
            continue;
        };
        made += 1;
        let after = apply(&file, std::slice::from_ref(&edit));
        let after = after.unwrap_or_else(|e| panic!("{name}: {path:?}: {edit:?}: {e}"));
        let (_, read) = parsed(&after).unwrap_or_else(|| panic!("{name}: {path:?}: {:?}: not read", edit.text));
        if !aliases {
            let same = sorted(&read.to_json()) == sorted(&expected);
            let context =
                Span { start: edit.span.start.saturating_sub(200), end: edit.span.end + 80, ..edit.span.clone() };
            assert!(same, "{name}: {path:?}: {:?} for {:?} in\n{}", edit.text, edit.span.text(), context.text());
        }
    }
    (made, declined)
}

/// Without the order of entries.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().map(|(k, v)| (k.clone(), sorted(v))).collect();
            fields.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(fields.into_iter().collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

#[test]
fn real_templates_change_where_they_are_edited_and_nowhere_else() {
    let mut paths = Vec::new();
    for name in ["serverless-patterns", "sam-translator"] {
        if let Some(folder) = corpus(name) {
            templates(&folder, &mut paths);
        }
    }
    let (mut made, mut declined) = (0, 0);
    for (at, path) in paths.iter().enumerate().step_by(4) {
        let Ok(text) = fs::read_to_string(path) else { continue };
        let counts = tried(&text, &path.display().to_string(), at);
        made += counts.0;
        declined += counts.1;
    }
    println!("{} templates: {made} edits made, {declined} declined", paths.len().div_ceil(4));
    assert!(made >= declined || paths.is_empty(), "most edits are declined");
}
