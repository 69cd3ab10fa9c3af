//! `kill -9` in the middle of writes, a power cut, and a full disk.

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
use burgward_testkit::PowerCut;
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
    // One write for one line, so that lines of threads do not mix.
    std::io::stdout().write_all(format!("\n{line}\n").as_bytes()).unwrap();
}

/// Not a test by itself: what the killed process runs.
#[tokio::test]
async fn child_writes_for_ever() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let store = open(Path::new(&dir));
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..std::env::var("WRITERS").map_or(4, |writers| writers.parse().unwrap()) {
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

#[test]
fn nothing_acknowledged_is_lost_by_a_power_cut() {
    let power = PowerCut::new();
    let acknowledged = power.run("child_writes_for_ever", DIR, 60);
    let store = open(&power.after());
    for key in &acknowledged {
        assert!(store.get(key.as_bytes()).unwrap().is_some(), "`{key}` was acknowledged and is lost");
    }
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
