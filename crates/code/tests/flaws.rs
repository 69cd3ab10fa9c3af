//! What an attacker would use in code, and the edits that mend it: the mended code is run.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::format_push_string,
    reason = "a helper that fails is a test that fails, and lines are read one after the other"
)]

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
            with open(path) as source:
                words = subprocess.check_output(["wc", "-w"], stdin=source, text=True)
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

/// Runs the handler of a file with an event, and answers with what it printed as JSON, or with the exception's name.
fn run(text: &str, event: &str) -> String {
    let folder =
        std::env::temp_dir().join(format!("burgward-code-{}-{:x}", std::process::id(), hash(text) ^ hash(event)));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("app.py"), text).unwrap();
    std::fs::write(folder.join("boto3.py"), "").unwrap();
    let script = "import app, json, sys\n\
        try:\n    print(json.dumps(app.handler(json.loads(sys.argv[1]), None)))\n\
        except Exception as error:\n    print(type(error).__name__)\n";
    let mut python = std::process::Command::new("python3");
    python
        .args(["-c", script, event])
        .current_dir(&folder)
        .env("PYTHONPATH", &folder)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let output = python.output().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn hash(text: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Code whose shell is taken away does the same for a plain value, and no longer runs what an attacker adds.
fn same_without_shell(body: &str, plain: &str) -> String {
    let text = format!("import os, subprocess, shlex\n\n\ndef handler(event, context):\n{body}\n");
    let (new, titles) = mend_all(&text);
    assert!(code(&new).flaws.is_empty(), "{titles:?}\n{new}");
    let event = |value: &str| format!("{{\"x\": \"{value}\"}}");
    assert_eq!(run(&text, &event(plain)), run(&new, &event(plain)), "{new}");
    let mark = std::env::temp_dir().join(format!("burgward-code-mark-{}-{:x}", std::process::id(), hash(body)));
    for attack in [format!("{plain}; touch {}", mark.display()), format!("$(touch {})", mark.display())] {
        run(&new, &event(&attack));
        assert!(!mark.exists(), "{new}");
    }
    run(&text, &event(&format!("{plain}; touch {}", mark.display())));
    assert!(mark.exists(), "the attack is none: {text}");
    std::fs::remove_file(mark).unwrap();
    new.lines().skip_while(|line| !line.starts_with("def")).skip(1).collect::<Vec<_>>().join("\n")
}

#[test]
fn commands_without_a_shell() {
    let cases = [
        ("    return subprocess.check_output('cat ' + event['x'] + ' 2>/dev/null | cat', shell=True, text=True)", None),
        ("    return subprocess.check_output('wc -c < ' + event['x'], shell=True, text=True)", Some("/etc/hostname")),
        (
            "    return subprocess.check_output(f\"head -n 1 {event['x']} 2>/dev/null\", shell=True).decode()",
            Some("/etc/passwd"),
        ),
        (
            "    done = subprocess.run(\"grep -c '%s' /etc/passwd\" % event['x'], stdout=subprocess.PIPE, shell=True)\n    return done.stdout.decode()",
            None,
        ),
        (
            "    return subprocess.run(shell=True, args='ls -d {}'.format(event['x']), capture_output=True, text=True).stdout",
            Some("/tmp"),
        ),
        (
            "    cmd = 'stat -c %n ' + event['x']\n    return subprocess.check_output(cmd, shell=True, text=True)",
            Some("/tmp"),
        ),
        ("    return os.popen('basename ' + event['x']).read()", Some("/a/b")),
        (
            "    if os.system('test -d ' + event['x'] + ' > /dev/null 2>&1') == 0:\n        return 'yes'\n    return 'no'",
            Some("/tmp"),
        ),
        ("    return subprocess.getoutput('dirname ' + event['x'])", Some("/a/b")),
        (
            "    path = '/etc/' + event['x']\n    return subprocess.check_output('wc -l ' + path, shell=True, text=True)",
            Some("passwd"),
        ),
    ];
    let mut shown = String::new();
    for (body, plain) in cases {
        let Some(plain) = plain else {
            let text = format!("import os, subprocess\n\n\ndef handler(event, context):\n{body}\n");
            shown += &(code(&text).flaws.iter().map(|f| f.fix_title.clone()).collect::<Vec<_>>().join("; ") + "\n");
            continue;
        };
        shown += &(same_without_shell(body, plain) + "\n");
    }
    insta::assert_snapshot!(shown, @r#"
    a person must take the shell away: the command is a pipeline
        with open(event['x']) as source:
            return subprocess.check_output(["wc", "-c"], stdin=source, text=True)
        return subprocess.check_output(["head", "-n", "1", "--", str(event['x'])], stderr=subprocess.DEVNULL).decode()
    run `grep` without a shell, with a list of arguments; an argument of the event that starts with `-` can still be read as an option
        return subprocess.run(args=["ls", "-d", str(event['x'])], capture_output=True, text=True).stdout
        cmd = ["stat", "-c", "%n", "--", event['x']]
        return subprocess.check_output(cmd, text=True)
        return subprocess.run(["basename", "--", event['x']], stdout=subprocess.PIPE, text=True).stdout
        if subprocess.call(["test", "-d", event['x']], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT) == 0:
            return 'yes'
        return 'no'
        return subprocess.run(["dirname", "--", event['x']], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout.removesuffix("\n")
        path = '/etc/' + event['x']
        return subprocess.check_output(["wc", "-l", path], text=True)
    "#);
}

/// A shell makes several words of a text with spaces; a list would not: a person must.
#[test]
fn what_may_be_several_words_is_left() {
    let cases = [
        "    flags = '-n 5'\n    return subprocess.check_output(f\"head {flags} {event['x']}\", shell=True, text=True)",
        "    return subprocess.check_output('ls ' + ' '.join(event['x']), shell=True, text=True)",
        "    return subprocess.check_output(f\"ls {os.environ['MORE']} {event['x']}\", shell=True, text=True)",
        "    flags = '-a' if event.get('all') else ''\n    return subprocess.check_output(f\"ls {flags} {event['x']}\", shell=True)",
        "    return subprocess.check_output(f\"ls {event['flags']} {event['x']}\", shell=True)",
        "    return subprocess.check_output(f\"ls {MANY} {event['x']}\", shell=True)",
        "    return subprocess.check_output(f\"ls {KINDS[event['k']]} {event['x']}\", shell=True)",
        "    args = ['-l']\n    args.append(event['x'])\n    line = ' '.join(args)\n    return subprocess.check_output(f\"ls {line}\", shell=True)",
        "    return listed('-a -l', event['x'])",
        "    return subprocess.check_output(f\"ls {more()} {event['x']}\", shell=True)",
    ];
    let module = "import os, subprocess\n\nMANY = '-a -l'\nKINDS = {'a': '-a -l'}\n\n\ndef listed(how, name):\n    \
                  return subprocess.check_output(f'ls {how} {name}', shell=True)\n\n\ndef more():\n    return '-a *.txt'\n";
    for body in cases {
        let text = format!("{module}\n\ndef handler(event, context):\n{body}\n");
        let (new, titles) = mend_all(&text);
        assert_eq!(new, text);
        assert!(titles.iter().all(|t| t.starts_with("a person must take the shell away")), "{titles:?}\n{body}");
    }
}

/// One word each: the same without a shell, options where they were.
#[test]
fn what_is_one_word_each() {
    let mut shown = String::new();
    let cases = [
        (
            "    count = 2\n    return subprocess.check_output(f\"head -n {count} {event['x']}\", shell=True, text=True)",
            "/etc/passwd",
        ),
        (
            "    flag = '-d'\n    return subprocess.check_output(f\"ls {flag} {event['x']}\", shell=True, text=True)",
            "/tmp",
        ),
        (
            "    flag = '-n'\n    return subprocess.check_output(f\"head {flag} {int('1')} {event['x']}\", shell=True, text=True)",
            "/etc/passwd",
        ),
        (
            "    def listed(how, name):\n        return subprocess.check_output(f'ls {how} {name}', shell=True, text=True)\n    return listed('-d', event['x'])",
            "/tmp",
        ),
    ];
    for (body, plain) in cases {
        shown += &(same_without_shell(body, plain) + "\n");
    }
    insta::assert_snapshot!(shown, @r#"
    count = 2
    return subprocess.check_output(["head", "-n", str(count), "--", str(event['x'])], text=True)
    flag = '-d'
    return subprocess.check_output(["ls", str(flag), str(event['x'])], text=True)
    flag = '-n'
    return subprocess.check_output(["head", str(flag), str(int('1')), "--", str(event['x'])], text=True)
    def listed(how, name):
        return subprocess.check_output(["ls", str(how), str(name)], text=True)
    return listed('-d', event['x'])
    "#);
}

/// The shell reports a missing file as a failed command; `open` raises an exception of its own.
#[test]
fn redirected_files() {
    let handler = |body: &str| format!("import os, subprocess\n\n\ndef handler(event, context):\n{body}\n");
    let caught = handler(
        "    try:\n        return subprocess.check_output(f\"wc -l < {event['x']}\", shell=True, text=True)\n    \
         except subprocess.CalledProcessError:\n        return 'none'",
    );
    let caller = "import os, subprocess\n\n\ndef count(n):\n    return subprocess.check_output(f'wc -l < {n}', shell=True, text=True)\n\n\n\
                  def handler(event, context):\n    try:\n        return count(event['x'])\n    \
                  except (OSError, subprocess.SubprocessError):\n        return 'none'\n";
    let status = handler("    return subprocess.run(f\"wc -l < {event['x']}\", shell=True).returncode");
    for text in [&caught, caller, &status] {
        let (new, titles) = mend_all(text);
        assert_eq!(new, *text);
        assert!(titles[0].contains("without a shell, a missing file raises"), "{titles:?}");
        let answer = run(text, "{\"x\": \"/nowhere/at/all\"}");
        assert!(!answer.contains("Error"), "{answer}");
    }
    let mut shown = String::new();
    let cases = [
        (
            "    size = subprocess.check_output(f\"wc -c < {event['x']}\",\n        shell=True, text=True)  # all of it\n    return size",
            "/etc/hostname",
        ),
        (
            "    if event['x']: return subprocess.check_output(f\"wc -c < {event['x']}\", shell=True, text=True)",
            "/etc/hostname",
        ),
        (
            "    return subprocess.run(f\"basename {event['x']} > /dev/stderr\", shell=True, check=True).returncode",
            "/etc/hostname",
        ),
        (
            "    return [subprocess.check_output(f\"wc -c < {x}\", shell=True, text=True) for x in [event['x']]]",
            "/etc/hostname",
        ),
        (
            "    p = event['x']\n    return subprocess.check_output(f'wc -c < {p}', shell=True, text=True) if p else 'none'",
            "/etc/hostname",
        ),
    ];
    for (body, plain) in cases {
        shown += &(same_without_shell(body, plain) + "\n");
    }
    insta::assert_snapshot!(shown, @r#"
    with open(str(event['x'])) as source:
        size = subprocess.check_output(["wc", "-c"], stdin=source, text=True)  # all of it
    return size
    if event['x']: return subprocess.check_output(["wc", "-c"], stdin=open(str(event['x'])), text=True)
    with open("/dev/stderr", "w") as target:
        return subprocess.run(["basename", "--", str(event['x'])], stdout=target, check=True).returncode
    return [subprocess.check_output(["wc", "-c"], stdin=open(str(x)), text=True) for x in [event['x']]]
    p = event['x']
    return subprocess.check_output(["wc", "-c"], stdin=open(str(p)), text=True) if p else 'none'
    "#);
}

/// Names that the new code needs mean something else there.
#[test]
fn shadowed_modules_are_left() {
    let cases = [
        "    subprocess = 1\n    return os.popen('basename ' + event['x']).read()",
        "    str = repr\n    return os.popen(f\"basename {event['x']}\").read()",
        "    tempfile = None\n    path = '/tmp/' + event['x']\n    open(path, 'w').close()\n    return 1",
    ];
    for body in cases {
        let text = format!("import os\n\n\ndef handler(event, context):\n{body}\n");
        let (new, titles) = mend_all(&text);
        assert_eq!(new, text);
        assert!(titles[0].contains("a name that is needed is something else here"), "{titles:?}");
    }
}

#[test]
fn what_is_no_flaw() {
    let cases = [
        "subprocess.run('ls -l | wc', shell=True)",
        "subprocess.run(['wc', event['x']])",
        "subprocess.run('cat ' + shlex.quote(event['x']), shell=True)",
        "subprocess.run('sleep %d' % int(event['x']), shell=True)",
        "os.system('echo ' + os.environ['X'])",
        "open('/tmp/model.bin', 'wb').write(load())",
        "open('/tmp/' + str(uuid.uuid4()), 'w').write(event['x'])",
        "open('/tmp/' + context.aws_request_id, 'w').write(event['x'])",
        "open(os.path.join(tempfile.mkdtemp(), os.path.basename(event['x'])), 'w')",
        "tempfile.NamedTemporaryFile().write(event['x'].encode())",
        "boto3.client('s3').download_file('bucket', 'model', '/tmp/model')",
        "open('/tmp/model.bin').read()",
    ];
    for case in cases {
        let text = format!(
            "import boto3, os, shlex, subprocess, tempfile, uuid\n\ndef handler(event, context):\n    {case}\n"
        );
        assert_eq!(shown(&text), "", "{case}");
    }
}

#[test]
fn ways_of_the_event() {
    let text = r#"
import json, os, pathlib, shutil, subprocess, tempfile
import boto3
s3 = boto3.resource("s3")
TMP = "/tmp"

class Job:
    def __init__(self, name):
        self.name = name
        self.command = ["convert", name]
    def run(self):
        os.system(" ".join(self.command))

def target(record):
    return f"{TMP}/{record['s3']['object']['key']}"

def handler(event, context):
    for record in event["Records"]:
        path = target(record)
        s3.Bucket("b").download_file(record["s3"]["object"]["key"], path)
        pathlib.Path("/tmp/result.json").write_text(json.dumps({"all": record}))
        with open(os.path.join(tempfile.gettempdir(), "upload"), "wb") as out:
            shutil.copyfileobj(record["body"], out)
    Job(event.get("name", "none").strip()).run()
    body = json.loads(event["body"] or "{}")
    subprocess.Popen(["bash", "-c", "echo %s" % body["a"]["b"]])
    worker = lambda value: subprocess.call(f"run {value}", shell=True)
    list(map(worker, body["values"]))
"#;
    insta::assert_snapshot!(shown(text), @r#"
    EventShell at `os.system(" ".join(self.command))` from `event.get("name", "none")` (name)
    PredictableTmp at `f"{TMP}/{record['s3']['object']['key']}"` from `record['s3']['object']['key']` (Records[].s3.object.key)
    PredictableTmp at `pathlib.Path("/tmp/result.json")` from `event["Records"]` (Records[])
    PredictableTmp at `os.path.join(tempfile.gettempdir(), "upload")` from `record["body"]` (Records[].body)
    EventShell at `subprocess.Popen(["bash", "-c", "echo %s" % body["a"]["b"]])` from `body["a"]["b"]` (body.a.b)
    EventShell at `subprocess.call(f"run {value}", shell=True)` from `body["values"]` (body.values[])
    "#);
}

#[test]
fn private_folders() {
    let cases = [
        "    path = f\"/tmp/{event['x']}.txt\"\n    with open(path, 'w') as out:\n        out.write('a\\n')\n    return open(path).read()",
        "    path = os.path.join('/tmp', event['x'])\n    try:\n        open(path, 'w').close()\n        return os.path.exists(path)\n    finally:\n        os.remove(path)",
        "    path = pathlib.Path('/tmp') / event['x']\n    path.write_text('b')\n    size = path.stat().st_size\n\n    return size",
        "    for x in [event['x']]:\n        folder = 1\n        path = '/tmp/' + x\n        pathlib.Path(path).write_text('b')\n    return folder",
        "    path = '/tmp/' + event['x']\n    open(path, 'w').close()\n    return {'path': path}",
        "    path = '/tmp/out/' + event['x']\n    os.makedirs(path)\n    return 1",
        "    open('/tmp/' + event['x'], 'w').close()\n    return 1",
        "    path = '/tmp/' + event['x']\n    open(path, 'w').close()\n    return open('/tmp/' + event['x']).read()",
    ];
    let mut shown = String::new();
    for body in cases {
        let text = format!("import os, pathlib\n\n\ndef handler(event, context):\n{body}\n");
        let (new, titles) = mend_all(&text);
        if new == text {
            shown += &(titles.join("; ") + "\n");
            continue;
        }
        assert!(code(&new).flaws.is_empty(), "{new}");
        let event = "{\"x\": \"burgward-code-test\"}";
        assert_eq!(run(&text, event), run(&new, event), "{new}");
        shown += &new
            .lines()
            .skip_while(|line| !line.starts_with("def"))
            .skip(1)
            .flat_map(|line| [line, "\n"])
            .collect::<String>();
    }
    insta::assert_snapshot!(shown, @r#"
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, os.path.basename(str(event['x']) + ".txt"))
            with open(path, 'w') as out:
                out.write('a\n')
            return open(path).read()
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, os.path.basename(event['x']))
            try:
                open(path, 'w').close()
                return os.path.exists(path)
            finally:
                os.remove(path)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / os.path.basename(event['x'])
            path.write_text('b')
            size = path.stat().st_size

            return size
    a person must give the file a private folder: the path has no name of its own
    a person must give the file a private folder: the path is handed on, or something that is made of it and may read the file later
    a person must give the file a private folder: the path is made in an unusual way
    a person must give the file a private folder: the path has no name of its own
    a person must give the file a private folder: other code makes the same path; a person must give the file a private folder: the file is only read here
    "#);
}

/// What reads the file later would find it gone.
#[test]
fn what_reads_the_file_later_is_left() {
    let helpers = "def lines(path):\n    for line in open(path):\n        yield line\n\n\ndef sizes(path):\n    \
                   return map(len, open(path))\n\n\ndef opened(path):\n    file = open(path)\n    return file\n\n\n\
                   def count(path):\n    with open(path) as file:\n        return len(file.read())\n\n\n\
                   def first(path):\n    return next(lines(path))\n\n\nclass Reader:\n    def __init__(self, path):\n        \
                   self.path = path\n";
    let written = |rest: &str| {
        format!(
            "import json, os, subprocess, threading\n\n\n{helpers}\n\ndef work(event):\n    \
             path = os.path.join('/tmp', event['x'])\n    with open(path, 'w') as out:\n        out.write('ab')\n{rest}\n\n\n\
             def handler(event, context):\n    found = work(event)\n    \
             return found if isinstance(found, (str, int)) else [str(x) for x in found]\n"
        )
    };
    let later = [
        "    return lines(path)",
        "    return sizes(path)",
        "    return opened(path)",
        "    return open(path)",
        "    file = open(path)\n    return file",
        "    return map(str.strip, open(path))",
        "    return (line for line in open(path))",
        "    found = lines(path)\n    return found",
        "    return filter(None, lines(path))",
        "    return zip(lines(path), [1])",
    ];
    let event = "{\"x\": \"burgward-code-later\"}";
    for rest in later {
        let text = written(rest);
        let (new, titles) = mend_all(&text);
        assert_eq!(new, text, "{rest}");
        assert!(titles[0].contains("may read the file later"), "{titles:?}");
        assert!(run(&text, event).starts_with('['), "{rest}");
    }
    for rest in [
        "    return FileResponse(path)",
        "    return Reader(path)",
        "    threading.Thread(target=count, args=(path,)).start()\n    return 1",
        "    subprocess.Popen(['cat', path])\n    return 1",
        "    return {'body': StreamingBody(open(path))}",
    ] {
        assert_eq!(mend_all(&written(rest)).0, written(rest), "{rest}");
    }
    let over = [
        "    return list(lines(path))",
        "    return ''.join(sizes_of(path) for _ in [1])\n\n\ndef sizes_of(path):\n    return open(path).read()",
        "    return count(path)",
        "    return [len(line) for line in lines(path)]",
        "    total = 0\n    for line in lines(path):\n        total += len(line)\n    return total",
        "    file = open(path)\n    text = file.read()\n    file.close()\n    return text",
        "    return subprocess.check_output(['wc', '-c', path]).decode().split()[0]",
        "    return json.dumps({'size': os.path.getsize(path)})",
    ];
    for rest in over {
        let text = written(rest);
        let (new, titles) = mend_all(&text);
        assert_ne!(new, text, "{titles:?} {rest}");
        assert!(code(&new).flaws.is_empty(), "{new}");
        assert_eq!(run(&text, event), run(&new, event), "{new}");
    }
}

#[test]
fn a_secret_at_run_time() {
    let text = "import os\n\nKEY = os.environ[\"KEY\"]\nOTHER = os.getenv(\"KEY\", \"\")\n\n\ndef handler(event, context):\n    return KEY\n";
    let code = code(text);
    let mut new = text.to_owned();
    let read = &code.env_reads[0];
    let mut edits = burgward_code::secret_at_run_time(read, text, &code.imports[0], "KEY_SECRET").unwrap();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.place.start));
    for edit in edits {
        new.replace_range(edit.place.start as usize..edit.place.end as usize, &edit.text);
    }
    insta::assert_snapshot!(new, @r#"
    import os
    import boto3

    KEY = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["KEY_SECRET"])["SecretString"]
    OTHER = os.getenv("KEY", "")


    def handler(event, context):
        return KEY
    "#);
    assert_eq!(code.env_reads.len(), 2);
}
