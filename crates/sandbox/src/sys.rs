//! Every system call that has no safe wrapper in `rustix`. The only module of the house with `unsafe`.
#![allow(
    unsafe_code,
    reason = "clone3, execve, mount_setattr and friends have no safe wrapper; each use says why it is sound"
)]

use std::ffi::{CStr, CString, c_char, c_int, c_long, c_short};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;

use rustix::io::Errno;

/// `linux/sched.h`; the constant of `libc` is too narrow for its own value.
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;

/// Which side of a clone this is.
#[derive(Debug)]
pub(crate) enum Cloned {
    Child,
    Parent { pid: i32, pidfd: Option<OwnedFd> },
}

fn check(result: c_long) -> Result<c_long, Errno> {
    if result < 0 { Err(last_errno()) } else { Ok(result) }
}

fn last_errno() -> Errno {
    Errno::from_raw_os_error(std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO))
}

/// `clone3` like `fork`, into new namespaces and, on cgroup v2, straight into a control group.
///
/// Only the single-threaded spawner and its children call this: a fork of a threaded process could not allocate.
pub(crate) fn clone_process(namespaces: u64, cgroup: Option<BorrowedFd<'_>>) -> Result<Cloned, Errno> {
    let mut pidfd: c_int = -1;
    let mut flags = namespaces | u64::try_from(libc::CLONE_PIDFD).unwrap_or_default();
    // SAFETY: all fields of `clone_args` are plain integers, for which zero is valid.
    let mut args: libc::clone_args = unsafe { std::mem::zeroed() };
    if let Some(cgroup) = cgroup {
        flags |= CLONE_INTO_CGROUP;
        args.cgroup = u64::from(cgroup.as_raw_fd().unsigned_abs());
    }
    args.flags = flags;
    args.pidfd = ptr::from_mut(&mut pidfd) as u64;
    args.exit_signal = u64::from(libc::SIGCHLD.unsigned_abs());
    // SAFETY: without CLONE_VM the child gets a copy of this address space, as with fork; `args` outlives the call.
    // The process has one thread, so no lock can be left held in the child.
    let pid = unsafe { libc::syscall(libc::SYS_clone3, ptr::from_mut(&mut args), size_of::<libc::clone_args>()) };
    match check(pid)? {
        0 => Ok(Cloned::Child),
        pid => {
            // SAFETY: the kernel stored a new descriptor here that nobody else owns.
            let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
            Ok(Cloned::Parent { pid: i32::try_from(pid).unwrap_or(-1), pidfd: Some(pidfd) })
        }
    }
}

/// `fork` by the plain call, as a function under the filter would (`clone3` is refused there).
pub(crate) fn fork() -> Result<Cloned, Errno> {
    // SAFETY: the callers have one thread, so no lock can be left held in the child.
    match check(c_long::from(unsafe { libc::fork() }))? {
        0 => Ok(Cloned::Child),
        pid => Ok(Cloned::Parent { pid: i32::try_from(pid).unwrap_or(-1), pidfd: None }),
    }
}

/// Makes the control groups that this process is in the root of what it sees.
pub(crate) fn unshare_cgroup() -> Result<(), Errno> {
    // SAFETY: no descriptor table is unshared, so that all descriptors stay what their owners think.
    unsafe { rustix::thread::unshare_unsafe(rustix::thread::UnshareFlags::NEWCGROUP) }
}

/// Sets attributes of a whole mounted tree, or of one mount.
pub(crate) fn mount_setattr(mount: BorrowedFd<'_>, recursive: bool, set: u64) -> Result<(), Errno> {
    let flags = libc::AT_EMPTY_PATH | if recursive { libc::AT_RECURSIVE } else { 0 };
    let mut attr = libc::mount_attr { attr_set: set, attr_clr: 0, propagation: 0, userns_fd: 0 };
    // SAFETY: the path is a valid C string and `attr` a valid structure of the given size for the length of the call.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            flags,
            ptr::from_mut(&mut attr),
            size_of::<libc::mount_attr>(),
        )
    };
    check(result).map(drop)
}

/// Closes a range of descriptors. What owned them must never be used or dropped again: the callers exec or exit.
pub(crate) fn close_range(first: u32, last: u32) -> Result<(), Errno> {
    if first > last {
        return Ok(());
    }
    // SAFETY: no memory is touched; the callers never drop a value that owned one of these descriptors.
    check(unsafe { libc::syscall(libc::SYS_close_range, first, last, 0_u32) }).map(drop)
}

/// Brings the loopback device of this network namespace up.
pub(crate) fn loopback_up(socket: BorrowedFd<'_>) -> Result<(), Errno> {
    // SAFETY: `ifreq` is plain old data, for which zero is valid.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(c"lo".to_bytes()) {
        *to = c_char::try_from(*from).unwrap_or_default();
    }
    request.ifr_ifru.ifru_flags = c_short::try_from(libc::IFF_UP | libc::IFF_RUNNING).unwrap_or_default();
    // SAFETY: `request` is a valid `ifreq` for the length of the call.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, ptr::from_mut(&mut request)) };
    check(c_long::from(result)).map(drop)
}

/// Replaces this process; returns only when that failed.
pub(crate) fn execve(program: &CStr, argv: &[CString], env: &[CString]) -> Errno {
    let pointers = |list: &[CString]| -> Vec<*const c_char> {
        list.iter().map(|item| item.as_ptr()).chain(std::iter::once(ptr::null())).collect()
    };
    let (argv, env) = (pointers(argv), pointers(env));
    // SAFETY: all three are valid and null-terminated for the length of the call.
    unsafe { libc::execve(program.as_ptr(), argv.as_ptr(), env.as_ptr()) };
    last_errno()
}

/// Ends this process at once, without running destructors of what the parent's copy owns.
pub(crate) fn exit_now(status: i32) -> ! {
    // SAFETY: `_exit` touches nothing of this process.
    unsafe { libc::_exit(status) }
}

/// Gives every signal its default action and unblocks all: the Rust runtime ignores SIGPIPE, a function must not inherit that.
pub(crate) fn reset_signals() {
    for signal in 1..=64 {
        // SAFETY: SIG_DFL is a valid action; for the signals that cannot be changed the call fails, which is right.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    // SAFETY: `sigset_t` is plain old data and `sigemptyset` makes it valid.
    unsafe {
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, ptr::null_mut());
    }
}

/// Takes ownership of an inherited descriptor, once.
pub(crate) fn adopt(fd: RawFd) -> Result<OwnedFd, Errno> {
    // SAFETY: only asks the kernel whether the descriptor is open.
    check(c_long::from(unsafe { libc::fcntl(fd, libc::F_GETFD) }))?;
    // SAFETY: it is open, and the caller is the only one that adopts it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Makes a system call by number, for probes that expect to be refused. Arguments are integers or null pointers only.
pub(crate) fn attempt(number: c_long, args: [c_long; 5]) -> Result<c_long, Errno> {
    let [first, second, third, fourth, fifth] = args;
    // SAFETY: the probes pass integers and null pointers alone, so the kernel can write nowhere in this process.
    check(unsafe { libc::syscall(number, first, second, third, fourth, fifth) })
}

/// `getpid` through the 32-bit entry of x86-64: a filter for one ABI must not be passed by using another.
#[cfg(target_arch = "x86_64")]
pub(crate) fn foreign_abi_call() {
    // SAFETY: call 20 of the i386 table takes no argument and writes no memory.
    unsafe { std::arch::asm!("int 0x80", inout("eax") 20 => _, out("r8") _, out("r9") _, out("r10") _, out("r11") _) };
}

/// Dirties memory until `bytes` are resident or the kernel intervenes.
pub(crate) fn hog(bytes: usize) -> Result<(), Errno> {
    let mut done = 0;
    while done < bytes {
        let chunk = 1 << 20;
        // SAFETY: a new anonymous mapping that nothing else refers to.
        let memory = unsafe {
            libc::mmap(
                ptr::null_mut(),
                chunk,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if memory == libc::MAP_FAILED {
            return Err(last_errno());
        }
        // SAFETY: the mapping is `chunk` bytes long and writable.
        unsafe { ptr::write_bytes(memory.cast::<u8>(), 0x5a, chunk) };
        done += chunk;
    }
    Ok(())
}
