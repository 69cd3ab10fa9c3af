//! Control groups, whichever way this machine has them: v1, v2 or both at once.
//!
//! Each run has a group of its own below the group it was started in, and locks it: a group without a lock belongs to a run
//! that is dead, and the next run removes it with whatever is left inside.

use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use crate::layer::Layer;
use crate::spec::SandboxSpec;
use crate::wire::Failure;

const PREFIX: &str = "burgward-";
const HINT: &str = "start as root, or in a delegated group: `systemd-run --user --scope -p Delegate=yes burgward up`; \
                    or name the layer in `--allow-unenforced`";

/// "The writing thread itself": the one move for which the kernel need not stop all forks of the machine first, which takes
/// it milliseconds.
pub(crate) const ENTER: &[u8] = b"0";

/// What the platform needs of a sandbox's groups while it runs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Handles {
    pub(crate) freeze_v2: Option<PathBuf>,
    pub(crate) freeze_v1: Option<PathBuf>,
    pub(crate) memory_current: Option<PathBuf>,
    pub(crate) groups: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    V1,
    V2,
}

/// One hierarchy in which this run has a group.
#[derive(Debug)]
struct Hierarchy {
    version: Version,
    /// The layers enforced here.
    layers: Vec<Layer>,
    group: PathBuf,
    _lock: File,
}

/// The groups of this run.
#[derive(Debug)]
pub(crate) struct Groups {
    hierarchies: Vec<Hierarchy>,
}

/// The groups of one sandbox.
#[derive(Debug)]
pub(crate) struct SandboxGroups {
    v2: Option<File>,
    paths: Vec<(Version, Vec<Layer>, PathBuf)>,
}

const CONTROLLED: [(Layer, &str); 4] =
    [(Layer::MemoryLimit, "memory"), (Layer::PidsLimit, "pids"), (Layer::CpuLimit, "cpu"), (Layer::Freezer, "freezer")];

/// A mounted hierarchy and the group of it that this process is in.
struct Place {
    version: Version,
    controllers: Vec<String>,
    mount: PathBuf,
    own: PathBuf,
}

impl Groups {
    /// Makes the groups of this run and removes those of dead ones. Says which wanted layers could not be had, and why.
    pub(crate) fn create(wanted: &[Layer]) -> (Self, Vec<Failure>) {
        let places = places().unwrap_or_default();
        let mut groups = Self { hierarchies: Vec::new() };
        let mut missing = Vec::new();
        for (layer, controller) in CONTROLLED.iter().filter(|(layer, _)| wanted.contains(layer)) {
            if let Err(reason) = groups.add(&places, *layer, controller) {
                missing.push(Failure::layer(*layer, reason, HINT));
            }
        }
        (groups, missing)
    }

    fn add(&mut self, places: &[Place], layer: Layer, controller: &str) -> Result<(), String> {
        // Freezing works in every v2 group, without a controller, and lets frozen processes be killed: prefer it.
        let v2 = places.iter().find(|place| place.version == Version::V2);
        let v1 = places
            .iter()
            .find(|place| place.version == Version::V1 && place.controllers.iter().any(|c| c == controller));
        let place = match (layer, v1, v2) {
            (Layer::Freezer, _, Some(v2)) | (_, None, Some(v2)) => v2,
            (_, Some(v1), _) => v1,
            (_, None, None) => return Err(format!("no control group hierarchy has the controller `{controller}`")),
        };
        let existing =
            self.hierarchies.iter_mut().find(|h| h.version == place.version && h.group.starts_with(&place.mount));
        if let Some(hierarchy) = existing {
            if place.version == Version::V2 && layer != Layer::Freezer {
                let base = hierarchy.group.parent().unwrap_or(&hierarchy.group);
                enable(base, controller).and_then(|()| enable(&hierarchy.group, controller))?;
            }
            hierarchy.layers.push(layer);
            return Ok(());
        }
        let needs = (place.version == Version::V2 && layer != Layer::Freezer).then_some(controller);
        let hierarchy = create_in(place, needs)?;
        self.hierarchies.push(Hierarchy { layers: vec![layer], ..hierarchy });
        Ok(())
    }

    /// Makes and limits the groups of one sandbox.
    pub(crate) fn sandbox(&self, number: u64, spec: &SandboxSpec) -> Result<SandboxGroups, Failure> {
        let mut made = SandboxGroups { v2: None, paths: Vec::new() };
        for hierarchy in &self.hierarchies {
            let path = hierarchy.group.join(number.to_string());
            made.add(hierarchy, &path, spec).map_err(|error| {
                let hint = "was the group removed, or is its limit of descendants reached?";
                Failure::new(format!("control group {}", path.display()), error, hint)
            })?;
        }
        Ok(made)
    }

    /// Kills what is left in this run's groups and removes them.
    pub(crate) fn remove_all(&self) {
        for hierarchy in &self.hierarchies {
            remove_tree(&hierarchy.group);
        }
    }
}

impl SandboxGroups {
    fn add(&mut self, hierarchy: &Hierarchy, path: &Path, spec: &SandboxSpec) -> io::Result<()> {
        fs::create_dir(path)?;
        self.paths.push((hierarchy.version, hierarchy.layers.clone(), path.to_owned()));
        limit(hierarchy, path, spec)?;
        if hierarchy.version == Version::V2 {
            self.v2 = Some(File::open(path)?);
        }
        Ok(())
    }

    /// The v2 group, to clone into.
    pub(crate) fn clone_into(&self) -> Option<BorrowedFd<'_>> {
        self.v2.as_ref().map(AsFd::as_fd)
    }

    /// Files by which a process enters the v1 groups, into which it cannot be cloned, by writing [`ENTER`].
    pub(crate) fn doors(&self) -> Result<Vec<File>, Failure> {
        let v1 = self.paths.iter().filter(|(version, _, _)| *version == Version::V1);
        v1.map(|(_, _, path)| {
            let open = File::options().write(true).open(path.join("tasks"));
            open.map_err(|e| Failure::new(format!("open control group {}", path.display()), e, HINT))
        })
        .collect()
    }

    pub(crate) fn handles(&self) -> Handles {
        let find = |layer: Layer, wanted: Version, file: &str| {
            self.paths
                .iter()
                .find(|(version, layers, _)| *version == wanted && layers.contains(&layer))
                .map(|(_, _, path)| path.join(file))
        };
        Handles {
            freeze_v2: find(Layer::Freezer, Version::V2, "cgroup.freeze"),
            freeze_v1: find(Layer::Freezer, Version::V1, "freezer.state"),
            memory_current: find(Layer::MemoryLimit, Version::V2, "memory.current")
                .or_else(|| find(Layer::MemoryLimit, Version::V1, "memory.usage_in_bytes")),
            groups: self.paths.iter().map(|(_, _, path)| path.clone()).collect(),
        }
    }

    /// Whether the kernel killed something inside for want of memory.
    pub(crate) fn oom_killed(&self) -> bool {
        self.paths.iter().filter(|(_, layers, _)| layers.contains(&Layer::MemoryLimit)).any(|(version, _, path)| {
            let file = if *version == Version::V2 { "memory.events" } else { "memory.oom_control" };
            let text = fs::read_to_string(path.join(file)).unwrap_or_default();
            text.lines().filter_map(|line| line.strip_prefix("oom_kill ")).any(|count| count.trim() != "0")
        })
    }

    /// Kills what is inside and removes the groups. True when nothing is left of them.
    pub(crate) fn remove(&mut self) -> bool {
        self.v2 = None;
        self.paths.retain(|(_, _, path)| !remove_tree(path));
        self.paths.is_empty()
    }
}

impl Drop for SandboxGroups {
    /// So that a launch that fails halfway leaves no group behind.
    fn drop(&mut self) {
        self.remove();
    }
}

fn limit(hierarchy: &Hierarchy, path: &Path, spec: &SandboxSpec) -> io::Result<()> {
    let set = |file: &str, value: String| fs::write(path.join(file), value);
    let v2 = hierarchy.version == Version::V2;
    let period = 100_000_u64;
    let quota = (u64::from(spec.cpu_millis) * period / 1000).max(1000);
    let memory = spec.memory_bytes.saturating_add(spec.tmp_bytes).to_string();
    for layer in &hierarchy.layers {
        match (layer, v2) {
            (Layer::MemoryLimit, true) => {
                set("memory.max", memory.clone())?;
                optional(set("memory.swap.max", "0".into()))?;
                set("memory.oom.group", "1".into())?;
            }
            (Layer::MemoryLimit, false) => {
                set("memory.limit_in_bytes", memory.clone())?;
                optional(set("memory.memsw.limit_in_bytes", memory.clone()))?;
                set("memory.swappiness", "0".into())?;
            }
            (Layer::PidsLimit, _) => set("pids.max", spec.pids_max.to_string())?,
            (Layer::CpuLimit, true) => set("cpu.max", format!("{quota} {period}"))?,
            (Layer::CpuLimit, false) => {
                set("cpu.cfs_period_us", period.to_string())?;
                set("cpu.cfs_quota_us", quota.to_string())?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Files that exist only where the kernel accounts swap.
fn optional(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Makes this run's group in the process's own group or, where that may not have children with controllers, in the nearest
/// ancestor that may.
fn create_in(place: &Place, controller: Option<&str>) -> Result<Hierarchy, String> {
    let mut reason = format!("{} cannot be written", place.own.display());
    for base in place.own.ancestors().take_while(|base| base.starts_with(&place.mount)) {
        remove_stale(base);
        let attempt = controller.map_or(Ok(()), |name| enable(base, name)).and_then(|()| make_group(base));
        match attempt {
            Ok((group, lock)) => {
                if let Some(name) = controller {
                    enable(&group, name)?;
                }
                return Ok(Hierarchy { version: place.version, layers: Vec::new(), group, _lock: lock });
            }
            Err(error) => reason = format!("{}: {error}", base.display()),
        }
        if place.version == Version::V1 {
            break;
        }
    }
    Err(reason)
}

fn make_group(base: &Path) -> Result<(PathBuf, File), String> {
    let group = base.join(format!("{PREFIX}{}", std::process::id()));
    fs::create_dir(&group).or_else(|e| if group.is_dir() { Ok(()) } else { Err(e) }).map_err(|e| e.to_string())?;
    let lock = File::open(&group).map_err(|e| e.to_string())?;
    flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|e| format!("lock: {e}"))?;
    Ok((group, lock))
}

fn enable(group: &Path, controller: &str) -> Result<(), String> {
    let file = group.join("cgroup.subtree_control");
    let enabled = fs::read_to_string(&file).map_err(|e| e.to_string())?;
    if enabled.split_whitespace().any(|name| name == controller) {
        return Ok(());
    }
    fs::write(&file, format!("+{controller}")).map_err(|e| format!("controller `{controller}`: {e}"))
}

/// Removes the groups of runs that are dead, which is to say: that hold no lock.
fn remove_stale(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if !ours {
            continue;
        }
        let Ok(group) = File::open(entry.path()) else { continue };
        if flock(&group, FlockOperation::NonBlockingLockExclusive).is_ok() {
            remove_tree(&entry.path());
        }
    }
}

/// Kills everything in a group and below and removes it; true when it is gone.
fn remove_tree(group: &Path) -> bool {
    for entry in fs::read_dir(group).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_tree(&entry.path());
        }
    }
    if fs::remove_dir(group).is_ok() {
        return true;
    }
    // A frozen v1 group does not die, and a v2 group dies at once by `cgroup.kill`; the files exist in one kind each.
    if group.join("freezer.state").exists() {
        fs::write(group.join("freezer.state"), "THAWED").ok();
    }
    if fs::write(group.join("cgroup.kill"), "1").is_err() {
        let members = fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default();
        for pid in members.lines().filter_map(|line| rustix::process::Pid::from_raw(line.parse().ok()?)) {
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).ok();
        }
    }
    match fs::remove_dir(group) {
        Ok(()) => true,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// The hierarchies mounted here and this process's own group in each.
fn places() -> io::Result<Vec<Place>> {
    let mounts = fs::read_to_string("/proc/self/mountinfo")?;
    let own = fs::read_to_string("/proc/self/cgroup")?;
    Ok(own.lines().filter_map(|line| place(line, &mounts)).collect())
}

fn place(line: &str, mounts: &str) -> Option<Place> {
    let mut fields = line.splitn(3, ':');
    let (number, names, path) = (fields.next()?, fields.next()?, fields.next()?);
    let version = if number == "0" { Version::V2 } else { Version::V1 };
    let controllers: Vec<String> = names.split(',').map(str::to_owned).collect();
    let (root, mount) = mounts.lines().find_map(|mount| {
        let (left, right) = mount.split_once(" - ")?;
        let mut right = right.split(' ');
        let (kind, _source, options) = (right.next()?, right.next()?, right.next()?);
        let matches = match version {
            Version::V2 => kind == "cgroup2",
            Version::V1 => kind == "cgroup" && controllers.iter().all(|name| options.split(',').any(|o| o == name)),
        };
        let mut left = left.split(' ').skip(3);
        matches.then_some((left.next()?, left.next()?))
    })?;
    let relative = Path::new(path).strip_prefix(root).unwrap_or(Path::new(""));
    let mount = PathBuf::from(mount);
    Some(Place { version, controllers, own: mount.join(relative), mount })
}
