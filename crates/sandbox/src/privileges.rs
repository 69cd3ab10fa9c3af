//! Giving up what the builder of the sandbox had.

use rustix::io::Errno;
use rustix::thread::{
    CapabilitiesSecureBits, CapabilitySet, CapabilitySets, clear_ambient_capability_set,
    remove_capability_from_bounding_set, set_capabilities, set_capabilities_secure_bits, set_thread_groups,
    set_thread_res_gid, set_thread_res_uid,
};

use crate::child::raw_ids;
use crate::layer::Layer;
use crate::wire::Failure;

fn missing(step: &'static str) -> impl Fn(Errno) -> Failure {
    move |e| Failure::layer(Layer::Capabilities, format!("{step}: {e}"), "report this with the kernel's version")
}

/// Becomes one of the mapped users. Supplementary groups can be cleared only where the map was written by root.
pub(crate) fn become_user(uid: u32, gid: u32, clear_groups: bool) -> Result<(), Failure> {
    let (uid, gid) = raw_ids(uid, gid);
    if clear_groups {
        set_thread_groups(&[]).map_err(missing("groups"))?;
    }
    set_thread_res_gid(gid, gid, gid).map_err(missing("group"))?;
    set_thread_res_uid(uid, uid, uid).map_err(missing("user"))
}

/// Locks the rules by which a user id could bring capabilities back, and empties the bounding set.
pub(crate) fn lock_bits() -> Result<(), Failure> {
    clear_ambient_capability_set().map_err(missing("ambient set"))?;
    for bit in 0..64 {
        match remove_capability_from_bounding_set(CapabilitySet::from_bits_retain(1 << bit)) {
            Ok(()) => {}
            // The kernel knows no capability of this number, nor of a higher one.
            Err(Errno::INVAL) => break,
            Err(e) => return Err(missing("bounding set")(e)),
        }
    }
    let locked = CapabilitiesSecureBits::NO_ROOT
        | CapabilitiesSecureBits::NO_ROOT_LOCKED
        | CapabilitiesSecureBits::NO_SETUID_FIXUP
        | CapabilitiesSecureBits::NO_SETUID_FIXUP_LOCKED
        | CapabilitiesSecureBits::KEEP_CAPS_LOCKED
        | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE
        | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE_LOCKED;
    set_capabilities_secure_bits(locked).map_err(missing("secure bits"))
}

/// Empties the effective, permitted and inheritable sets.
pub(crate) fn drop_all() -> Result<(), Failure> {
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })
        .map_err(missing("sets"))
}
