//! Code that nobody meant to be read: it must cost little and never panic.

#![expect(clippy::format_push_string, reason = "lines are written one after the other")]

use burgward_code::{Code, CodeFile, FunctionSource, analyse};

fn code(files: &[(&str, String)]) -> Code {
    let files = files.iter().map(|(path, text)| CodeFile { path: (*path).into(), text: text.clone() }).collect();
    analyse(&FunctionSource { runtime: "python3.12".into(), handler: "app.handler".into(), files })
}

fn one(text: String) -> Code {
    code(&[("app.py", text)])
}

#[test]
fn deep_nesting_is_said() {
    let deep = |open: &str, close: &str| format!("x = {}1{}\n", open.repeat(5000), close.repeat(5000));
    for text in
        [deep("(", ")"), deep("[", "]"), deep("f(", ")"), deep("{1:", "}"), deep("not ", ""), deep("lambda: ", "")]
    {
        assert!(!one(text).unparsed.is_empty());
    }
    let mut blocks = String::new();
    for depth in 0..400 {
        blocks += &format!("{}if x:\n", " ".repeat(depth));
    }
    blocks += &format!("{}pass\n", " ".repeat(400));
    assert!(!one(blocks).unparsed.is_empty());
    let chain = format!("x = a{}\n", ".b()".repeat(4000));
    assert!(!one(chain).unparsed.is_empty());
}

#[test]
fn long_but_flat_is_read() {
    let sum = format!("x = {}'z'\n", "'a' + ".repeat(20_000));
    let branches = format!("if x:\n  pass\n{}", "elif x:\n  y = 1\n".repeat(3000));
    let calls = "import boto3\nc = boto3.client('s3')\n".to_owned() + &"c.list_buckets()\n".repeat(3000);
    let found = one(sum + &branches + &calls);
    assert!(found.unparsed.is_empty(), "{:?}", found.unparsed);
    assert_eq!(found.calls.len(), 3000);
}

#[test]
fn values_that_grow_are_bounded() {
    let mut doubling = "import boto3, os\nx0 = os.environ['A'] + 'b'\n".to_owned();
    for n in 0..200 {
        doubling += &format!("x{} = (x{n} if x{n} else x{n} + 'y') + x{n} + [x{n}, x{n}][0]\n", n + 1);
    }
    doubling += "boto3.resource('dynamodb').Table(x200).scan()\n";
    let found = one(doubling);
    assert_eq!(found.calls.len(), 1);
    let recursive = "import boto3\n\
        def f(x, d):\n  d[x] = d\n  d = {'a': d, 'b': [d, x]}\n  return f(x + 'a', d) or g(d, x) or {'k': f(x, d)}\n\
        def g(a, b):\n  a.update(b)\n  return [f(b, a), g(b, a), a, b]\n\
        def handler(event, context):\n  boto3.client('s3').get_object(Bucket=f(event['x'], {}), Key=g(event, event))\n";
    assert_eq!(one(recursive.to_owned()).calls.len(), 1);
}

#[test]
fn imports_in_a_circle() {
    let a = "from b import *\nimport b, c.d\nfrom . import b as e\ndef handler(event, context): return b.g(event)\n";
    let b = "from app import handler\nimport boto3\ndef g(x): return boto3.client('sts').get_caller_identity()\n";
    let found = code(&[
        ("app.py", a.into()),
        ("b.py", b.into()),
        ("c/d.py", "from ..app import *\nfrom .... import x\n".into()),
    ]);
    assert_eq!(found.calls.len(), 1);
}

#[test]
fn large_files_end() {
    let large = "def f():\n    return [1, 2, 'x'] + g(h)\n\n".repeat(4000);
    let found = one(format!("{large}def handler(event, context): f()\n"));
    assert!(found.calls.is_empty());
    let too_large = one("x = 1\n".repeat(1_000_000));
    assert_eq!(too_large.unparsed.len(), 1);
}

/// Mutations by a fixed rule: cut, doubled, swapped and replaced pieces of real code.
#[test]
fn mutations_never_panic() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below.max(1) as u64).unwrap()
    };
    let scraps = [
        "(", ")", "\"", "'''", "{", "f'{", "\\", "\n", "    ", "lambda", "*", "**", ":", "é", "\0", "%s", "import ",
        "=", "/tmp/", "async ", "with ",
    ];
    for seed in [include_str!("../fixtures/idioms.py"), include_str!("../fixtures/documents.py")] {
        for _ in 0..60 {
            let mut text: Vec<char> = seed.chars().collect();
            for _ in 0..=next(6) {
                let at = next(text.len());
                match next(4) {
                    0 => text.truncate(at),
                    1 => drop(text.drain(at..(at + next(40)).min(text.len()))),
                    2 => drop(text.splice(at..at, scraps[next(scraps.len())].chars())),
                    _ => {
                        let part: Vec<char> = text[at..(at + next(80)).min(text.len())].to_vec();
                        let to = next(text.len());
                        drop(text.splice(to..to, part));
                    }
                }
            }
            let text: String = text.into_iter().collect();
            let found = one(text.clone());
            for edit in found.flaws.iter().flat_map(|flaw| &flaw.fix) {
                assert!(text.get(edit.place.start as usize..edit.place.end as usize).is_some());
            }
        }
    }
}

#[test]
fn other_languages_are_named() {
    let files = vec![CodeFile { path: "app.js".into(), text: String::new() }];
    let source = FunctionSource { runtime: "nodejs22.x".into(), handler: "app.handler".into(), files };
    let why: Vec<String> = analyse(&source).unparsed.into_iter().map(|unparsed| unparsed.why).collect();
    assert_eq!(why, ["code for `nodejs22.x` is not understood, only Python is"]);
}
