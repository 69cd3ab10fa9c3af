//! Code whose secret is fetched instead of read: it is run, before and after.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod common;

use std::process::Command;

use burgward_checks::Workspace;
use burgward_diag::Disposition;

const TEMPLATE: &str = "Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.11
      Environment:
        Variables:
          DB_PASSWORD: correct-horse
";

/// Stands in for the SDK: every secret is the text that its id is.
const SDK: &str = "class client:\n    def __init__(self, service):\n        assert service == 'secretsmanager'\n\n    \
                   def get_secret_value(self, SecretId):\n        return {'SecretString': SecretId}\n";

fn mended(code: &str) -> String {
    let files = [("template.yaml", TEMPLATE), ("src/app.py", code)];
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let before = Workspace { files, ..Workspace::default() };
    let mut after = common::mended("template.yaml", &before, Disposition::All);
    after.workspace.files.remove("src/app.py").unwrap()
}

/// What the handler answers.
fn run(name: &str, code: &str) -> String {
    let folder = std::env::temp_dir().join(format!("burgward-checks-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("app.py"), code).unwrap();
    std::fs::write(folder.join("boto3.py"), SDK).unwrap();
    let output = Command::new("python3")
        .args(["-c", "import app; print(app.handler({}, None))"])
        .current_dir(&folder)
        .env("PYTHONPATH", &folder)
        .env("DB_PASSWORD", "correct-horse")
        .env("DB_PASSWORD_SECRET", "correct-horse")
        .output()
        .unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(output.status.success(), "{}\n{code}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Before Python 3.12, an expression in an f-string has other quotes than the string.
#[test]
fn a_secret_in_an_f_string() {
    let cases = [
        ("double", r#"f"mysql://u:{os.environ['DB_PASSWORD']}@h""#, Some('\'')),
        ("single", r#"f'mysql://u:{os.environ["DB_PASSWORD"]}@h'"#, Some('"')),
        ("triple", r#"f"""mysql://u:{os.environ['DB_PASSWORD']}@h""""#, Some('\'')),
        ("plain", r"os.environ['DB_PASSWORD']", Some('"')),
        ("nested", r#"f"a{f'b{os.getenv("DB_PASSWORD")}'}""#, None),
    ];
    for (name, expression, quote) in cases {
        let code = format!("import os\n\n\ndef handler(event, context):\n    return {expression}\n");
        let new = mended(&code);
        let Some(quote) = quote else {
            assert_eq!(new, code);
            continue;
        };
        assert!(new.contains(&format!("boto3.client({quote}secretsmanager{quote})")), "{new}");
        assert!(new.contains(&format!("[{quote}SecretString{quote}]")), "{new}");
        assert_eq!(run(name, &code), run(name, &new), "{new}");
    }
}

/// Where `boto3` is something else, nothing is fetched with it.
#[test]
fn another_thing_of_the_name() {
    let handler = |body: &str| format!("import os\n\n\ndef handler(event, context):\n{body}");
    let read = "    return os.environ['DB_PASSWORD']\n";
    let other = [
        handler(&format!("    boto3 = 1\n{read}")),
        handler(&format!("    for boto3, other in [(1, 2)]:\n        pass\n{read}")),
        handler("    key = os.environ['DB_PASSWORD']\n    import boto3\n    return key\n"),
        format!("{}\n\nboto3 = 1\n", handler(read)),
        format!("{}\n\ndef boto3():\n    return 1\n", handler(read)),
        handler("    return (lambda boto3: os.environ['DB_PASSWORD'])(1)\n"),
    ];
    for (number, code) in other.iter().enumerate() {
        assert_eq!(mended(code), *code);
        assert_eq!(run(&format!("other-{number}"), code), "correct-horse");
    }
    let same = [
        format!("{}\n\ndef other():\n    boto3 = 1\n    return boto3\n", handler(read)),
        format!("{}\n\nclass Other:\n    boto3 = 1\n", handler(read)),
    ];
    for (number, code) in same.iter().enumerate() {
        let new = mended(code);
        assert_ne!(new, *code);
        assert_eq!(run(&format!("same-{number}"), &new), "correct-horse");
    }
}

/// Two findings of one title keep the lines that they had, whichever is mended first.
#[test]
fn findings_that_are_alike_keep_their_ids() {
    let template =
        TEMPLATE.replace("      Environment:\n        Variables:\n          DB_PASSWORD: correct-horse\n", "");
    let code = "import subprocess\n\n\ndef handler(event, context):\n    x = event['x']\n    \
                one = subprocess.check_output(f'cat {x}', shell=True)\n    \
                two = subprocess.check_output(f'head {x} | cat', shell=True)\n    \
                three = subprocess.check_output(f'wc {x}', shell=True)\n    return one, two, three\n";
    let files = [("template.yaml".to_owned(), template), ("src/app.py".to_owned(), code.to_owned())].into();
    let before = Workspace { files, ..Workspace::default() };
    let after = common::mended("template.yaml", &before, Disposition::All);
    let shells = |id: &&String| id.starts_with("event-shell");
    let applied: Vec<_> = after.applied.iter().map(|a| &a.id).filter(shells).collect();
    assert_eq!(applied, ["event-shell@src/app.py:6", "event-shell@src/app.py:8"]);
    let left: Vec<_> = after.left.iter().map(|l| l.finding.id()).filter(|id| shells(&id)).collect();
    assert_eq!(left.len(), 1, "{left:?}");
}
