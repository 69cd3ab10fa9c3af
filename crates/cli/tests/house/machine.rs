//! Machines that lack something: the layer is named, with what to do, and nothing runs without it.
//!
//! What is taken away is taken away in namespaces of the test's own or from another user, never from the machine.

use std::process::Command;

use crate::place::{BURGWARD, Ended, Place, Up, app, skipped, succeed};

/// True if the test may change user and mount; says so if not.
fn privileged(test: &str) -> bool {
    let root = rustix::process::getuid().is_root();
    if !root {
        skipped(test, "it needs root, to take something away without touching the machine");
    }
    root
}

fn refused_behind(wrapper: &[&str]) -> Ended {
    let mut place = Place::new();
    place.wrapper = wrapper.iter().map(ToString::to_string).collect();
    place.refused(&app("plain-cloudformation"), &[])
}

#[test]
fn no_user_namespaces() {
    // The limit belongs to the namespace that `unshare` makes, and to those below it.
    let limit = "echo 0 > /proc/sys/user/max_user_namespaces; exec \"$@\"";
    let possible = Command::new("unshare").args(["-Ur", "sh", "-c", limit, "sh", "true"]).output();
    if !possible.is_ok_and(|output| output.status.success()) {
        skipped("no_user_namespaces", "this machine has none to begin with");
        return;
    }
    let said = refused_behind(&["unshare", "-Ur", "sh", "-c", limit, "sh"]);
    let expected = "\
checking every layer of the sandbox
error: isolation layer `user-namespace` cannot be enforced here: clone3: No space left on device (os error 28)
hint: allow user namespaces: `sysctl -w user.max_user_namespaces=15000`, on Debian and Ubuntu also \
`kernel.unprivileged_userns_clone=1` and `kernel.apparmor_restrict_unprivileged_userns=0`";
    assert_eq!(said.said(), (Some(2), expected));
}

/// Nothing is left of the machine's groups, for one program and those that it starts.
const HIDE_GROUPS: &str = "mount -t tmpfs -o ro none /sys/fs/cgroup && exec \"$@\"";

const NO_GROUP: &str = "\
hint: start as root, or in a delegated group: `systemd-run --user --scope -p Delegate=yes burgward up`; or name the \
layer in `--allow-unenforced`";

fn lacks_groups(said: &Ended) {
    let lines: Vec<_> = said.stderr.lines().collect();
    assert_eq!((said.status, lines.len()), (Some(2), 3), "{said:?}");
    assert_eq!((lines[0], lines[2]), ("checking every layer of the sandbox", NO_GROUP), "{said:?}");
    // Where the group is, and why it cannot be used, differs between machines.
    assert!(lines[1].starts_with("error: isolation layer `memory-limit` cannot be enforced here: "), "{said:?}");
}

#[test]
fn no_control_groups() {
    if privileged("no_control_groups") {
        lacks_groups(&refused_behind(&["unshare", "-m", "sh", "-c", HIDE_GROUPS, "sh"]));
    }
}

#[test]
fn a_user_who_may_not_make_control_groups() {
    if !privileged("a_user_who_may_not_make_control_groups") {
        return;
    }
    let mut place = Place::new();
    // Neither the checkout nor the target folder need be open to that user.
    let from = app("plain-cloudformation");
    let folder = place.write_app(&[("template.yaml", &std::fs::read_to_string(from.join("template.yaml")).unwrap())]);
    let binary = place.path("burgward");
    std::fs::copy(BURGWARD, &binary).unwrap();
    let owned = Command::new("chown").args(["-R", "65534:65534"]).arg(place.path("")).status().unwrap();
    assert!(owned.success());
    let binary = binary.to_string_lossy().into_owned();
    let other = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "sh", "-c"];
    // The binary under test comes as an argument: its copy takes its place.
    place.wrapper = other.iter().map(ToString::to_string).collect();
    place.wrapper.extend(["shift; exec \"$0\" \"$@\"".into(), binary]);
    lacks_groups(&place.refused(&folder, &[]));
}

#[test]
fn data_that_may_not_be_written() {
    if !privileged("data_that_may_not_be_written") {
        return;
    }
    let mut place = Place::new();
    std::fs::create_dir(place.data()).unwrap();
    // To root everything can be written but what is mounted to be read.
    let lock = "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" && exec \"$@\"";
    let data = place.data().to_string_lossy().into_owned();
    place.wrapper = ["unshare", "-m", "sh", "-c", lock, &data].map(str::to_owned).into();
    let said = place.refused(&app("plain-cloudformation"), &[]);
    let expected = "\
error: root key: cannot write `[DIR]/data/root-key.check`: Read-only file system (os error 30)
  hint: check that the path exists, is writable and has free space";
    assert_eq!(said.said(), (Some(2), expected));
}

/// The layers that the enforcement state says are not in force.
fn missing(up: &Up) -> Vec<String> {
    let layers = up.ready["enforcement"]["sandbox"].as_array().unwrap();
    let missing = layers.iter().filter(|layer| layer["active"] == false);
    missing.map(|layer| layer["id"].as_str().unwrap().to_owned()).collect()
}

/// Layers that are given up by name: the app runs, and nobody is left to believe that they hold.
#[test]
fn layers_that_are_given_up_by_name() {
    if !privileged("layers_that_are_given_up_by_name") {
        return;
    }
    let (mut place, app) = (Place::new(), app("plain-cloudformation"));
    let up = place.up(&app, &[]);
    assert_eq!(missing(&up), [""; 0]);
    assert_eq!(up.ready["enforcement"]["relaxed"], serde_json::json!([]));
    up.stop();
    place.wrapper = ["unshare", "-m", "sh", "-c", HIDE_GROUPS, "sh"].map(str::to_owned).into();
    let groups = ["memory-limit", "pids-limit", "cpu-limit", "freezer"];
    let flags: Vec<&str> = groups.iter().flat_map(|id| ["--allow-unenforced", id]).collect();
    let up = place.up(&app, &flags);
    assert_eq!(missing(&up), groups);
    let relaxed: Vec<_> = groups.iter().map(|id| format!("--allow-unenforced {id}")).collect();
    assert_eq!(up.ready["enforcement"]["relaxed"], serde_json::json!(relaxed));
    for id in groups {
        assert!(up.log().contains(&format!("NOT in force: {id} (")), "{}", up.log());
        assert!(up.log().contains(&format!("RELAXED       --allow-unenforced {id}\n")), "{}", up.log());
    }
    succeed(&mut up.python(&[app.join("check.py")], &[]));
    // Three of four is not enough.
    up.stop();
    lacks_groups(&place.refused(&app, &flags[2..]));
}

#[test]
fn selftest_tries_every_layer() {
    let place = Place::new();
    let said = place.run(&["selftest", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((&document["schema"], &document["active"]), (&"burgward/selftest-v1".into(), &true.into()), "{said:?}");
    assert_eq!(said.status, Some(0));
    let layers = document["layers"].as_array().unwrap();
    assert!(layers.len() > 19, "sandbox and encryption: {document:#}");
    assert!(layers.iter().all(|layer| !layer["evidence"].as_str().unwrap().is_empty()), "{document:#}");
    if privileged("selftest_tries_every_layer") {
        let mut place = Place::new();
        place.wrapper = ["unshare", "-m", "sh", "-c", HIDE_GROUPS, "sh"].map(str::to_owned).into();
        let said = place.run(&["selftest"]);
        assert_eq!(said.status, Some(1), "{said:?}");
        assert!(said.stdout.contains("MISSING spawner"), "{said:?}");
    }
}
