//! The second wall around files: Landlock, which holds even where a mount should not.

use landlock::{
    ABI, Access, AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus, Scope,
};

use crate::spec::SandboxSpec;

/// The oldest ABI that counts as a layer (Linux 5.19, so that Debian 12 has it). Newer rights are used where the kernel
/// knows them: truncation (3), device ioctls (5), signals and abstract sockets (6). The network rights (4) are not: a
/// function may open any port of its own loopback, and there is no other network.
const LEAST: ABI = ABI::V2;
const NEWEST: ABI = ABI::V7;

/// Confines this process and all that it starts: read and execute what was bound, write `/tmp` and the null devices.
pub(crate) fn confine(spec: &SandboxSpec) -> Result<(), String> {
    let read = AccessFs::from_read(LEAST);
    let device = BitFlags::from(AccessFs::ReadFile) | AccessFs::WriteFile | AccessFs::Truncate | AccessFs::IoctlDev;
    let tmp = AccessFs::from_all(NEWEST) & !(AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::IoctlDev);
    let mut rules: Vec<(&str, BitFlags<AccessFs>)> = vec![
        ("/", AccessFs::ReadDir.into()),
        ("/proc", AccessFs::ReadFile | AccessFs::ReadDir),
        ("/tmp", tmp),
        ("/dev/null", device),
        ("/dev/zero", device),
        ("/dev/full", device),
        ("/dev/random", AccessFs::ReadFile.into()),
        ("/dev/urandom", AccessFs::ReadFile.into()),
    ];
    rules.extend(spec.binds.iter().map(|bind| (bind.target.as_str(), read)));
    rules.extend(spec.files.iter().map(|file| (file.target.as_str(), read)));
    apply(&rules).map_err(|e| e.to_string())
}

/// Confines this process so that it can open no file at all.
pub(crate) fn confine_to_nothing() -> Result<(), String> {
    apply(&[]).map_err(|e| e.to_string())
}

fn apply(rules: &[(&str, BitFlags<AccessFs>)]) -> Result<(), Box<dyn std::error::Error>> {
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(LEAST))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(NEWEST))?
        .scope(Scope::AbstractUnixSocket | Scope::Signal)?
        .create()?;
    for (path, access) in rules {
        let path = PathFd::new(path)?;
        let directory = rustix::fs::fstat(&path).is_ok_and(|s| rustix::fs::FileType::from_raw_mode(s.st_mode).is_dir());
        let access = if directory { *access } else { *access & AccessFs::from_file(NEWEST) };
        ruleset = ruleset.add_rule(PathBeneath::new(path, access))?;
    }
    let status = ruleset.restrict_self()?;
    if status.ruleset == RulesetStatus::NotEnforced {
        Err("the kernel did not enforce the rules".into())
    } else {
        Ok(())
    }
}

/// Whether this kernel knows the least that counts.
pub(crate) fn supported() -> Result<(), String> {
    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(LEAST))
        .and_then(Ruleset::create)
        .map(drop)
        .map_err(|e| e.to_string())
}
