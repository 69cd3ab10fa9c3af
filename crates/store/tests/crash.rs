//! `kill -9` in the middle of writes, a commit that was never synced, and a full disk.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on panics, in its helpers too"
)]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use burgward_store::{SqlStore, Store as _};
use burgward_vault::{RootKey, Vault};

const DIR: &str = "STORE_CRASH_DIR";

fn open(dir: &Path) -> SqlStore {
    std::fs::create_dir_all(dir.join("data")).unwrap();
    let root = RootKey::from_file_0600(&dir.join("key"), &dir.join("data"), true).unwrap();
    let vault = Vault::unlock(&root, &dir.join("data")).unwrap();
    SqlStore::open(&dir.join("data/s.db"), &vault.key("store").unwrap()).unwrap()
}

/// This very program, running one of its tests.
fn child(dir: &Path, writers: u32, program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).args(["child_writes_for_ever", "--exact", "--nocapture"]);
    command.env(DIR, dir).env("WRITERS", writers.to_string()).stdout(Stdio::piped());
    command
}

fn say(line: &str) {
    // One write for one line, so that lines of threads and of the sync counter do not mix.
    std::io::stdout().write_all(format!("\n{line}\n").as_bytes()).unwrap();
}

/// Not a test by itself: what the killed process runs.
#[tokio::test]
async fn child_writes_for_ever() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let store = open(Path::new(&dir));
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..std::env::var("WRITERS").unwrap().parse().unwrap() {
        let store = store.clone();
        tasks.spawn(async move {
            for number in 0_u32.. {
                let key = format!("{task}-{number}-{}", std::process::id());
                say(&format!("begun {key}"));
                match store.put(key.clone().into(), vec![7; 900]).await {
                    Ok(()) => say(&format!("acknowledged {key}")),
                    Err(error) => return say(&format!("refused {error}")),
                }
            }
        });
    }
    tasks.join_all().await;
}

#[test]
fn nothing_acknowledged_is_lost_by_kill_9() {
    let dir = tempfile::tempdir().unwrap();
    let exe = std::env::current_exe().unwrap();
    let mut acknowledged = vec![];
    for round in 0..3 {
        let mut process = child(dir.path(), 4, exe.to_str().unwrap(), &[]).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut count = 0;
        for line in lines.map_while(Result::ok) {
            let Some(key) = line.strip_prefix("acknowledged ") else { continue };
            acknowledged.push(key.to_owned());
            count += 1;
            if count == 60 + round {
                process.kill().unwrap();
            }
        }
        process.wait().unwrap();
        let store = open(dir.path());
        for key in &acknowledged {
            assert!(store.get(key.as_bytes()).unwrap().is_some(), "`{key}` was acknowledged and is lost");
        }
    }
}

/// After `kill -9` the kernel still has what was written; after a power cut it has only what was synced.
#[test]
fn every_acknowledged_write_was_synced() {
    let dir = tempfile::tempdir().unwrap();
    let library = dir.path().join("flushes.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flushes.c");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&library, &source]).arg("-ldl").status();
    assert!(built.unwrap().success());
    let exe = std::env::current_exe().unwrap();
    let mut command = child(dir.path(), 1, exe.to_str().unwrap(), &[]);
    let mut process = command.env("LD_PRELOAD", &library).env("SYNC_LOG_FD", "1").spawn().unwrap();
    let (mut synced, mut acknowledged) = (false, 0);
    for line in BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok) {
        if line.starts_with("begun ") {
            synced = false;
        } else if line == "synced" {
            synced = true;
        } else if line.starts_with("acknowledged ") {
            assert!(synced, "write {acknowledged} was acknowledged before it was synced");
            acknowledged += 1;
            if acknowledged == 40 {
                process.kill().unwrap();
                break;
            }
        }
    }
    process.wait().unwrap();
    assert_eq!(acknowledged, 40);
}

#[test]
fn a_full_disk_refuses_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let exe = std::env::current_exe().unwrap();
    // The limit is on file sizes (in KiB), with the signal ignored so that writes fail as on a full disk.
    let script = "trap '' XFSZ; ulimit -f 200; exec \"$0\" \"$@\"";
    let output = child(dir.path(), 1, "bash", &["-c", script, exe.to_str().unwrap()]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let refused = text.lines().find(|line| line.starts_with("refused ")).unwrap();
    assert!(refused.contains("cannot write") && refused.contains("s.db`"), "{refused}");
    let store = open(dir.path());
    let acknowledged: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("acknowledged ")).collect();
    assert!(acknowledged.len() > 5, "{text}");
    for key in acknowledged {
        assert!(store.get(key.as_bytes()).unwrap().is_some(), "`{key}` was acknowledged and is lost");
    }
}
