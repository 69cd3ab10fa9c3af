//! What the engine makes of fixes that do not hold, with facts made by hand.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper that fails is a test that fails")]

mod common;

use burgward_checks::{Codes, Mended, Persona, Reloaded, Workspace, mend, run_with};
use burgward_code::{Code, Flaw, FlawKind, Place, PlacedEdit, Unparsed};
use burgward_diag::{Disposition, Finding, SourceFile};

const TEMPLATE: &str = "Transform: AWS::Serverless-2016-10-31
Resources:
  One: {Type: AWS::Serverless::Function, Properties: {CodeUri: src/, Handler: app.handler, Runtime: python3.13}}
  Two: {Type: AWS::Serverless::Function, Properties: {CodeUri: src/, Handler: app.other, Runtime: python3.13}}
";

fn start(code: &str) -> Workspace {
    let mut workspace = Workspace::default();
    workspace.files.insert("template.yaml".to_owned(), TEMPLATE.to_owned());
    workspace.files.insert("src/app.py".to_owned(), code.to_owned());
    workspace
}

/// Each `shell` is a flaw, and its fix writes `new` there; `broken` cannot be read; `refused` is refused.
fn read(workspace: &Workspace, new: &str) -> Reloaded {
    let text = &workspace.files["src/app.py"];
    let place = |at: usize, word: &str| Place {
        file: 0,
        start: u32::try_from(at).unwrap(),
        end: u32::try_from(at + word.len()).unwrap(),
    };
    let line = |at: usize| text.as_bytes().iter().take(at).filter(|b| **b == b'\n').count() + 1;
    let flaw = |(at, word): (usize, &str)| Flaw {
        kind: FlawKind::EventShell,
        place: place(at, word),
        source: None,
        field: Some(format!("body.a{}", line(at))),
        fix: vec![PlacedEdit { place: place(at, word), text: new.to_owned() }],
        fix_title: format!("write `{new}` in line {}", line(at)),
    };
    let unparsed = |(at, word): (usize, &str)| Unparsed { why: "broken".to_owned(), place: Some(place(at, word)) };
    let code = Code {
        flaws: text.match_indices("shell").map(flaw).collect(),
        unparsed: text.match_indices("broken").map(unparsed).collect(),
        ..Code::default()
    };
    let loaded = common::loaded("template.yaml", workspace);
    let mut codes = Codes::default();
    for function in ["One", "Two"] {
        codes.insert(function, code.clone(), vec![SourceFile::new("src/app.py", text.as_str())]);
    }
    let refused = text.contains("refused").then(|| "`refused` is refused".to_owned());
    Reloaded { app: loaded.app, codes, refused: refused.into_iter().collect() }
}

fn mended(code: &str, new: &str, allowed: Disposition) -> Mended {
    mend(start(code), &|w| read(w, new), allowed, Persona::Regular)
}

fn left(mended: &Mended) -> Vec<(String, &str)> {
    mended.left.iter().map(|l| (l.finding.id(), l.why.as_str())).collect()
}

#[test]
fn functions_that_share_code_give_one_finding() {
    let read = read(&start("shell\nshell\n"), "");
    let found = run_with(&read.app.unwrap(), &read.codes, Persona::Regular);
    assert_eq!(
        found.iter().map(Finding::id).collect::<Vec<_>>(),
        ["event-shell@src/app.py:1", "event-shell@src/app.py:2"]
    );
}

#[test]
fn a_fix_that_holds_is_kept() {
    let mended = mended("shell\n  shell\n", "list", Disposition::All);
    assert_eq!(mended.workspace.files["src/app.py"], "list\n  list\n");
    assert_eq!((mended.applied.len(), left(&mended)), (2, vec![]));
}

#[test]
fn code_is_left_alone_unless_it_may_be_changed() {
    let mended = mended("shell\n", "list", Disposition::Safe);
    let why = "its fix changes code, which `--fix=all` does: write `list` in line 1";
    assert_eq!(left(&mended), [("event-shell@src/app.py:1".to_owned(), why)]);
    assert_eq!(mended.workspace.files, start("shell\n").files);
}

#[test]
fn fixes_that_do_not_hold_are_taken_back() {
    let told = |new: &str| {
        let mended = mended("shell\n", new, Disposition::All);
        assert_eq!((mended.workspace.files["src/app.py"].as_str(), mended.applied.len()), ("shell\n", 0));
        left(&mended).first().unwrap().1.to_owned()
    };
    assert_eq!(told("shell "), "its fix was taken back: it would still be there");
    assert_eq!(told("refused"), "its fix was taken back: the template would be refused: `refused` is refused");
    assert_eq!(
        told("broken"),
        "its fix was taken back: it would bring `code-unread`: code of `One` cannot be read: broken"
    );
    assert_eq!(
        told("list\nshell"),
        "its fix was taken back: it would bring `event-shell`: `body.a2` of the request becomes part of a shell command \
         in `One`"
    );
}
