//! Input that cannot be used: what is said, word for word, and nothing is started.

use std::fmt::Write as _;
use std::fs::Permissions;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::process::Command;

use crate::place::{Place, app, succeed};

/// What `up` says to a template, and its status.
fn said_to(template: &str) -> (Option<i32>, String) {
    let place = Place::new();
    let folder = place.write_app(&[("template.yaml", template)]);
    let up = place.refused(&folder, &[]);
    assert!(!place.data().exists(), "nothing is kept for an app that is refused");
    (up.status, up.stderr)
}

fn hello() -> String {
    std::fs::read_to_string(app("plain-cloudformation").join("template.yaml")).unwrap()
}

#[test]
fn a_malformed_template() {
    let expected = "\
template.yaml:2:11: not valid YAML: unclosed bracket '['
  hint: mend the syntax at this place
error: the template is refused: it has 1 fault
  hint: `burgward plan` lists them
";
    assert_eq!(said_to("Resources:\n  Broken: [\n    Type: x\n"), (Some(2), expected.into()));
}

/// Nine aliases of nine aliases of ...: a few hundred bytes that would be a billion values.
#[test]
fn a_template_that_would_fill_the_memory() {
    let mut template = "Metadata:\n  a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for (name, of) in ('b'..='i').zip('a'..) {
        let aliases = vec![format!("*{of}"); 9].join(", ");
        writeln!(template, "  {name}: &{name} [{aliases}]").unwrap();
    }
    template += "Resources: {}\n";
    let (status, said) = said_to(&template);
    let expected =
        "the document expands to more than 200000 values\n  hint: aliases are counted each time they are used";
    assert!(status == Some(2) && said.contains(expected), "{said}");
}

#[test]
fn a_template_that_is_nested_without_end() {
    let template = format!("Resources:\n  A: {}", "[".repeat(100_000));
    let (status, said) = said_to(&template);
    assert!(status == Some(2) && said.contains("template.yaml:2:"), "{said}");
}

#[test]
fn a_property_that_is_not_known() {
    let template = hello().replace("Timeout: 10", "Timeout: 10\n      Tiemout: 11");
    let expected = "\
template.yaml:29:7: `Tiemout` of AWS::Lambda::Function is not known here
  hint: check the spelling; what is not known is not left aside
error: the template is refused: 1 of its properties or resources cannot be enforced as written
  hint: `burgward plan` lists them
";
    assert_eq!(said_to(&template), (Some(2), expected.into()));
}

#[test]
fn a_resource_that_is_not_run() {
    let template = hello() + "\n  Jobs:\n    Type: AWS::SQS::Queue\n";
    let expected = "\
template.yaml:72:3: `Jobs` is a AWS::SQS::Queue: it needs an engine that is not run here
  hint: `burgward plan` shows what runs; guard the resource with a condition to leave it out
error: the template is refused: 1 of its properties or resources cannot be enforced as written
  hint: `burgward plan` lists them
";
    assert_eq!(said_to(&template), (Some(2), expected.into()));
}

#[test]
fn a_flag_that_is_not_known() {
    let said = Place::new().refused(&app("plain-cloudformation"), &["--fastest"]);
    assert_eq!(said.status, Some(2));
    assert_eq!(said.stderr.lines().next(), Some("error: unexpected argument '--fastest' found"));
}

#[test]
fn a_folder_without_a_template() {
    let place = Place::new();
    let folder = place.write_app(&[("readme", "")]);
    let expected = "error: `[DIR]/app` holds no template
  hint: give the path of a template.yaml, or of the folder that holds one";
    assert_eq!(place.refused(&folder, &[]).said(), (Some(2), expected));
}

#[test]
fn a_setting_that_is_not_known() {
    let place = Place::new();
    let folder = place.write_app(&[("template.yaml", &hello()), ("burgward.toml", "isolaton = \"invocation\"\n")]);
    let expected = "\
error: `[DIR]/app/burgward.toml`: TOML parse error at line 1, column 1
  |
1 | isolaton = \"invocation\"
  | ^^^^^^^^
unknown field `isolaton`, expected one of `isolation`, `functions`, `stack`, `check`

  hint: unknown keys are refused, so that no setting is lost by a typing error";
    assert_eq!(place.refused(&folder, &[]).said(), (Some(2), expected));
}

#[test]
fn a_port_that_is_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = Place::new().refused(&app("plain-cloudformation"), &["--listen", &address]);
    let expected = format!(
        "error: `{address}` cannot be listened on: Address already in use (os error 98)
  hint: another program may use the port; choose one with `--listen`"
    );
    assert_eq!(said.said(), (Some(2), expected.as_str()));
}

#[test]
fn data_that_another_one_works_on() {
    let (place, app) = (Place::new(), app("plain-cloudformation"));
    let up = place.up(&app, &[]);
    let expected = "error: `[DIR]/data` is in use by another `burgward up`
  hint: stop it, or give this one a folder of its own with `--data`";
    assert_eq!(place.refused(&app, &[]).said(), (Some(2), expected));
    // The one that runs is not disturbed by it.
    succeed(&mut up.python(&[app.join("check.py")], &[]));
}

#[test]
fn data_where_no_folder_can_be() {
    let place = Place::new();
    std::fs::write(place.data(), "a file").unwrap();
    let expected = "error: `[DIR]/data`: File exists (os error 17)
  hint: choose a folder you may write, with `--data`";
    assert_eq!(place.refused(&app("plain-cloudformation"), &[]).said(), (Some(2), expected));
}

#[test]
fn nothing_that_opens_is_reachable_from_other_machines() {
    for flags in [["--permissive"].as_slice(), &["--allow-unenforced", "landlock"]] {
        let place = Place::new();
        let said = place.refused(&app("plain-cloudformation"), &[flags, &["--listen", "0.0.0.0:0"]].concat());
        let expected = format!(
            "error: `{}` cannot be used: it relaxes a control, and `--listen 0.0.0.0:0` is reachable from other \
             machines\n  hint: listen on a loopback address",
            flags[0]
        );
        assert_eq!((said.status, said.stderr.trim_end().ends_with(&expected)), (Some(2), true), "{said:?}");
        assert!(!place.data().exists());
    }
}

#[test]
fn a_layer_that_does_not_exist() {
    let said = Place::new().refused(&app("plain-cloudformation"), &["--allow-unenforced", "sandbox"]);
    let expected = "\
error: `sandbox` is no isolation layer that can be left unenforced
hint: choose from `landlock`, `memory-limit`, `pids-limit`, `cpu-limit`, `freezer`";
    assert_eq!((said.status, said.stderr.trim_end().ends_with(expected)), (Some(2), true), "{said:?}");
}

/// A folder with one interpreter, which stands for the machine's `PATH`.
fn only_one_python(place: &Place) -> (String, String) {
    let ask = "import os, sys; print(os.path.realpath(sys.executable), end='')";
    let real = PathBuf::from(succeed(Command::new("python3.11").args(["-I", "-c", ask])));
    let bin = place.path("bin");
    std::fs::create_dir(&bin).unwrap();
    symlink(real, bin.join("python3.11")).unwrap();
    ("PATH".into(), bin.to_string_lossy().into_owned())
}

#[test]
fn an_interpreter_that_is_missing_and_another_that_stands_for_it() {
    let mut place = Place::new();
    let path = only_one_python(&place);
    place.env.push(path);
    let folder = place.write_app(&[("template.yaml", &hello().replace("python3.11", "python3.12"))]);
    let said = place.refused(&folder, &[]);
    let expected = "\
error: runtime `python3.12` needs `python3.12`, which is not on this machine
  hint: install it, or run with `--runtime-substitute python3.12=RUNTIME` for one that is here";
    assert_eq!(said.said(), (Some(2), expected));
    assert!(!place.data().exists(), "nothing is deployed for an app that cannot run");
    let plan = place.run(&["plan".as_ref(), folder.as_os_str()]);
    assert_eq!(plan.status, Some(2), "{plan:?}");
    let expected = "
refused: `up` will not start with these
  template.yaml:25:16: runtime `python3.12` needs `python3.12`, which is not on this machine
      hint: install it, or run with `--runtime-substitute python3.12=RUNTIME` for one that is here
";
    assert!(plan.stdout.contains(expected), "{plan:?}");

    let up = place.up(&folder, &["--runtime-substitute", "python3.12=python3.11"]);
    succeed(&mut up.python(&[app("plain-cloudformation").join("check.py")], &[]));
    let enforcement = &up.ready["enforcement"];
    assert_eq!(enforcement["runtimeSubstitutes"], serde_json::json!([["python3.12", "python3.11"]]));
    let relaxed = "--runtime-substitute python3.12=python3.11: functions of python3.12 run on python3.11";
    assert_eq!(enforcement["relaxed"], serde_json::json!([relaxed]));
    assert!(up.log().contains(&format!("RELAXED       {relaxed}\n")), "{}", up.log());
}

#[test]
fn a_runtime_of_another_language() {
    let place = Place::new();
    let folder = place.write_app(&[("template.yaml", &hello().replace("python3.11", "nodejs20.x"))]);
    let said = place.refused(&folder, &[]);
    let expected = "\
error: runtime `nodejs20.x` is not supported
  hint: python3.8 to python3.13 run; others are refused";
    assert_eq!(said.said(), (Some(2), expected));
    assert!(!place.data().exists(), "nothing is deployed for an app that cannot run");
}

#[test]
fn variables_that_lambda_does_not_take() {
    let template = hello()
        .replace("        Variables:\n", "        Variables:\n          AWS_REGION: eu-west-1\n          _A: x\n");
    assert_ne!(template, hello());
    let (status, said) = said_to(&template);
    let at = template.lines().position(|line| line.contains("AWS_REGION")).unwrap() + 1;
    let expected = format!(
        "error: template.yaml:{at}:23: function `Hello`: environment variable `AWS_REGION` is reserved
  hint: Lambda sets it itself: remove it from the template
template.yaml:{}:15: function `Hello`: `_A` is no name of an environment variable
  hint: names start with a letter and hold at least two letters, digits or underscores
",
        at + 1
    );
    assert_eq!((status, said), (Some(2), expected));
}

#[test]
fn root_keys_that_cannot_be_used() {
    let (mut place, app) = (Place::new(), app("plain-cloudformation"));
    place.up(&app, &[]).stop();
    let (key, before) = (place.path("home/.config/burgward/root.key"), place.records(&app).len());
    let good = std::fs::read(&key).unwrap();
    let mode = |mode| std::fs::set_permissions(&key, Permissions::from_mode(mode)).unwrap();

    mode(0o644);
    let expected = "\
error: root key: the root key file `[DIR]/home/.config/burgward/root.key` has mode 0644, so that others may read or change it
  hint: run `chmod 600 [DIR]/home/.config/burgward/root.key`";
    assert_eq!(place.refused(&app, &[]).said(), (Some(2), expected));
    mode(0o600);

    std::fs::write(&key, "garbage").unwrap();
    let expected = "\
error: root key: `[DIR]/home/.config/burgward/root.key` holds no root key: expected 64 hexadecimal digits, or 32 raw bytes
  hint: make one with `openssl rand -hex 32`";
    assert_eq!(place.refused(&app, &[]).said(), (Some(2), expected));

    let other = "error: root key: the root key from SOURCE is not the one that `[DIR]/data` was made with
  hint: give the right key, or another data directory";
    std::fs::write(&key, "0".repeat(63) + "1").unwrap();
    let expected = other.replace("SOURCE", "file `[DIR]/home/.config/burgward/root.key` (mode 0600)");
    assert_eq!(place.refused(&app, &[]).said(), (Some(2), expected.as_str()));
    // Nor does a key that is made anew open what an earlier one sealed.
    std::fs::remove_file(&key).unwrap();
    assert_eq!(place.refused(&app, &[]).said(), (Some(2), expected.as_str()));

    std::fs::write(&key, good).unwrap();
    assert_eq!(place.records(&app).len(), before, "what was refused changed nothing");

    let passphrase = place.path("passphrase");
    std::fs::write(&passphrase, "short\n").unwrap();
    place.env.push(("BURGWARD_PASSPHRASE_FILE".into(), passphrase.to_string_lossy().into_owned()));
    let expected = "error: root key: the passphrase has 5 characters, which is too few
  hint: use at least 12 characters";
    assert_eq!(place.refused(&app, &[]).said(), (Some(2), expected));
}

#[test]
fn nothing_runs_that_could_be_asked() {
    let (place, app) = (Place::new(), app("plain-cloudformation"));
    let expected = "error: no running app uses `[DIR]/data`
  hint: start it with `burgward up`, and give both commands the same PATH or `--data`";
    assert_eq!(place.with_data(&["credentials"], &app, &[]).said(), (Some(2), expected));
}

#[test]
fn strict_refuses_an_app_with_findings() {
    let place = Place::new();
    let said = place.refused(&crate::place::example(), &["--strict"]);
    assert_eq!(said.status, Some(1), "{said:?}");
    assert!(said.stderr.contains("error: --strict refuses to start: "), "{said:?}");
    assert!(said.stderr.contains("[iam-star-action]") && said.stderr.contains("/template.yaml:"), "{said:?}");
    assert!(!place.data().exists(), "nothing is kept for an app that is refused");
    // `--fail-on` alone would have no effect: it is refused instead of ignored.
    let said = place.refused(&app("settings-http"), &["--fail-on", "low"]);
    assert_eq!(said.status, Some(2), "{said:?}");
}

#[test]
fn packages_that_cannot_be_had_are_said_to_be_missing() {
    let mut place = Place::new();
    // A cache of its own, and no place to get anything from.
    let cache = place.path("empty-cache").to_string_lossy().into_owned();
    for (name, value) in [
        ("XDG_CACHE_HOME", cache.as_str()),
        ("PIP_CONFIG_FILE", "/dev/null"),
        ("PIP_NO_INDEX", "1"),
        ("PIP_FIND_LINKS", ""),
    ] {
        place.env.push((name.into(), value.into()));
    }
    let said = place.refused(&app("plain-cloudformation"), &[]);
    assert_eq!(said.status, Some(2), "{said:?}");
    assert!(said.stderr.contains("error: pip could not install the packages of `the Python runtime`:"), "{said:?}");
    assert!(
        said.stderr.contains("hint: packages come from the package index as wheels; check the network"),
        "{said:?}"
    );
}

#[test]
fn a_condition_that_no_decision_is_given_is_refused() {
    let template = hello().replace(
        "      ManagedPolicyArns:",
        "      Policies:\n        - PolicyName: team\n          PolicyDocument:\n            Version: '2012-10-17'\n            \
         Statement:\n              - Effect: Deny\n                Action: s3:*\n                Resource: '*'\n                \
         Condition: { StringNotEquals: { 'aws:PrincipalTag/team': shop } }\n      ManagedPolicyArns:",
    );
    let (status, said) = said_to(&template);
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("the condition key `aws:PrincipalTag/team` is not supplied to decisions here"), "{said}");
}
