//! Any text is a policy or an error with a place; never a panic, never more than linear work.
#![no_main]

use burgward_iam::{Policy, PolicyKind};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for kind in [PolicyKind::Identity, PolicyKind::Resource, PolicyKind::Trust] {
        let _ = Policy::parse(text, "fuzzed", kind);
    }
});
