//! The self-test: every layer answers from inside a real sandbox.

mod common;

use burgward_sandbox::probe;
use common::spawner;

#[test]
fn every_layer_is_active_on_this_machine() {
    let spawner = spawner();
    let missing: Vec<_> = probe(&spawner).into_iter().filter(|layer| !layer.active).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
