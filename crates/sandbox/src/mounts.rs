//! The sandbox's file system: a fresh root in memory that holds what was bound and nothing else.
//!
//! Everything is prepared as detached mounts while the host's tree is still in sight and attached after the change of root,
//! when no path can lead back: a link inside a bound tree cannot aim a mount at the host.

use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, OFlags, fstat};
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags,
    fsconfig_create, fsconfig_set_string, fsmount, fsopen, mount_change, move_mount, open_tree, unmount,
};

use crate::layer::Layer;
use crate::spec::{SandboxSpec, SmallFile};
use crate::sys;
use crate::wire::Failure;

const NOSUID: u64 = libc::MOUNT_ATTR_NOSUID;
const NODEV: u64 = libc::MOUNT_ATTR_NODEV;
const NOEXEC: u64 = libc::MOUNT_ATTR_NOEXEC;
const READ_ONLY: u64 = libc::MOUNT_ATTR_RDONLY;

const DEVICES: [&str; 5] = ["null", "zero", "full", "random", "urandom"];
const DEVICE_LINKS: [(&str, &str); 4] = [
    ("/proc/self/fd", "fd"),
    ("/proc/self/fd/0", "stdin"),
    ("/proc/self/fd/1", "stdout"),
    ("/proc/self/fd/2", "stderr"),
];
/// Files of `/proc` that speak of the host as a whole. They are covered even where an unprivileged reader learns little.
const MASKED: [&str; 11] = [
    "kcore",
    "keys",
    "key-users",
    "kallsyms",
    "kmsg",
    "timer_list",
    "sched_debug",
    "sysrq-trigger",
    "modules",
    "kpagecount",
    "kpageflags",
];

/// Detached copies of what the specification binds, opened by whoever may see the sources.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    binds: Vec<(OwnedFd, String)>,
    devices: Vec<(OwnedFd, &'static str)>,
}

fn hint_bind() -> String {
    "is the path there and readable? bind the real directory, not a removed one".into()
}

impl Sources {
    /// Opens and hardens the sources. As root this happens outside, where `/root` can be traversed.
    pub(crate) fn open(spec: &SandboxSpec) -> Result<Self, Failure> {
        let mut sources = Self::default();
        for bind in &spec.binds {
            let step = || format!("bind {} at {}", bind.source.display(), bind.target);
            let tree = clone_tree(&bind.source).map_err(|e| Failure::new(step(), e, hint_bind()))?;
            sys::mount_setattr(tree.as_fd(), true, READ_ONLY | NOSUID | NODEV)
                .map_err(|e| Failure::new(step(), e, "Linux 5.12 or newer is needed (mount_setattr)"))?;
            sources.binds.push((tree, bind.target.clone()));
        }
        for name in DEVICES {
            let path = Path::new("/dev").join(name);
            let device =
                clone_tree(&path).map_err(|e| Failure::new(format!("bind {}", path.display()), e, hint_bind()))?;
            // Not `nodev`, else they would be no devices; not read-only, which is meaningless for them.
            sys::mount_setattr(device.as_fd(), false, NOSUID | NOEXEC)
                .map_err(|e| Failure::new(format!("bind {}", path.display()), e, hint_bind()))?;
            sources.devices.push((device, name));
        }
        Ok(sources)
    }
}

fn clone_tree(path: &Path) -> Result<OwnedFd, Errno> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_RECURSIVE;
    open_tree(CWD, path, flags)
}

/// Which parts are taken away in a test build.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) private_proc: bool,
    pub(crate) private_tmp: bool,
    pub(crate) read_only: bool,
}

/// Builds the root and moves into it. Runs in the sandbox's own mount namespace.
pub(crate) fn build(spec: &SandboxSpec, sources: Option<Sources>, parts: Parts) -> Result<(), Failure> {
    let at = |step: &'static str| {
        move |e: Errno| Failure::layer(Layer::MountNamespace, format!("{step}: {e}"), "Linux 5.12 or newer is needed")
    };
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC).map_err(at("private mounts"))?;
    let sources = match sources {
        Some(sources) => sources,
        None => Sources::open(spec)?,
    };
    let proc = open_proc(parts)?;
    let held: u64 = spec.files.iter().map(|file| file.bytes.len() as u64 + 8192).sum();
    let root = tmpfs(held + (4 << 20), "0755").map_err(at("root in memory"))?;
    let tmp = tmpfs(spec.tmp_bytes.max(4096), "1777")
        .map_err(|e| Failure::layer(Layer::PrivateTmp, e, "is tmpfs in this kernel?"))?;

    // Any directory will do as the place of the new root for a moment; /proc is the one that must exist.
    attach(&root, Path::new("/proc")).map_err(at("attach root"))?;
    rustix::process::fchdir(&root).map_err(at("enter root"))?;
    rustix::process::pivot_root(".", ".").map_err(at("pivot_root"))?;
    unmount(".", UnmountFlags::DETACH).map_err(at("leave the host's tree"))?;
    rustix::process::chdir("/").map_err(at("chdir"))?;

    mount_at(&proc, "/proc")?;
    if parts.private_tmp {
        mount_at(&tmp, "/tmp")?;
    } else {
        fs::create_dir("/tmp").map_err(|e| Failure::new("make /tmp", e, "report this"))?;
    }
    devices(&sources)?;
    if parts.private_proc {
        mask_proc(&sources)?;
    }
    spec.files.iter().try_for_each(|file| write_file(spec, file))?;
    sources.binds.iter().try_for_each(|(tree, target)| mount_at(tree, target))?;
    if parts.read_only {
        sys::mount_setattr(root.as_fd(), false, READ_ONLY | NOSUID | NODEV).map_err(at("read-only root"))?;
    }
    Ok(())
}

fn open_proc(parts: Parts) -> Result<OwnedFd, Failure> {
    if !parts.private_proc {
        return clone_tree(Path::new("/proc")).map_err(|e| Failure::new("bind /proc", e, hint_bind()));
    }
    let missing = |e: Errno| {
        let hint =
            "inside a container, /proc must be mounted whole (`--security-opt systempaths=unconfined` for Docker)";
        Failure::layer(Layer::PrivateProc, e, hint)
    };
    let context = fsopen("proc", FsOpenFlags::FSOPEN_CLOEXEC).map_err(missing)?;
    fsconfig_set_string(&context, "hidepid", "invisible").map_err(missing)?;
    fsconfig_create(&context).map_err(missing)?;
    let mount = fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::empty()).map_err(missing)?;
    sys::mount_setattr(mount.as_fd(), false, READ_ONLY | NOSUID | NODEV | NOEXEC).map_err(missing)?;
    Ok(mount)
}

fn tmpfs(bytes: u64, mode: &str) -> Result<OwnedFd, Errno> {
    let context = fsopen("tmpfs", FsOpenFlags::FSOPEN_CLOEXEC)?;
    fsconfig_set_string(&context, "size", bytes.to_string())?;
    fsconfig_set_string(&context, "mode", mode)?;
    // Each file costs kernel memory besides its pages: without a bound, empty files would eat the sandbox's memory.
    fsconfig_set_string(&context, "nr_inodes", (bytes / 4096).clamp(256, 1 << 20).to_string())?;
    fsconfig_create(&context)?;
    let mount = fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::empty())?;
    sys::mount_setattr(mount.as_fd(), false, NOSUID | NODEV)?;
    Ok(mount)
}

fn attach(mount: &OwnedFd, target: &Path) -> Result<(), Errno> {
    move_mount(mount, "", CWD, target, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)
}

fn mount_at(mount: &OwnedFd, target: &str) -> Result<(), Failure> {
    let step = || format!("mount at {target}");
    let path = checked(target)?;
    let directory = fstat(mount).is_ok_and(|s| FileType::from_raw_mode(s.st_mode).is_dir());
    let made = if directory { fs::create_dir_all(&path) } else { make_file(&path, &[], 0o444) };
    if !path.exists() {
        made.map_err(|e| Failure::new(step(), e, "the target lies in a read-only bind and does not exist there"))?;
    }
    attach(mount, &path).map_err(|e| Failure::new(step(), e, "does another bind cover this target?"))
}

/// A target must be plain: absolute and without `..`, so that what is meant is what is mounted.
fn checked(target: &str) -> Result<PathBuf, Failure> {
    let path = Path::new(target);
    let plain = path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
    if path.is_absolute() && plain && path != Path::new("/") {
        return Ok(path.to_owned());
    }
    Err(Failure::new(
        format!("target `{target}`"),
        "is no plain absolute path below `/`",
        "write it as seen inside, e.g. `/var/task`",
    ))
}

fn make_file(path: &Path, bytes: &[u8], mode: u32) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let flags = OFlags::CREATE | OFlags::WRONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::TRUNC;
    let file = rustix::fs::open(path, flags, Mode::from_raw_mode(0o600))?;
    let mut file = fs::File::from(file);
    std::io::Write::write_all(&mut file, bytes)?;
    rustix::fs::fchmod(&file, Mode::from_raw_mode(mode & 0o777))?;
    Ok(())
}

fn write_file(spec: &SandboxSpec, file: &SmallFile) -> Result<(), Failure> {
    let path = checked(&file.target)?;
    let covers = spec.binds.iter().map(|bind| bind.target.as_str()).chain(["/proc", "/dev", "/tmp"]);
    if let Some(cover) = covers.into_iter().find(|cover| path.starts_with(cover)) {
        let reason = format!("`{cover}` is mounted over it");
        return Err(Failure::new(
            format!("write {}", file.target),
            reason,
            "put the file elsewhere, or into what is bound",
        ));
    }
    make_file(&path, &file.bytes, file.mode)
        .map_err(|e| Failure::new(format!("write {}", file.target), e, "does one file lie below another?"))
}

fn devices(sources: &Sources) -> Result<(), Failure> {
    for (device, name) in &sources.devices {
        mount_at(device, &format!("/dev/{name}"))?;
    }
    for (target, name) in DEVICE_LINKS {
        std::os::unix::fs::symlink(target, Path::new("/dev").join(name))
            .map_err(|e| Failure::new(format!("link /dev/{name}"), e, "report this"))?;
    }
    Ok(())
}

fn mask_proc(sources: &Sources) -> Result<(), Failure> {
    let Some((null, _)) = sources.devices.first() else { return Ok(()) };
    for name in MASKED {
        let path = Path::new("/proc").join(name);
        if !path.exists() {
            continue;
        }
        let masked = open_tree(
            null,
            "",
            OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_EMPTY_PATH,
        )
        .and_then(|mask| attach(&mask, &path));
        masked.map_err(|e| {
            Failure::layer(Layer::PrivateProc, format!("mask {}: {e}", path.display()), "report this kernel")
        })?;
    }
    Ok(())
}
