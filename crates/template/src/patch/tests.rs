//! Edits in every style that templates are written in.

use std::sync::Arc;

use burgward_diag::{SourceFile, Span, TextEdit};

use super::{PatchError, Snippet, Writer, apply};
use crate::tree::{Node, ReadLimits, Tree, read};

fn parsed(text: &str) -> (Arc<SourceFile>, Tree) {
    let file = SourceFile::new("t.yaml", text);
    let (mut refused, mut listed) = (Vec::new(), Vec::new());
    let tree = read(&file, ReadLimits::default(), &mut refused, &mut listed).unwrap();
    assert!(refused.is_empty(), "{refused:?}");
    (file, tree)
}

fn edited(text: &str, edit: impl Fn(&Writer<'_>, &Node) -> Result<TextEdit, PatchError>) -> String {
    let (file, tree) = parsed(text);
    match edit(&Writer::new(&file, &tree), &tree) {
        Ok(edit) => apply(&file, std::slice::from_ref(&edit)).unwrap_or_else(|e| format!("{e}: {edit:?}")),
        Err(error) => error.to_string(),
    }
}

fn set(text: &str, path: &[&str], value: &Snippet) -> String {
    edited(text, |writer, _| writer.set(path, value))
}

fn sample() -> Snippet {
    Snippet::map([
        ("Type", Snippet::from("AWS::SecretsManager::Secret")),
        ("Properties", Snippet::map([("SecretString", Snippet::reference("Password"))])),
    ])
}

fn at(text: &str, start: usize, end: usize, new: &str) -> TextEdit {
    TextEdit { span: Span::new(&SourceFile::new("t", text), start, end), text: new.to_owned() }
}

#[test]
fn only_the_edited_bytes_change() {
    let text = "a:   1 # one\r\nb: [x,  y]\n\n";
    let file = SourceFile::new("t", text);
    assert_eq!(apply(&file, &[]).unwrap(), text);
    let edits = [at(text, 18, 18, "w, "), at(text, 5, 6, "22")];
    assert_eq!(apply(&file, &edits).unwrap(), "a:   22 # one\r\nb: [w, x,  y]\n\n");
}

#[test]
fn bad_edits_change_nothing() {
    let tried = |text: &str, edits: &[TextEdit]| apply(&SourceFile::new("t", text), edits);
    let overlapping = [at("a: 1\n", 0, 3, ""), at("a: 1\n", 2, 4, "")];
    assert_eq!(tried("a: 1\n", &overlapping), Err(PatchError::Overlap(2)));
    assert_eq!(tried("a: ä\n", &[at("a: ä\n", 4, 5, "")]), Err(PatchError::Range(4, 5)));
    assert!(matches!(tried("a: 1\n", &[at("a: 1\n", 3, 4, "[")]), Err(PatchError::Invalid(_))));
}

#[test]
fn entries_go_behind_the_last_one_with_its_comment() {
    let text = "Resources:\n    A:\n        Type: X # why\n        # more\nOutputs: {}\n";
    assert_eq!(
        set(text, &["Resources", "B"], &sample()),
        "Resources:\n    A:\n        Type: X # why\n    B:\n        Type: AWS::SecretsManager::Secret\n        \
         Properties:\n            SecretString: !Ref Password\n        # more\nOutputs: {}\n"
    );
}

#[test]
fn line_breaks_and_a_missing_last_one_stay() {
    assert_eq!(set("A:\r\n  b: 1", &["A", "c"], &2.into()), "A:\r\n  b: 1\r\n  c: 2");
    assert_eq!(set("A:\r\n  b: 1\r\n", &["D"], &sample()).matches("\r\n").count(), 6);
}

#[test]
fn empty_lines_between_entries_are_kept_up() {
    let text = "R:\n  A:\n    t: 1\n\n  B:\n    t: 2\nO: 1\n";
    assert_eq!(set(text, &["R", "C"], &"x".into()), "R:\n  A:\n    t: 1\n\n  B:\n    t: 2\n\n  C: x\nO: 1\n");
}

#[test]
fn flow_style_stays_flow_style() {
    assert_eq!(set("A: {b: 1} # c\n", &["A", "d"], &Snippet::reference("X")), "A: {b: 1, d: !Ref X} # c\n");
    assert_eq!(set("A: {}\n", &["A", "d", "e"], &"x y".into()), "A: {d: {e: 'x y'}}\n");
    assert_eq!(set("A: {b: {c: 1}, d: 2}\n", &["A", "b", "e"], &3.into()), "A: {b: {c: 1, e: 3}, d: 2}\n");
    assert_eq!(set("A: {b: 1,}\n", &["A", "d"], &2.into()), "A: {b: 1, d: 2,}\n");
    assert_eq!(set("A: {\n  b: 1 # x\n}\n", &["A", "d"], &2.into()), "A: {\n  d: 2,\n  b: 1 # x\n}\n");
}

#[test]
fn json_stays_json() {
    let text = "{\n\t\"R\": {\n\t\t\"A\": {\"Type\": \"X\"}\n\t}\n}\n";
    assert_eq!(
        set(text, &["R", "B"], &sample()),
        "{\n\t\"R\": {\n\t\t\"A\": {\"Type\": \"X\"},\n\t\t\"B\": {\n\t\t\t\"Type\": \"AWS::SecretsManager::Secret\",\n\t\t\t\
         \"Properties\": {\n\t\t\t\t\"SecretString\": {\n\t\t\t\t\t\"Ref\": \"Password\"\n\t\t\t\t}\n\t\t\t}\n\t\t}\n\t}\n}\n"
            .replace("{\n\t\t\t\t\t\"Ref\": \"Password\"\n\t\t\t\t}", "{\"Ref\": \"Password\"}")
    );
    assert_eq!(
        set(text, &["R", "A", "Arn"], &Snippet::get_att("B", "Arn")),
        text.replace("\"X\"}", "\"X\", \"Arn\": {\"Fn::GetAtt\": [\"B\", \"Arn\"]}}")
    );
}

#[test]
fn values_are_replaced_with_their_tag_and_their_comment_stays() {
    let text = "a: !Ref X # c\nb: &n foo\nc: |\n  text\n  more\nd:\n  - 1\n  - 2\ne: 5\nf:\n";
    assert_eq!(set(text, &["a"], &"y1".into()), text.replace("!Ref X", "y1"));
    assert_eq!(set(text, &["b"], &"z".into()), text.replace("&n foo", "z"));
    assert_eq!(set(text, &["c"], &"z".into()), text.replace("|\n  text\n  more", "z"));
    assert_eq!(set(text, &["d"], &Snippet::seq(["p"])), text.replace("- 1\n  - 2", "- p"));
    assert_eq!(
        set(text, &["e", "g"], &"z".into()),
        "it cannot be written there: it is no plain mapping\n  hint: change it by hand"
    );
    assert_eq!(set(text, &["f", "g"], &"z".into()), format!("{text}  g: z\n").replace("f:\n  g: z\n", "f:\n  g: z\n"));
}

#[test]
fn what_is_shared_is_not_edited() {
    let text = "A: &x\n  k: 1\nB: *x\nC:\n  <<: *x\n  l: 2\nD:\n  <<: *x\n";
    let refused = |path: &[&str]| set(text, path, &1.into()).contains("shared through an alias");
    assert!(refused(&["B", "k"]) && refused(&["C", "k"]));
    assert_eq!(set(text, &["C", "m"], &3.into()), text.replace("l: 2", "l: 2\n  m: 3"));
    assert_eq!(set(text, &["D", "m"], &3.into()), text.replace("D:\n", "D:\n  m: 3\n"));
    assert_eq!(set(text, &["E"], &3.into()), format!("{text}E: 3\n"));
    let last = "R:\n  A:\n    k: 1\n    <<: *x\nO: 1\n";
    let text = format!("X: &x\n  z: 1\n{last}");
    assert_eq!(set(&text, &["R", "B"], &2.into()), text.replace("<<: *x\n", "<<: *x\n  B: 2\n"));
}

/// What an alias elsewhere stands for is not taken away; what only stands for itself is.
#[test]
fn an_anchor_that_is_used_stays() {
    let text = "A:\n  P: &pol # '&no'\n  - s: &one 1\n  - t: 2\nB:\n  P: *pol\nC: {P: *pol, Q: \"*one\"}\nD:\n  <<: *m\nE: &m\n  k: 1\n";
    let text = &text.replace("D:\n  <<: *m\nE: &m\n  k: 1\n", "E: &m\n  k: 1\nD:\n  <<: *m\n  l: 2\n");
    let place = |why: &str| format!("it cannot be written there: {why}\n  hint: change it by hand");
    let pol = place("`&pol` is what `*pol` in lines 6, 7 stands for");
    assert_eq!(set(text, &["A", "P"], &Snippet::seq(["x"])), pol);
    assert_eq!(set(text, &["A"], &1.into()), pol);
    assert_eq!(edited(text, |w, r| w.remove_entry(r, "A")), pol);
    assert_eq!(edited(text, |w, r| w.remove_entry(r.get("A").unwrap(), "P")), pol);
    let merged = place("`&m` is what `*m` in line 11 stands for");
    assert_eq!(set(text, &["E"], &1.into()), merged);
    assert_eq!(edited(text, |w, r| w.remove_entry(r, "E")), merged);
    let list = |root: &Node| root.get("A").unwrap().get("P").cloned().unwrap();
    let replaced = edited(text, |w, r| w.replace_item(&list(r), 0, &"x".into()));
    assert_eq!(replaced, text.replace("s: &one 1", "x"), "an alias in quotes is none");
    assert_eq!(set(text, &["E", "k"], &2.into()), text.replace("k: 1", "k: 2"));
    let apostrophe = "n: rock 'n roll\na: &x 1\nb: *x\n";
    let refused = place("`&x` is what `*x` in line 3 stands for");
    assert_eq!(set(apostrophe, &["a"], &2.into()), refused);
    let items = "a:\n- &x 1\n- 2\nb: *x\n";
    let list = |root: &Node| root.get("a").cloned().unwrap();
    let refused = place("`&x` is what `*x` in line 4 stands for");
    assert_eq!(edited(items, |w, r| w.replace_item(&list(r), 0, &3.into())), refused);
    assert_eq!(edited(items, |w, r| w.remove_item(&list(r), 0)), refused);
    assert_eq!(edited(items, |w, r| w.remove_item(&list(r), 1)), items.replace("- 2\n", ""));
}

#[test]
fn items_are_added_replaced_and_removed() {
    let text = "a:\n- !Ref X # one\n- b: 1\n  c: 2\nd: [1, !Ref Y]\n";
    let list = |name: &'static str| move |root: &Node| root.get(name).cloned().unwrap();
    let item = Snippet::map([("p", Snippet::from(1)), ("q", Snippet::seq(["r"]))]);
    assert_eq!(
        edited(text, |w, r| w.insert_item(&list("a")(r), &item)),
        text.replace("c: 2\n", "c: 2\n- p: 1\n  q:\n  - r\n")
    );
    assert_eq!(edited(text, |w, r| w.insert_item(&list("d")(r), &3.into())), text.replace("Y]", "Y, 3]"));
    assert_eq!(edited(text, |w, r| w.replace_item(&list("a")(r), 0, &"s".into())), text.replace("!Ref X", "s"));
    assert_eq!(edited(text, |w, r| w.replace_item(&list("a")(r), 1, &"s".into())), text.replace("b: 1\n  c: 2", "s"));
    assert_eq!(edited(text, |w, r| w.replace_item(&list("d")(r), 1, &"s".into())), text.replace("!Ref Y", "s"));
    assert_eq!(edited(text, |w, r| w.remove_item(&list("a")(r), 0)), text.replace("- !Ref X # one\n", ""));
    assert_eq!(edited(text, |w, r| w.remove_item(&list("d")(r), 1)), text.replace(", !Ref Y", ""));
}

#[test]
fn a_list_of_flow_mappings_may_stand_below_its_key() {
    let text = "a:\n- {b: 1}\n\nc: 2\n";
    let list = |root: &Node| root.get("a").cloned().unwrap();
    assert_eq!(parsed(text).1.get("a").unwrap().span.text(), "{b: 1}");
    assert_eq!(edited(text, |w, r| w.insert_item(&list(r), &3.into())), text.replace("}\n", "}\n- 3\n"));
    assert_eq!(set(text, &["a"], &Snippet::seq(["d"])), "a:\n- d\n\nc: 2\n");
    assert_eq!(set(text, &["c"], &Snippet::seq(["d"])), "a:\n- {b: 1}\n\nc:\n- d\n");
}

#[test]
fn entries_are_removed() {
    let text = "a: 1 # x\nb:\n  c: 2\n  d: {e: 1, f: 2}\ng:\n  - h: 1\n    i: 2\n";
    let remove = |path: &'static [&'static str], name: &'static str| {
        edited(text, move |w, r| {
            let map =
                path.iter().fold(r, |n, k| k.parse().map_or_else(|_| n.get(k).unwrap(), |i: usize| &n.items()[i]));
            w.remove_entry(map, name)
        })
    };
    assert_eq!(remove(&[], "a"), text.replace("a: 1 # x\n", ""));
    assert_eq!(remove(&[], "b"), text.replace("b:\n  c: 2\n  d: {e: 1, f: 2}\n", ""));
    assert_eq!(remove(&["b", "d"], "e"), text.replace("e: 1, ", ""));
    assert_eq!(remove(&["b", "d"], "f"), text.replace(", f: 2", ""));
    assert_eq!(remove(&["g", "0"], "h"), text.replace("h: 1\n    ", ""));
    assert_eq!(remove(&["g", "0"], "i"), text.replace("    i: 2\n", ""));
    assert_eq!(edited("a:\n  b: 1\n", |w, r| w.remove_entry(r.get("a").unwrap(), "b")), "a: {}\n");
}

#[test]
fn insertions_at_one_place_go_where_they_belong() {
    let text = "R:\n  A:\n    k: 1";
    let (file, tree) = parsed(text);
    let writer = Writer::new(&file, &tree);
    let edits = [&["S"][..], &["R", "B"], &["R", "A", "l"]].map(|path| writer.set(path, &2.into()).unwrap());
    assert_eq!(apply(&file, &edits).unwrap(), "R:\n  A:\n    k: 1\n    l: 2\n  B: 2\nS: 2");
}

#[test]
fn text_is_quoted_where_it_would_be_something_else() {
    let quoted = ["yes", "12", "", "a: b", "a #b", "*", "/*", "{{resolve:x}}", "it's", "2012-10-17", "- a", "n", "a:"];
    for text in quoted {
        let written = set("a: 1\n", &["a"], &text.into());
        assert!(written.starts_with("a: '"), "{written}");
        assert_eq!(parsed(&written).1.get("a").unwrap().as_str(), Some(text));
    }
    assert_eq!(set("a: 1\n", &["a"], &"x\ny".into()), "a: \"x\\ny\"\n");
    assert_eq!(set("a: 1\n", &["a"], &"AWS::S3::Bucket".into()), "a: AWS::S3::Bucket\n");
}
