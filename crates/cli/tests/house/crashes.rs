//! Ends without warning, and disks without space: what was acknowledged is kept.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::place::{Place, Up, skipped};

const TEMPLATE: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
  Bucket:
    Type: AWS::S3::Bucket
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.11
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            return {\"statusCode\": 200, \"body\": \"hello\"}
      Events:
        Get:
          Type: HttpApi
          Properties: { Path: /hello, Method: get }
";

fn client_env(place: &Place, app: &Path, up: &Up, round: &str, count: usize) -> Vec<(String, String)> {
    let mut env = place.credentials(app, &[]);
    let name = |id: &str| up.ready["resources"][id].as_str().unwrap().to_owned();
    env.extend([("TABLE".into(), name("Table")), ("BUCKET".into(), name("Bucket"))]);
    env.extend([("ROUND".into(), round.into()), ("COUNT".into(), count.to_string())]);
    env
}

fn writer(up: &Up, env: &[(String, String)]) -> Child {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/writes.py");
    up.python(&[program], env).stdout(Stdio::piped()).spawn().unwrap()
}

/// The lines of writes that were kept, or refused.
fn lines_of(printed: &[String], word: &str) -> Vec<String> {
    printed.iter().filter(|line| line.starts_with(word)).cloned().collect()
}

fn everything_is_there(up: &Up, mut env: Vec<(String, String)>, kept: &[String]) {
    env.push(("KEPT".into(), kept.join("\n")));
    assert_eq!(up.client("reads.py", &env), format!("found {}\n", kept.len()));
}

fn verified(place: &Place, app: &Path) -> String {
    let said = place.with_data(&["audit", "verify"], app, &["--format", "json"]);
    assert_eq!(said.status, Some(0), "{said:?}");
    let document: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    document["head"].as_str().unwrap().to_owned()
}

/// The processes below one, itself among them.
fn tree_of(top: i32) -> BTreeSet<i32> {
    let mut tree = BTreeSet::from([top]);
    loop {
        let processes =
            std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
        let below: Vec<i32> = processes
            .filter_map(|name| name.parse().ok())
            .filter(|pid| !tree.contains(pid) && parent(*pid).is_some_and(|parent| tree.contains(&parent)))
            .collect();
        if below.is_empty() {
            return tree;
        }
        tree.extend(below);
    }
}

fn parent(pid: i32) -> Option<i32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in brackets and may hold anything; state and parent follow it.
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn alive(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

/// Control groups that carry the name of one of these processes.
fn groups_of(tree: &BTreeSet<i32>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from("/sys/fs/cgroup")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().filter_map(Result::ok) {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                let name = entry.file_name().to_string_lossy().into_owned();
                if tree.iter().any(|pid| name == format!("burgward-{pid}")) {
                    found.push(entry.path());
                }
                folders.push(entry.path());
            }
        }
    }
    found
}

#[test]
fn killed_in_the_middle_of_writes() {
    let place = Place::new();
    let app = place.write_app(&[("template.yaml", TEMPLATE)]);
    let up = place.up(&app, &[]);
    assert_eq!(up.client("get.py", &[("GET_PATH".into(), "/hello".into())]), "200 hello");
    let tree = tree_of(up.pid());
    assert!(tree.len() >= 3, "the app, its spawner and a sandbox: {tree:?}");
    assert!(!groups_of(&tree).is_empty(), "the groups are found while they are there");

    let mut child = writer(&up, &client_env(&place, &app, &up, "first", 100_000));
    let mut printed = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut lines: Vec<String> = printed.by_ref().take(150).collect();
    up.kill();
    lines.extend(printed);
    child.wait().unwrap();
    let kept = lines_of(&lines, "kept");
    for kind in ["dynamodb", "s3", "ssm"] {
        assert!(kept.iter().any(|line| line.contains(kind)), "{kind} took part: {kept:?}");
    }

    // Nothing of the old run is left, without any help. How long the kernel takes is not what is tested.
    while tree.iter().any(|pid| alive(*pid)) {
        std::thread::sleep(Duration::from_millis(20));
    }
    let head = verified(&place, &app);
    let up = place.up(&app, &[]);
    assert_eq!(groups_of(&tree), Vec::<PathBuf>::new(), "control groups of the run that was killed");
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(!mounts.contains(&*place.path("").to_string_lossy()), "{mounts}");
    everything_is_there(&up, client_env(&place, &app, &up, "first", 0), &kept);
    assert_eq!(up.client("get.py", &[("GET_PATH".into(), "/hello".into())]), "200 hello");
    let sockets: Vec<_> =
        std::fs::read_dir(place.path("run/burgward")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let (tree, code) =
        (tree_of(up.pid()), format!("/dev/shm/burgward-{}", sockets[0].file_stem().unwrap().to_string_lossy()));
    assert!(Path::new(&code).is_dir());
    assert!(up.stop().success());
    let said = place.with_data(&["audit", "verify"], &app, &["--expect-head", &head]);
    assert_eq!(said.status, Some(0), "the log goes on where it stood: {said:?}");
    // A run that is told to stop takes its code and its socket along as well.
    assert!(!Path::new(&code).exists() && !sockets[0].exists());
    assert_eq!(groups_of(&tree), Vec::<PathBuf>::new(), "control groups of the run that was stopped");
}

/// A mount namespace with a small disk where the data folder is; it is gone with the process that holds it.
struct SmallDisk(Child);

impl SmallDisk {
    fn make(place: &Place) -> Self {
        std::fs::create_dir(place.data()).unwrap();
        let mount = "mount -t tmpfs -o size=32m,mode=0700 none \"$0\" && echo mounted && exec sleep infinity";
        let mut holder = Command::new("unshare");
        holder.args(["-m", "sh", "-c", mount]).arg(place.data()).stdout(Stdio::piped());
        let mut holder = holder.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "mounted\n");
        Self(holder)
    }

    /// A file of the data folder as it is seen from here.
    fn path(&self, place: &Place, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{}", self.0.id(), place.data().join(name).display()))
    }

    /// The variables of a client, which finds the certificate on the small disk.
    fn client_env(&self, place: &Place, app: &Path, up: &Up, round: &str, count: usize) -> Vec<(String, String)> {
        let mut env = client_env(place, app, up, round, count);
        env.retain(|(name, _)| name != "AWS_CA_BUNDLE");
        env.push(("AWS_CA_BUNDLE".into(), self.path(place, "ca.pem").to_string_lossy().into_owned()));
        env
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn writes(up: &Up, env: &[(String, String)]) -> Vec<String> {
    let printed = writer(up, env).wait_with_output().unwrap();
    String::from_utf8(printed.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Waits for words of `up`, which come some seconds apart at the most.
fn until_said(up: &Up, words: &str) {
    for _ in 0..200 {
        if up.log().contains(words) {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("`{words}` was not said: {}", up.log());
}

#[test]
fn a_disk_without_space() {
    if !rustix::process::getuid().is_root() {
        skipped("a_disk_without_space", "a disk of the test's own needs root");
        return;
    }
    let mut place = Place::new();
    let app = place.write_app(&[("template.yaml", TEMPLATE)]);
    let disk = SmallDisk::make(&place);
    place.wrapper = ["nsenter", "-m", "-t", &disk.0.id().to_string()].map(str::to_owned).into();
    let up = place.up(&app, &[]);
    let mut kept = lines_of(&writes(&up, &disk.client_env(&place, &app, &up, "before", 10)), "kept");
    assert_eq!(kept.len(), 30);
    let mut full = disk.client_env(&place, &app, &up, "full", 40);

    let filler = disk.path(&place, "filler");
    let written = std::io::copy(&mut std::io::repeat(b'x'), &mut std::fs::File::create(&filler).unwrap());
    assert_eq!(written.unwrap_err().kind(), std::io::ErrorKind::StorageFull);
    let printed = writes(&up, &full);
    let refused = lines_of(&printed, "refused");
    for kind in ["dynamodb", "s3", "ssm"] {
        let errors: Vec<_> = refused.iter().filter(|line| line.contains(kind)).collect();
        assert!(!errors.is_empty(), "{kind} has an answer to a full disk: {printed:?}");
        assert!(errors.iter().all(|line| line.ends_with(" 500") || line.ends_with(" 503")), "{errors:?}");
    }
    kept.extend(lines_of(&printed, "kept"));
    until_said(&up, "cannot be written: No space left on device (os error 28); every call is refused until it can");

    std::fs::remove_file(&filler).unwrap();
    full.retain(|(name, _)| name != "ROUND");
    full.push(("ROUND".into(), "after".into()));
    let printed = writes(&up, &full);
    assert_eq!(lines_of(&printed, "kept").len(), 120, "it works again: {printed:?}");
    until_said(&up, "the audit log can be written again: calls are served");
    assert_eq!(up.log().matches("every call is refused").count(), 1, "{}", up.log());
    kept.extend(printed);
    everything_is_there(&up, full.clone(), &kept);
    up.stop();
    verified(&place, &app);
    let up = place.up(&app, &[]);
    everything_is_there(&up, disk.client_env(&place, &app, &up, "again", 0), &kept);
}
