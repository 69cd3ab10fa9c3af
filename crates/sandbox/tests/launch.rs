//! A sandbox runs what it is given, says how that ended, and leaves nothing.

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use burgward_sandbox::{Bind, Layer, SandboxError, SmallFile, Spawner, SpawnerOptions};
use common::{finish, options, python, run, shell, spawner, spec, wait};

#[test]
fn a_program_runs_and_its_end_is_told() {
    let spawner = spawner();
    let outcome = run(&spawner, &shell("echo out; echo err >&2; id -u; hostname; pwd; exit 7"));
    assert_eq!(outcome.stdout, "out\n993\nfunction\n/tmp\n", "{}", outcome.stderr);
    assert_eq!(outcome.stderr, "err\n");
    assert_eq!((outcome.exit.code, outcome.exit.signal, outcome.exit.oom), (Some(7), None, false));
    let killed = run(&spawner, &shell("kill -TERM $$"));
    assert_eq!((killed.exit.code, killed.exit.signal), (None, Some(15)));
    assert_eq!(spawner.layers(), Layer::ALL);
}

#[test]
fn this_machines_python_runs() {
    let Some(spec) = python("import ssl, json, sqlite3, multiprocessing; print('hello', __import__('os').getuid())")
    else {
        return;
    };
    let outcome = run(&spawner(), &spec);
    assert_eq!(outcome.stdout, "hello 993\n", "{}", outcome.stderr);
}

#[test]
fn files_and_binds_are_there_and_read_only() {
    let mut spec =
        shell("cat /etc/hosts /var/task/a/b; stat -c %a /etc/hosts; touch /etc/hosts /var/task/a/b 2>&1 | wc -l");
    let code = tempfile::tempdir().unwrap();
    std::fs::create_dir(code.path().join("a")).unwrap();
    std::fs::write(code.path().join("a/b"), "code\n").unwrap();
    common::readable(code.path());
    spec.files.push(SmallFile { target: "/etc/hosts".into(), bytes: b"127.0.0.1 localhost\n".to_vec(), mode: 0o444 });
    spec.binds.push(Bind { source: code.path().into(), target: "/var/task".into() });
    let outcome = run(&spawner(), &spec);
    assert_eq!(outcome.stdout, "127.0.0.1 localhost\ncode\n444\n2\n", "{}", outcome.stderr);
}

#[test]
fn listeners_inside_are_served_from_outside() {
    let code = "import socket; s = socket.create_connection(('127.0.0.1', 9001)); s.sendall(b'in'); print(s.recv(9))";
    let Some(mut spec) = python(code) else { return };
    spec.listen = vec![9001, 4566];
    let spawner = spawner();
    let sandbox = spawner.spawn(&spec).unwrap();
    assert_eq!(sandbox.listeners.len(), 2);
    let (mut stream, peer): (TcpStream, _) = sandbox.listeners[0].accept().unwrap();
    let mut word = [0; 2];
    stream.read_exact(&mut word).unwrap();
    stream.write_all(b"out").unwrap();
    assert_eq!((&word, peer.ip().is_loopback()), (b"in", true));
    assert_eq!(finish(&sandbox).stdout, "b'out'\n");
}

#[test]
fn a_sandbox_freezes_thaws_counts_its_memory_and_dies() {
    let spawner = spawner();
    let sandbox = spawner.spawn(&shell("while :; do :; done")).unwrap();
    sandbox.freeze().unwrap();
    assert!(sandbox.memory_current() > 0);
    assert_eq!(sandbox.try_wait(), None);
    sandbox.thaw().unwrap();
    sandbox.freeze().unwrap();
    sandbox.kill();
    assert_eq!(wait(&sandbox).signal, Some(9));
    assert_eq!(sandbox.memory_current(), 0, "the group remains");
}

#[test]
fn what_cannot_be_built_is_refused_by_name() {
    let spawner = spawner();
    let mut missing = spec(&["/bin/true"]);
    missing.binds.push(Bind { source: "/no/such".into(), target: "/opt".into() });
    let said = spawner.spawn(&missing).unwrap_err().to_string();
    assert!(said.starts_with("launching the sandbox failed at `bind /no/such at /opt`: No such file"), "{said}");
    let said = spawner.spawn(&spec(&["/no/program"])).unwrap_err().to_string();
    assert!(said.starts_with("launching the sandbox failed at `execute /no/program`: No such file"), "{said}");
    let mut outside = spec(&["/bin/true"]);
    outside.binds.push(Bind { source: "/usr".into(), target: "/opt/../..".into() });
    let said = spawner.spawn(&outside).unwrap_err().to_string();
    assert!(said.contains("is no plain absolute path"), "{said}");
    let mut hidden = spec(&["/bin/true"]);
    hidden.files.push(SmallFile { target: "/usr/x".into(), bytes: Vec::new(), mode: 0o444 });
    let said = spawner.spawn(&hidden).unwrap_err().to_string();
    assert!(said.starts_with("launching the sandbox failed at `write /usr/x`: `/usr` is mounted over it"), "{said}");
    let unknown = SpawnerOptions { allow_unenforced: vec!["seccomp".into()], ..options() };
    assert!(matches!(Spawner::start(unknown), Err(SandboxError::UnknownLayer(..))));
}

#[test]
fn a_dead_spawner_takes_its_sandboxes_along_and_is_replaced() {
    let spawner = spawner();
    let sandbox = spawner.spawn(&shell("sleep 1000")).unwrap();
    let pid = spawner.pid().unwrap().to_string();
    assert!(Command::new("kill").args(["-9", &pid]).status().unwrap().success());
    assert_eq!(wait(&sandbox).signal, Some(9));
    assert_eq!(run(&spawner, &shell("echo again")).stdout, "again\n");
}

/// Not a test: the process that `nothing_remains_after_kill_9` kills.
#[test]
#[ignore = "started by nothing_remains_after_kill_9"]
fn a_platform_that_is_killed() {
    let spawner = spawner();
    let sandbox = spawner.spawn(&shell("sleep 1000 & sleep 1000")).unwrap();
    println!("\nup {} {}", sandbox.pid, spawner.pid().unwrap());
    wait(&sandbox);
}

#[test]
fn nothing_remains_after_kill_9() {
    let exe = std::env::current_exe().unwrap();
    let arguments = ["--exact", "--ignored", "--nocapture", "a_platform_that_is_killed"];
    let mut platform = Command::new(exe).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(platform.stdout.take().unwrap()).lines().map_while(Result::ok);
    let up = lines.find_map(|line| line.strip_prefix("up ").map(str::to_owned)).unwrap();
    let pids: Vec<&str> = up.split(' ').collect();
    assert_eq!(pids.iter().filter(|pid| alive(pid)).count(), 2);
    platform.kill().unwrap();
    platform.wait().unwrap();
    while pids.iter().any(|pid| alive(pid)) {
        std::thread::yield_now();
    }
    let group = format!("burgward-{}", pids[1]);
    let found = Command::new("find").args(["/sys/fs/cgroup", "-name", &group]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&found.stdout), "");
}

/// A zombie is dead; who buries it is its parent's business.
fn alive(pid: &str) -> bool {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid).join("status")).unwrap_or_default();
    status.lines().any(|line| line.starts_with("State:") && !line.contains('Z'))
}
