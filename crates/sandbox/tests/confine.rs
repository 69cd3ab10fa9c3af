//! The confinement of what parses foreign code: tried from inside.
#![allow(
    clippy::unwrap_used,
    clippy::exit,
    clippy::unreachable,
    reason = "a test may stop; the child ends where it is confined"
)]

use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

const ATTEMPT: &str = "CONFINED_ATTEMPT";
/// Signal 31: the filter ended the process.
const SIGSYS: i32 = 31;

/// What the child does once it is confined; without the variable this is no test of its own.
#[test]
fn child() {
    let Ok(attempt) = std::env::var(ATTEMPT) else { return };
    burgward_sandbox::confine_to_stdio().unwrap();
    match attempt.as_str() {
        "work" => {
            let mut asked = String::new();
            std::io::stdin().read_to_string(&mut asked).unwrap();
            let answer: Vec<u8> = asked.bytes().rev().chain(vec![0; 4_000_000]).collect();
            let mut out = std::io::stdout();
            out.write_all(answer.get(..asked.len()).unwrap()).unwrap();
            out.flush().unwrap();
        }
        "open" => drop(std::fs::File::open("/etc/passwd")),
        "create" => drop(std::fs::File::create("/tmp/confined")),
        "connect" => drop(std::net::TcpStream::connect("127.0.0.1:1")),
        "execute" => drop(Command::new("/bin/true").status()),
        "thread" => drop(std::thread::spawn(|| ()).join()),
        other => unreachable!("{other}"),
    }
    std::process::exit(0);
}

fn tried(attempt: &str) -> (Option<i32>, Option<i32>, String) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .env(ATTEMPT, attempt)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"drawgrub").unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code(), output.status.signal(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn it_reads_answers_and_can_do_nothing_else() {
    let (code, signal, out) = tried("work");
    assert_eq!((code, signal), (Some(0), None));
    assert!(out.ends_with("burgward"), "{out}");
    for attempt in ["open", "create", "connect", "execute", "thread"] {
        let (code, signal, _) = tried(attempt);
        assert_eq!((code, signal), (None, Some(SIGSYS)), "{attempt}");
    }
}
