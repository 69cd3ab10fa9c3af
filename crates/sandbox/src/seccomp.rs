//! The system calls that a function may make, by allow-list.
//!
//! Three filters, since one filter of `seccompiler` knows two actions. The kernel takes the strictest answer and, among
//! equals, that of the filter installed last; so the allow-list (with `ENOSYS` for everything unknown, `clone3` among it,
//! whose flags a filter cannot see) comes last and lets through what the first two answer with an error of their own.

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};

use crate::layer::Layer;
use crate::wire::Failure;

/// Compiled filters, in the order in which they are installed.
pub(crate) struct Filters(Vec<BpfProgram>);

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

impl Filters {
    pub(crate) fn compile() -> Result<Self, Failure> {
        Self::try_compile().map_err(|reason| {
            Failure::layer(Layer::Seccomp, reason, "x86-64 and 64-bit ARM are supported; use such a machine")
        })
    }

    fn try_compile() -> Result<Self, String> {
        let eperm = SeccompAction::Errno(errno(libc::EPERM));
        let family = SeccompAction::Errno(errno(libc::EAFNOSUPPORT));
        let enosys = SeccompAction::Errno(errno(libc::ENOSYS));
        Ok(Self(vec![
            program(refused()?, SeccompAction::Allow, eperm)?,
            program(families()?, SeccompAction::Allow, family)?,
            program(known(), enosys, SeccompAction::Allow)?,
        ]))
    }

    /// Installs the filters for this process and all that it ever starts.
    pub(crate) fn install(&self) -> Result<(), String> {
        self.0.iter().try_for_each(|filter| seccompiler::apply_filter(filter)).map_err(|e| e.to_string())
    }
}

fn errno(number: i32) -> u32 {
    number.unsigned_abs()
}

fn program(rules: Rules, otherwise: SeccompAction, matched: SeccompAction) -> Result<BpfProgram, String> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|e| e.to_string())?;
    let filter = SeccompFilter::new(rules, otherwise, matched, arch).map_err(|e| e.to_string())?;
    filter.try_into().map_err(|e: seccompiler::BackendError| e.to_string())
}

fn condition(argument: u8, op: SeccompCmpOp, value: u64) -> Result<SeccompCondition, String> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, op, value).map_err(|e| e.to_string())
}

fn rule(conditions: Vec<SeccompCondition>) -> Result<SeccompRule, String> {
    SeccompRule::new(conditions).map_err(|e| e.to_string())
}

fn refused() -> Result<Rules, String> {
    let mut rules: Rules = REFUSED.iter().map(|call| (*call, Vec::new())).collect();
    // `clone` stays for threads and forks, without new namespaces.
    let namespaces = [0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000];
    let clone: Result<Vec<_>, String> =
        namespaces.iter().map(|flag| rule(vec![condition(0, SeccompCmpOp::MaskedEq(*flag), *flag)?])).collect();
    rules.insert(libc::SYS_clone, clone?);
    // Typing into somebody's terminal: TIOCSTI and TIOCLINUX.
    let ioctl: Result<Vec<_>, String> =
        [0x5412, 0x541c].iter().map(|request| rule(vec![condition(1, SeccompCmpOp::Eq, *request)?])).collect();
    rules.insert(libc::SYS_ioctl, ioctl?);
    // `personality` may ask (all ones) and set the default (0); other personalities switch mitigations off.
    let personality = vec![condition(0, SeccompCmpOp::Ne, 0)?, condition(0, SeccompCmpOp::Ne, 0xffff_ffff)?];
    rules.insert(libc::SYS_personality, vec![rule(personality)?]);
    Ok(rules)
}

fn families() -> Result<Rules, String> {
    let mut rules = Rules::new();
    for call in [libc::SYS_socket, libc::SYS_socketpair] {
        let others: Result<Vec<_>, String> = [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6]
            .iter()
            .map(|family| condition(0, SeccompCmpOp::Ne, u64::from(family.unsigned_abs())))
            .collect();
        rules.insert(call, vec![rule(others?)?]);
    }
    Ok(rules)
}

fn known() -> Rules {
    ALLOWED.iter().chain(ALLOWED_LEGACY).chain(REFUSED).map(|call| (*call, Vec::new())).collect()
}

macro_rules! calls {
    ($($name:ident)+) => { &[$(libc::$name),+] };
}

/// Answered with `EPERM`: what a program may ask for and must learn that it may not.
#[rustfmt::skip]
const REFUSED: &[c_long] = calls! {
    SYS_io_uring_setup SYS_io_uring_enter SYS_io_uring_register SYS_unshare SYS_setns SYS_ptrace
    SYS_process_vm_readv SYS_process_vm_writev SYS_process_madvise SYS_kcmp SYS_pidfd_getfd
    SYS_bpf SYS_perf_event_open SYS_userfaultfd SYS_keyctl SYS_add_key SYS_request_key
    SYS_init_module SYS_finit_module SYS_delete_module SYS_kexec_load SYS_reboot
    SYS_mount SYS_umount2 SYS_pivot_root SYS_chroot SYS_move_mount SYS_open_tree SYS_fsopen SYS_fsconfig SYS_fsmount
    SYS_fspick SYS_mount_setattr SYS_swapon SYS_swapoff SYS_quotactl SYS_acct SYS_open_by_handle_at
    SYS_fanotify_init SYS_fanotify_mark SYS_settimeofday SYS_clock_settime SYS_clock_adjtime SYS_adjtimex
    SYS_sethostname SYS_setdomainname SYS_syslog SYS_vhangup SYS_sync SYS_move_pages SYS_migrate_pages
    SYS_mbind SYS_set_mempolicy SYS_ioprio_set SYS_setgroups SYS_nfsservctl SYS_lookup_dcookie
};

#[rustfmt::skip]
const ALLOWED: &[c_long] = calls! {
    SYS_read SYS_write SYS_close SYS_fstat SYS_lseek SYS_mmap SYS_mprotect SYS_munmap SYS_brk SYS_rt_sigaction
    SYS_rt_sigprocmask SYS_rt_sigreturn SYS_ioctl SYS_pread64 SYS_pwrite64 SYS_readv SYS_writev SYS_sched_yield SYS_mremap
    SYS_msync SYS_mincore SYS_madvise SYS_shmget SYS_shmat SYS_shmctl SYS_shmdt SYS_dup SYS_nanosleep SYS_getitimer
    SYS_setitimer SYS_getpid SYS_sendfile SYS_socket SYS_connect SYS_accept SYS_sendto SYS_recvfrom SYS_sendmsg SYS_recvmsg
    SYS_shutdown SYS_bind SYS_listen SYS_getsockname SYS_getpeername SYS_socketpair SYS_setsockopt SYS_getsockopt SYS_clone
    SYS_execve SYS_exit SYS_wait4 SYS_kill SYS_uname SYS_semget SYS_semop SYS_semctl SYS_semtimedop SYS_msgget SYS_msgsnd
    SYS_msgrcv SYS_msgctl SYS_fcntl SYS_flock SYS_fsync SYS_fdatasync SYS_truncate SYS_ftruncate SYS_getcwd SYS_chdir
    SYS_fchdir SYS_fchmod SYS_fchown SYS_umask SYS_gettimeofday SYS_getrlimit SYS_setrlimit SYS_getrusage SYS_sysinfo
    SYS_times SYS_getuid SYS_getgid SYS_geteuid SYS_getegid SYS_setuid SYS_setgid SYS_setreuid SYS_setregid SYS_setresuid
    SYS_setresgid SYS_getresuid SYS_getresgid SYS_setfsuid SYS_setfsgid SYS_setpgid SYS_getpgid SYS_getppid SYS_setsid
    SYS_getsid SYS_getgroups SYS_capget SYS_capset SYS_rt_sigpending SYS_rt_sigtimedwait SYS_rt_sigqueueinfo
    SYS_rt_sigsuspend SYS_sigaltstack SYS_personality SYS_statfs SYS_fstatfs SYS_getpriority SYS_setpriority
    SYS_sched_setparam SYS_sched_getparam SYS_sched_setscheduler SYS_sched_getscheduler SYS_sched_get_priority_max
    SYS_sched_get_priority_min SYS_sched_rr_get_interval SYS_mlock SYS_munlock SYS_mlockall SYS_munlockall SYS_mlock2
    SYS_prctl SYS_gettid SYS_readahead SYS_setxattr SYS_lsetxattr SYS_fsetxattr SYS_getxattr SYS_lgetxattr SYS_fgetxattr
    SYS_listxattr SYS_llistxattr SYS_flistxattr SYS_removexattr SYS_lremovexattr SYS_fremovexattr SYS_tkill SYS_tgkill
    SYS_futex SYS_sched_setaffinity SYS_sched_getaffinity SYS_getdents64 SYS_set_tid_address SYS_restart_syscall
    SYS_fadvise64 SYS_timer_create SYS_timer_settime SYS_timer_gettime SYS_timer_getoverrun SYS_timer_delete
    SYS_clock_gettime SYS_clock_getres SYS_clock_nanosleep SYS_exit_group SYS_epoll_ctl SYS_waitid SYS_inotify_add_watch
    SYS_inotify_rm_watch SYS_openat SYS_mkdirat SYS_mknodat SYS_fchownat SYS_newfstatat SYS_unlinkat SYS_renameat
    SYS_linkat SYS_symlinkat SYS_readlinkat SYS_fchmodat SYS_faccessat SYS_pselect6 SYS_ppoll SYS_set_robust_list
    SYS_get_robust_list SYS_splice SYS_tee SYS_sync_file_range SYS_utimensat SYS_epoll_pwait SYS_timerfd_create
    SYS_timerfd_settime SYS_timerfd_gettime SYS_fallocate SYS_accept4 SYS_signalfd4 SYS_eventfd2 SYS_epoll_create1
    SYS_dup3 SYS_pipe2 SYS_inotify_init1 SYS_preadv SYS_pwritev SYS_preadv2 SYS_pwritev2 SYS_rt_tgsigqueueinfo
    SYS_recvmmsg SYS_sendmmsg SYS_prlimit64 SYS_syncfs SYS_getcpu SYS_sched_setattr SYS_sched_getattr SYS_renameat2
    SYS_getrandom SYS_memfd_create SYS_execveat SYS_membarrier SYS_copy_file_range SYS_pkey_mprotect SYS_pkey_alloc
    SYS_pkey_free SYS_statx SYS_rseq SYS_pidfd_send_signal SYS_pidfd_open SYS_close_range SYS_openat2 SYS_faccessat2
    SYS_epoll_pwait2 SYS_futex_waitv SYS_seccomp SYS_landlock_create_ruleset SYS_landlock_add_rule
    SYS_landlock_restrict_self SYS_ioprio_get
};

/// Calls that only x86-64 still has.
#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
const ALLOWED_LEGACY: &[c_long] = calls! {
    SYS_open SYS_stat SYS_lstat SYS_poll SYS_access SYS_pipe SYS_select SYS_dup2 SYS_pause SYS_alarm SYS_fork SYS_vfork
    SYS_getdents SYS_rename SYS_mkdir SYS_rmdir SYS_creat SYS_link SYS_unlink SYS_symlink SYS_readlink SYS_chmod SYS_chown
    SYS_lchown SYS_getpgrp SYS_utime SYS_mknod SYS_arch_prctl SYS_time SYS_epoll_create SYS_epoll_wait SYS_utimes
    SYS_inotify_init SYS_futimesat SYS_signalfd SYS_eventfd
};

#[cfg(not(target_arch = "x86_64"))]
const ALLOWED_LEGACY: &[c_long] = &[];
