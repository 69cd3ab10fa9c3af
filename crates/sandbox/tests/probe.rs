//! The self-test: every layer answers from inside a real sandbox, and notices when it is taken away.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "clippy knows test functions, but not what only they call"
)]

mod common;

use burgward_sandbox::probe;
use common::spawner;

#[test]
fn every_layer_is_active_on_this_machine() {
    let spawner = spawner();
    let reports = probe(&spawner);
    let missing: Vec<_> = reports.iter().filter(|layer| !layer.active).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    for report in reports {
        println!("{}: {}", report.id, report.evidence);
    }
}

#[cfg(feature = "test-without-layers")]
mod without {
    use burgward_sandbox::{Layer, Spawner, SpawnerOptions, probe};

    use crate::common::options;

    /// What the probe says of `layer` with these layers taken away.
    fn active(layer: Layer, without: &[Layer]) -> bool {
        let spawner = Spawner::start(SpawnerOptions { without: without.to_vec(), ..options() }).unwrap();
        let reports = probe(&spawner);
        let report = reports.iter().find(|report| report.id == layer.id()).unwrap();
        assert!(!report.evidence.starts_with("the probe could not run"), "{}", report.evidence);
        println!("{layer} without {without:?}: {}", report.evidence);
        report.active
    }

    /// Some layers hide one another: those named here are taken away both times, so that only `layer` makes the difference.
    fn makes_the_difference(layer: Layer, masks: &[Layer]) {
        assert!(active(layer, masks), "{layer} does not hold by itself");
        let all: Vec<Layer> = masks.iter().copied().chain([layer]).collect();
        assert!(!active(layer, &all), "the probe of {layer} does not notice that it is gone");
    }

    macro_rules! layers {
        ($($test:ident: $layer:ident [$($mask:ident)*];)+) => {
            $(#[test] fn $test() { makes_the_difference(Layer::$layer, &[$(Layer::$mask),*]); })+
            #[test]
            fn no_layer_is_forgotten() {
                assert_eq!([$(Layer::$layer),+], Layer::ALL);
            }
        };
    }

    layers! {
        user_namespace: UserNamespace [];
        mount_namespace: MountNamespace [Landlock];
        pid_namespace: PidNamespace [PrivateProc];
        network_namespace: NetworkNamespace [];
        ipc_namespace: IpcNamespace [];
        uts_namespace: UtsNamespace [];
        cgroup_namespace: CgroupNamespace [];
        private_proc: PrivateProc [];
        capabilities: Capabilities [];
        no_new_privileges: NoNewPrivileges [Seccomp Landlock];
        seccomp: Seccomp [];
        landlock: Landlock [];
        memory_limit: MemoryLimit [];
        pids_limit: PidsLimit [];
        cpu_limit: CpuLimit [];
        freezer: Freezer [];
        private_tmp: PrivateTmp [];
        resource_limits: ResourceLimits [];
        descriptors: Descriptors [];
    }
}
