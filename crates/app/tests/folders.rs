//! A power cut after the first start: the folders are there, and the root key that opens them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on panics, in its helpers too")]

use std::path::Path;

use burgward_app::{Paths, unlock};
use burgward_testkit::PowerCut;

const DIR: &str = "FOLDERS_CRASH_DIR";

fn paths(dir: &Path) -> Paths {
    let cache = dir.join("cache");
    Paths { data: dir.join("apps/one"), root_key: dir.join("config/burgward/root.key"), control: cache.clone(), cache }
}

/// Not a test by itself: what the power is taken from.
#[test]
fn child_starts_for_the_first_time() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    drop(unlock(&paths(Path::new(&dir))).unwrap());
    println!("\nacknowledged start");
    std::thread::park();
}

#[test]
fn the_root_key_and_the_data_it_opens_outlive_a_power_cut() {
    let power = PowerCut::new();
    let _ = power.run("child_starts_for_the_first_time", DIR, 1);
    let (live, after) = (paths(&power.live()), paths(&power.after()));
    assert_eq!(std::fs::read(&after.root_key).unwrap(), std::fs::read(&live.root_key).unwrap());
    drop(unlock(&after).unwrap());
    assert!(after.data.read_dir().unwrap().next().is_some(), "what tells a wrong key is there");
}
