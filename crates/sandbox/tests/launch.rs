//! A sandbox runs what it is given, and says how that ended.

mod common;

use common::{run, shell, spawner};

#[test]
fn a_program_runs_and_its_end_is_told() {
    let spawner = spawner();
    let outcome = run(&spawner, &shell("echo out; echo err >&2; id -u; hostname; exit 7"));
    assert_eq!(outcome.stdout, "out\n993\nfunction\n", "{}", outcome.stderr);
    assert_eq!(outcome.stderr, "err\n");
    assert_eq!((outcome.exit.code, outcome.exit.signal, outcome.exit.oom), (Some(7), None, false));
}
