//! What a function would try, tried from inside. Each must fail, and none may harm the next sandbox.

mod common;

use common::{python, run, shell, spawner};

/// The lines that a script prints, one for each try.
fn lines(script: &str) -> Vec<String> {
    let outcome = run(&spawner(), &shell(script));
    outcome.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn a_fork_bomb_stays_inside() {
    let spawner = spawner();
    let bomb =
        run(&spawner, &shell("f() { f | f & }; f; i=0; while [ $i -lt 50 ]; do i=$((i+1)); /bin/true; done; exit 3"));
    assert!(bomb.exit.code.is_some(), "{:?}", bomb.exit);
    assert!(bomb.stderr.contains("fork"), "nothing refused: {}", bomb.stderr);
    assert_eq!(run(&spawner, &shell("echo alive")).stdout, "alive\n");
}

#[test]
fn a_memory_hog_is_killed_and_told_so() {
    let spawner = spawner();
    let hog = run(&spawner, &shell("exec dd if=/dev/zero of=/dev/null bs=600M count=1"));
    assert_eq!((hog.exit.code, hog.exit.signal, hog.exit.oom), (None, Some(9), true));
    assert!(!run(&spawner, &shell("true")).exit.oom);
}

#[test]
fn tmp_is_as_large_as_said_and_executable_and_gone_afterwards() {
    let spawner = spawner();
    let first =
        run(&spawner, &shell("cp /bin/echo /tmp/e && /tmp/e ran; head -c 32M /dev/zero >/tmp/big; wc -c </tmp/big"));
    assert!(first.stdout.starts_with("ran\n"), "{}", first.stderr);
    assert!(first.stderr.contains("No space left"), "{}", first.stderr);
    assert_eq!(run(&spawner, &shell("ls -A /tmp")).stdout, "");
}

#[test]
fn nothing_of_the_host_is_visible() {
    let tries = "for p in /root /home /etc/shadow /etc/passwd /sys /run /dev/tty /dev/shm /dev/kmsg /dev/mem /proc/1/root/etc; do \
                 [ -e $p ] && echo $p; done; ls / | tr '\\n' ' '; ls /proc | grep -c '^[0-9]'; ls /proc/1 2>&1 | head -c 10";
    let seen = lines(tries);
    // The processes seen are the shell, `ls` and `grep`.
    assert_eq!(seen, ["bin dev lib lib64 proc tmp usr 3", "ls: cannot"]);
}

#[test]
fn nothing_can_be_written_but_tmp() {
    let tries = "for p in /x /usr/x /bin/x /dev/x /proc/self/oom_score_adj /proc/sys/kernel/hostname; do \
                 (echo x >$p) 2>/dev/null && echo wrote $p; done; echo x >/tmp/x && echo x >/dev/null && echo done";
    assert_eq!(lines(tries), ["done"]);
}

#[test]
fn no_program_gives_privileges() {
    // `su` and `mount` are set-user-id where they exist.
    let tries = "grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status | tr -d '\\t\\n'; echo; \
                 mount -t tmpfs x /tmp 2>/dev/null && echo mounted; unshare -Ur true 2>/dev/null && echo unshared; \
                 su -c id 2>/dev/null && echo su; id -u";
    let none = "CapInh:0000000000000000CapPrm:0000000000000000CapEff:0000000000000000CapBnd:0000000000000000\
                CapAmb:0000000000000000NoNewPrivs:1Seccomp:2";
    assert_eq!(lines(tries), [none, "993"]);
}

#[test]
fn no_process_outside_can_be_signalled() {
    let tries = format!(
        "kill -9 {} 2>/dev/null && echo killed; kill -9 1 2>/dev/null && echo init; echo alive",
        std::process::id()
    );
    assert_eq!(lines(&tries), ["alive"]);
}

#[test]
fn descriptors_run_out_inside_alone() {
    let Some(spec) = python(
        "import os\ntry:\n  while True: os.dup(1)\nexcept OSError as e: print(e.errno)\nprint(sorted(os.environ))",
    ) else {
        return;
    };
    let outcome = run(&spawner(), &spec);
    assert_eq!(outcome.stdout, "24\n['LANG', 'PATH']\n", "{}", outcome.stderr);
}

#[test]
fn python_finds_no_way_out() {
    let code = r#"
import ctypes, errno, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *args):
    ctypes.set_errno(0)
    result = getattr(libc, name)(*args)
    print(name, errno.errorcode.get(ctypes.get_errno(), result))
call("unshare", 0x10000000)
call("ptrace", 16, 1, 0, 0)
call("setns", -1, 0)
call("mount", b"none", b"/tmp", b"tmpfs", 0, None)
call("chroot", b"/tmp")
call("syscall", 425, 1, None)
call("syscall", 435, None, 0)
call("syscall", 250, 0, -3, 0, 0, 0)
for family in (socket.AF_NETLINK, socket.AF_PACKET, socket.AF_VSOCK):
    try: socket.socket(family, socket.SOCK_RAW)
    except OSError as e: print(errno.errorcode[e.errno])
for address in ("169.254.169.254", "10.0.0.1", "8.8.8.8"):
    try: socket.create_connection((address, 80), 2)
    except OSError as e: print(errno.errorcode[e.errno])
try: open("/proc/1/mem", "rb")
except OSError as e: print(errno.errorcode[e.errno])
try: open("/proc/self/mem", "r+b")
except OSError as e: print(errno.errorcode[e.errno])
for fd in range(3, 64):
    try: os.fstat(fd); print("leaked", fd, os.readlink(f"/proc/self/fd/{fd}"))
    except OSError: pass
"#;
    let Some(spec) = python(code) else { return };
    let outcome = run(&spawner(), &spec);
    let expected = "unshare EPERM\nptrace EPERM\nsetns EPERM\nmount EPERM\nchroot EPERM\nsyscall EPERM\nsyscall ENOSYS\n\
                    syscall EPERM\nEAFNOSUPPORT\nEAFNOSUPPORT\nEAFNOSUPPORT\nENETUNREACH\nENETUNREACH\nENETUNREACH\nENOENT\nEROFS\n";
    assert_eq!(outcome.stdout, expected, "{}", outcome.stderr);
}
