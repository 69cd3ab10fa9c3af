//! Nothing of the demo is scripted: without any one of its fixes an attack gets through again, and a role that denies by
//! mistake shows in the requests.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::place::{Place, example};

/// A copy of the example.
fn copy(place: &Place) -> PathBuf {
    let mut files = Vec::new();
    collect(&example(), &example(), &mut files);
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    place.write_app(&files)
}

fn collect(base: &Path, folder: &Path, into: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(base, &path, into);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            into.push((path.strip_prefix(base).unwrap().to_string_lossy().into_owned(), text));
        }
    }
}

/// The last line of a demo, whose mended copy a Python program may have changed before the second half.
fn demo(place: &Place, folder: &Path, between: Option<&str>) -> Value {
    let folder = folder.to_string_lossy();
    let mut command = place.command(&["demo", &folder, "--format", "json"]);
    if let Some(program) = between {
        let file = place.path("between.py");
        std::fs::write(&file, format!("#!/usr/bin/env python3\nimport re, sys\n{program}")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        command.env("BURGWARD_TEST_BETWEEN", file);
    }
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().last().unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

fn through(line: &Value) -> u64 {
    line["attacks_after"]["through"].as_u64().unwrap()
}

/// The rules whose findings `check --fix=all` mends in the example, those of one place together.
const MENDED: [&[&str]; 5] = [
    &["authorizer-unused", "api-route-no-auth"],
    &["api-no-throttle"],
    &["env-plaintext-secret"],
    &["event-shell"],
    &["tmp-predictable-name"],
];

#[test]
fn without_any_one_fix_an_attack_gets_through() {
    for rules in MENDED {
        let place = Place::new();
        let folder = copy(&place);
        let ignored: Vec<String> = rules.iter().map(|rule| format!("{rule:?}")).collect();
        let settings = format!("[check]\nignore = [{}]\n", ignored.join(", "));
        std::fs::write(folder.join("burgward.toml"), settings).unwrap();
        let line = demo(&place, &folder, None);
        assert!(through(&line) > 0, "without {rules:?}: {line}");
    }
}

/// Gives one function everything again.
const WIDEN: &str = r#"
path = sys.argv[1] + "/template.yaml"
text = open(path).read()
head, rest = text.split(f"  {NAME}:\n", 1)
body = rest.split("    Properties:\n", 1)
everything = "      Policies: [{Version: '2012-10-17', Statement: [{Effect: Allow, Action: '*', Resource: '*'}]}]\n"
tail = re.sub(r"^      Policies:\n(        .*\n)*", "", body[1], count=1, flags=re.M) if OWN else body[1]
open(path, "w").write(head + f"  {NAME}:\n" + body[0] + "    Properties:\n" + everything + tail)
"#;

#[test]
fn with_any_one_function_as_it_was_an_attack_gets_through() {
    let source = burgward_app::Source { path: example(), ..burgward_app::Source::default() };
    let (_, _, loaded) = burgward_app::load(&source).unwrap();
    for function in &loaded.app.unwrap().functions {
        let place = Place::new();
        let folder = copy(&place);
        let calls = !std::fs::read_to_string(example().join(&function.code_uri.value).join("app.py"))
            .unwrap()
            .contains("boto3");
        let own = if calls { "False" } else { "True" };
        let program = format!("NAME = {:?}\nOWN = {own}\n{WIDEN}", function.logical_id);
        let line = demo(&place, &folder, Some(&program));
        assert!(through(&line) > 0, "{}: {line}", function.logical_id);
    }
}

#[test]
fn a_role_that_denies_by_mistake_shows_in_the_requests() {
    let place = Place::new();
    let folder = copy(&place);
    let program = "path = sys.argv[1] + '/template.yaml'\ntext = open(path).read()\n\
                   assert 'dynamodb:PutItem' in text\n\
                   open(path, 'w').write(text.replace('dynamodb:PutItem', 'dynamodb:GetItem'))\n";
    let line = demo(&place, &folder, Some(program));
    assert_eq!(line["requests_before"]["ok"], line["requests_before"]["of"], "{line}");
    assert!(line["requests_after"]["ok"].as_u64() < line["requests_before"]["ok"].as_u64(), "{line}");
}
