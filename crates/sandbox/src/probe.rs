//! The platform's side of the self-test: starts one real sandbox for the probe and adds what only the outside can see.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;

use crate::error::SandboxError;
use crate::inside::{Finding, OUTSIDE_NAMESPACE, OUTSIDE_PID, OUTSIDE_PORT};
use crate::layer::{Layer, LayerReport};
use crate::sandbox::Sandbox;
use crate::spawner::Spawner;
use crate::spec::SandboxSpec;

/// A fifth of a processor.
const CPU_MILLIS: u32 = 200;

/// Tries every layer from inside a real sandbox: [`Layer::ALL`], in order. A layer whose probe could not run is reported
/// as not active.
#[must_use]
pub fn probe(spawner: &Spawner) -> Vec<LayerReport> {
    let findings = match ask(spawner) {
        Ok(findings) => findings,
        Err(error) => {
            let evidence = format!("the probe could not run: {error}");
            return Layer::ALL
                .iter()
                .map(|l| LayerReport { id: l.id(), active: false, evidence: evidence.clone() })
                .collect();
        }
    };
    let report = |layer: &Layer| {
        let (active, evidence) =
            findings.get(layer.id()).cloned().unwrap_or_else(|| (false, "the probe said nothing of it".into()));
        LayerReport { id: layer.id(), active, evidence }
    };
    Layer::ALL.iter().map(report).collect()
}

fn ask(spawner: &Spawner) -> Result<BTreeMap<String, Finding>, SandboxError> {
    // A listener of the platform's own: the probe must not reach it.
    let bait = TcpListener::bind(("127.0.0.1", 0)).map_err(SandboxError::spawner)?;
    let port = bait.local_addr().map_err(SandboxError::spawner)?.port();
    let sandbox = spawner.spawn_as(&specification(port), true)?;
    let stdout = sandbox.stdout.try_clone().map_err(SandboxError::spawner)?;
    let mut line = String::new();
    BufReader::new(File::from(stdout)).read_line(&mut line).map_err(SandboxError::spawner)?;
    let mut findings: BTreeMap<String, Finding> = serde_json::from_str(&line)
        .map_err(|e| SandboxError::spawner(format!("the probe answered `{}`: {e}", line.trim())))?;
    findings.insert(Layer::CpuLimit.id().into(), processor(&sandbox));
    findings.insert(Layer::Freezer.id().into(), freezer(&sandbox));
    Ok(findings)
}

fn specification(port: u16) -> SandboxSpec {
    let mut env =
        vec![(OUTSIDE_PID.to_owned(), std::process::id().to_string()), (OUTSIDE_PORT.to_owned(), port.to_string())];
    for kind in ["user", "mnt", "pid", "net", "ipc", "uts", "cgroup"] {
        if let Ok(link) = fs::read_link(Path::new("/proc/self/ns").join(kind)) {
            env.push((format!("{OUTSIDE_NAMESPACE}{kind}"), link.display().to_string()));
        }
    }
    SandboxSpec {
        id: 0,
        label: "self-test".into(),
        argv: vec!["/probe".into()],
        env,
        cwd: "/tmp".into(),
        binds: Vec::new(),
        files: Vec::new(),
        tmp_bytes: 1 << 20,
        memory_bytes: 32 << 20,
        cpu_millis: CPU_MILLIS,
        pids_max: 16,
        nofile: 64,
        listen: Vec::new(),
    }
}

/// Reads the ceiling that the kernel holds for the group that the process is in. How often it had to intervene is told too,
/// but decides nothing: on a busy machine a process may never get as far as its ceiling.
fn processor(sandbox: &Sandbox) -> Finding {
    let read = |group: &Path, file: &str| fs::read_to_string(group.join(file)).ok();
    for group in &sandbox.handles().groups {
        let quota = read(group, "cpu.max").or_else(|| read(group, "cpu.cfs_quota_us")).unwrap_or_default();
        let inside =
            read(group, "cgroup.procs").is_some_and(|text| text.lines().any(|pid| pid == sandbox.pid.to_string()));
        let Ok(quota) = quota.split_whitespace().next().unwrap_or_default().parse::<u32>() else { continue };
        let stat = read(group, "cpu.stat").unwrap_or_default();
        let throttled = stat.lines().find_map(|line| line.strip_prefix("nr_throttled ")).unwrap_or("unknown");
        let words = format!(
            "{quota} us in 100 ms, process in the group: {inside}, throttled {throttled} times in 60 ms of use"
        );
        return (inside && quota == CPU_MILLIS * 100, words);
    }
    (false, "no control group of the sandbox limits processor time".into())
}

/// A frozen process stays where it is: the kernel says so of the group, and of the process by its state.
fn freezer(sandbox: &Sandbox) -> Finding {
    let handles = sandbox.handles();
    if handles.freeze_v1.is_none() && handles.freeze_v2.is_none() {
        return (false, "the sandbox is in no group that can be frozen".into());
    }
    let frozen = sandbox.freeze().map(|()| is_frozen(sandbox));
    let thawed = sandbox.thaw();
    match (frozen, thawed) {
        (Ok(frozen), Ok(())) => (frozen, format!("frozen on request: {frozen}, thawed again")),
        (Err(error), _) | (_, Err(error)) => (false, error.to_string()),
    }
}

fn is_frozen(sandbox: &Sandbox) -> bool {
    let Some(file) = &sandbox.handles().freeze_v2 else { return true };
    // An empty group counts as frozen too.
    let inside = |text: String| text.lines().any(|pid| pid == sandbox.pid.to_string());
    if !fs::read_to_string(file.with_file_name("cgroup.procs")).is_ok_and(inside) {
        return false;
    }
    let events = file.with_file_name("cgroup.events");
    // The kernel freezes as soon as each process enters it; nothing else announces that here.
    for _ in 0..200 {
        if fs::read_to_string(&events).is_ok_and(|text| text.lines().any(|line| line == "frozen 1")) {
            return true;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    false
}
