//! What an attacker would use in code, and the edits that mend it: the mended code is run.

use burgward_code::{Code, CodeFile, Flaw, FunctionSource, analyse};

fn code(text: &str) -> Code {
    let files = vec![CodeFile { path: "app.py".into(), text: text.into() }];
    analyse(&FunctionSource { runtime: "python3.12".into(), handler: "app.handler".into(), files })
}

fn mended(text: &str, flaw: &Flaw) -> String {
    let mut edits = flaw.fix.clone();
    edits.sort_by_key(|edit| std::cmp::Reverse((edit.place.start, edit.place.end)));
    let mut text = text.to_owned();
    for edit in edits {
        text.replace_range(edit.place.start as usize..edit.place.end as usize, &edit.text);
    }
    text
}

/// Mends one flaw after the other, as long as one can be.
fn mend_all(text: &str) -> (String, Vec<String>) {
    let (mut text, mut titles) = (text.to_owned(), Vec::new());
    for _ in 0..20 {
        let code = code(&text);
        assert!(code.unparsed.is_empty(), "{:?}\n{text}", code.unparsed);
        let Some(flaw) = code.flaws.iter().find(|flaw| !flaw.fix.is_empty()) else {
            titles.extend(code.flaws.iter().map(|flaw| flaw.fix_title.clone()));
            break;
        };
        titles.push(flaw.fix_title.clone());
        text = mended(&text, flaw);
    }
    (text, titles)
}

fn shown(text: &str) -> String {
    let code = code(text);
    let mut found = String::new();
    for flaw in &code.flaws {
        let place = |place: burgward_code::Place| text[place.start as usize..place.end as usize].to_owned();
        found += &format!("{:?} at `{}`", flaw.kind, place(flaw.place));
        found += &flaw.source.map(|source| format!(" from `{}`", place(source))).unwrap_or_default();
        found += &flaw.field.as_ref().map(|field| format!(" ({field})")).unwrap_or_default();
        found += "\n";
    }
    found
}

const DOCUMENTS: &str = include_str!("../fixtures/documents.py");

#[test]
fn a_shell_and_a_known_name() {
    insta::assert_snapshot!(shown(DOCUMENTS), @r#"
    PredictableTmp at `"/tmp/" + letter["file"]` from `letter["file"]` (body.letter.file)
    EventShell at `subprocess.check_output("wc -w < " + path, shell=True, text=True)` from `letter["file"]` (body.letter.file)
    EventShell at `subprocess.check_output("head -c 12 " + path, shell=True, text=True)` from `letter["file"]` (body.letter.file)
    "#);
    let (text, titles) = mend_all(DOCUMENTS);
    insta::assert_snapshot!(text, @r#"
    import json
    import subprocess

    import boto3
    import os
    import tempfile


    def count(letter):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, os.path.basename(letter["file"]))
            if "text" in letter:
                with open(path, "w") as out:
                    out.write(letter["text"])

            note = """
    kept as it is
    """
            words = subprocess.check_output(["wc", "-w"], stdin=open(path), text=True)
            head = subprocess.check_output(["head", "-c", "12", path], text=True)
            return words.strip(), head, note


    def handler(event, context):
        body = json.loads(event["body"])
        return count(body["letter"])
    "#);
    insta::assert_snapshot!(titles.join("\n"), @r#"
    keep the file in a private folder that is removed when the request ends
    run `wc` without a shell, with a list of arguments
    run `head` without a shell, with a list of arguments
    "#);
}
