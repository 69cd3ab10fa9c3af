//! Who the function is outside: ids that own nothing on this machine.

use std::fs;

use rustix::process::{getegid, geteuid};
use rustix::thread::{CapabilitySet, capabilities};

use crate::layer::Layer;
use crate::wire::Failure;

/// The user and group that a function sees itself as, as on AWS.
pub(crate) const UID_INSIDE: u32 = 993;
pub(crate) const GID_INSIDE: u32 = 990;

/// How ids inside are mapped to ids outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identities {
    /// Root maps two fresh ids for each sandbox: 0, which builds it, and the function's own.
    Ranges { base: u32, slots: u32 },
    /// Somebody else can only map their own id, which then both builds and runs.
    Own { uid: u32, gid: u32 },
}

const FAVOURITE: u32 = 0x7000_0000;
const FAVOURITE_SLOTS: u32 = 1 << 20;

impl Identities {
    /// What this process may map.
    pub(crate) fn choose() -> Self {
        let own = Self::Own { uid: geteuid().as_raw(), gid: getegid().as_raw() };
        if !privileged() {
            return own;
        }
        let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
        ranges(&map).unwrap_or(own)
    }

    /// The slot of a sandbox, by its number.
    pub(crate) fn slot(self, number: u32) -> u32 {
        match self {
            Self::Ranges { slots, .. } => number % slots.max(1),
            Self::Own { .. } => 0,
        }
    }

    /// Writes the maps of a new process.
    pub(crate) fn write(self, pid: i32, slot: u32) -> Result<(), Failure> {
        let write = |file: &str, text: String| {
            fs::write(format!("/proc/{pid}/{file}"), text).map_err(|e| {
                Failure::layer(
                    Layer::UserNamespace,
                    format!("{file}: {e}"),
                    "allow user namespaces: `sysctl kernel.apparmor_restrict_unprivileged_userns=0`",
                )
            })
        };
        match self {
            Self::Ranges { base, .. } => {
                let root = base + 2 * slot;
                write("uid_map", format!("0 {root} 1\n{UID_INSIDE} {} 1\n", root + 1))?;
                write("gid_map", format!("0 {root} 1\n{GID_INSIDE} {} 1\n", root + 1))
            }
            Self::Own { uid, gid } => {
                write("setgroups", "deny".into())?;
                write("uid_map", format!("{UID_INSIDE} {uid} 1\n"))?;
                write("gid_map", format!("{GID_INSIDE} {gid} 1\n"))
            }
        }
    }
}

/// Whether this process may map foreign ids and open mounts for its children.
pub(crate) fn privileged() -> bool {
    let needed = CapabilitySet::SETUID | CapabilitySet::SETGID | CapabilitySet::SYS_ADMIN;
    geteuid().is_root() && capabilities(None).is_ok_and(|sets| sets.effective.contains(needed))
}

/// Takes ids from the top of what `uid_map` gives, away from those that people and services have.
fn ranges(map: &str) -> Option<Identities> {
    let extents = map.lines().filter_map(|line| {
        let mut fields = line.split_whitespace().map(str::parse::<u32>);
        let (first, _, count) = (fields.next()?.ok()?, fields.next()?.ok()?, fields.next()?.ok()?);
        Some((first, count))
    });
    let (first, count) = extents.max_by_key(|(_, count)| *count)?;
    let end = first.saturating_add(count);
    if first <= FAVOURITE && end >= FAVOURITE + 2 * FAVOURITE_SLOTS {
        return Some(Identities::Ranges { base: FAVOURITE, slots: FAVOURITE_SLOTS });
    }
    // 65534 is `nobody`, whom others use too.
    let end = end.min(65_534);
    let slots = end.checked_sub(first.max(2000))? / 2;
    let slots = slots.min(8192);
    (slots >= 64).then(|| Identities::Ranges { base: end - 2 * slots, slots })
}

#[cfg(test)]
mod tests {
    use super::{Identities, ranges};

    #[test]
    fn ids_come_from_the_top_of_what_is_mapped() {
        let whole = "         0          0 4294967295\n";
        assert_eq!(ranges(whole), Some(Identities::Ranges { base: 0x7000_0000, slots: 1 << 20 }));
        let container = "0 100000 65536\n";
        assert_eq!(ranges(container), Some(Identities::Ranges { base: 65_534 - 2 * 8192, slots: 8192 }));
        assert_eq!(ranges("0 1000 1\n"), None);
        assert_eq!(ranges(""), None);
    }
}
