//! `kill -9` in the middle of records, a power cut, and a disk that is full: nothing acknowledged is lost, and nothing
//! that was not written is acknowledged.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on panics, in its helpers too"
)]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use burgward_audit::{AuditLog, Options, Recorder as _};
use burgward_testkit::PowerCut;
use burgward_types::{AuditRecord, Principal, RecordKind, RequestId, Timestamp};
use burgward_vault::{RootKey, Vault};

const DIR: &str = "AUDIT_CRASH_DIR";

fn vault(dir: &Path) -> Vault {
    std::fs::create_dir_all(dir.join("data")).unwrap();
    let root = RootKey::from_file_0600(&dir.join("key"), &dir.join("data"), true).unwrap();
    Vault::unlock(&root, &dir.join("data")).unwrap()
}

fn record(name: &str) -> AuditRecord {
    AuditRecord {
        kind: RecordKind::Operator,
        event_time: Timestamp(0),
        event_source: "burgward".into(),
        event_name: "Test".into(),
        request_id: RequestId::from_text(name),
        principal: Principal::Anonymous,
        access_key_id: None,
        source: String::new(),
        user_agent: None,
        aws_region: "us-east-1".into(),
        error_code: None,
        error_message: None,
        read_only: false,
        decisions: vec![],
        detail: "x".repeat(3_000).into(),
    }
}

/// This very program, running one of its tests.
fn child(dir: &Path, program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).args(["child_records_for_ever", "--exact", "--nocapture"]);
    command.env(DIR, dir).stdout(Stdio::piped());
    command
}

/// Not a test by itself: what the killed process runs.
#[tokio::test]
async fn child_records_for_ever() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let dir = Path::new(&dir);
    let options = Options { segment_bytes: 40_000, ..Options::default() };
    let log = AuditLog::open(&dir.join("data/audit"), &vault(dir), options).unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..4 {
        let log = log.clone();
        tasks.spawn(async move {
            for number in 0.. {
                let name = format!("{task}-{number}");
                match log.record(record(&name)).await {
                    Ok(()) => println!("\nacknowledged {name}"),
                    Err(error) => return println!("\nrefused {error}"),
                }
            }
        });
    }
    tasks.join_all().await;
}

fn held(dir: &Path, vault: &Vault) -> Vec<String> {
    let records = AuditLog::read(&dir.join("data/audit"), vault).unwrap();
    records.map(|record| record.unwrap().1.request_id.as_str().to_owned()).collect()
}

#[test]
fn nothing_acknowledged_is_lost_by_kill_9() {
    let dir = tempfile::tempdir().unwrap();
    let exe = std::env::current_exe().unwrap();
    let mut acknowledged = vec![];
    for round in 0..3 {
        let mut process = child(dir.path(), exe.to_str().unwrap(), &[]).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut count = 0;
        for line in lines.map_while(Result::ok) {
            let Some(name) = line.strip_prefix("acknowledged ") else { continue };
            acknowledged.push(name.to_owned());
            count += 1;
            if count == 40 + round {
                process.kill().unwrap();
            }
        }
        process.wait().unwrap();
        let vault = vault(dir.path());
        drop(AuditLog::open(&dir.path().join("data/audit"), &vault, Options::default()).unwrap());
        let held = held(dir.path(), &vault);
        for name in &acknowledged {
            assert!(held.contains(name), "`{name}` was acknowledged and is lost");
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_by_a_power_cut() {
    let power = PowerCut::new();
    let acknowledged = power.run("child_records_for_ever", DIR, 60);
    let dir = power.after();
    let vault = vault(&dir);
    drop(AuditLog::open(&dir.join("data/audit"), &vault, Options::default()).unwrap());
    let held = held(&dir, &vault);
    for name in &acknowledged {
        assert!(held.contains(name), "`{name}` was acknowledged and is lost");
    }
}

#[test]
fn a_full_disk_refuses_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let exe = std::env::current_exe().unwrap();
    // The limit is on file sizes (in KiB), with the signal ignored so that writes fail as on a full disk.
    let script = "trap '' XFSZ; ulimit -f 30; exec \"$0\" \"$@\"";
    let output = child(dir.path(), "bash", &["-c", script, exe.to_str().unwrap()]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let acknowledged: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("acknowledged ")).collect();
    assert!(acknowledged.len() > 4, "{text}");
    let refused = text.lines().find(|line| line.starts_with("refused ")).unwrap();
    assert!(refused.contains("cannot write") && refused.contains("File too large"), "{refused}");
    let held = held(dir.path(), &vault(dir.path()));
    assert_eq!(held.len(), acknowledged.len());
    assert!(acknowledged.iter().all(|name| held.iter().any(|h| h == name)));
}
