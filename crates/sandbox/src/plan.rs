//! What every sandbox of this spawner is made with, decided once.

use crate::cgroup::Groups;
use crate::files;
use crate::identity::Identities;
use crate::layer::Layer;
use crate::seccomp::Filters;
use crate::sys::{self, Cloned};
use crate::wire::Failure;

/// Decided when the spawner starts.
pub(crate) struct Plan {
    layers: Vec<Layer>,
    pub(crate) identities: Identities,
    pub(crate) filters: Filters,
    pub(crate) groups: Groups,
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plan")
            .field("layers", &self.layers)
            .field("identities", &self.identities)
            .finish_non_exhaustive()
    }
}

const NAMESPACES: [(Layer, i32); 6] = [
    (Layer::UserNamespace, libc::CLONE_NEWUSER),
    (Layer::MountNamespace, libc::CLONE_NEWNS),
    (Layer::PidNamespace, libc::CLONE_NEWPID),
    (Layer::NetworkNamespace, libc::CLONE_NEWNET),
    (Layer::IpcNamespace, libc::CLONE_NEWIPC),
    (Layer::UtsNamespace, libc::CLONE_NEWUTS),
];

impl Plan {
    /// Finds out what this machine can do; a layer that is missing and not allowed to be is a refusal.
    pub(crate) fn new(allow_unenforced: &[Layer], without: &[Layer]) -> Result<Self, Failure> {
        let mut layers: Vec<Layer> = Layer::ALL.iter().copied().filter(|layer| !without.contains(layer)).collect();
        let identities = Identities::choose();
        let filters = Filters::compile()?;
        let (groups, mut missing) = Groups::create(&layers);
        if layers.contains(&Layer::Landlock)
            && let Err(reason) = files::supported()
        {
            missing.push(Failure::layer(Layer::Landlock, reason, LANDLOCK_HINT));
        }
        for failure in missing {
            let layer = failure.layer.filter(|layer| allow_unenforced.contains(layer));
            let Some(layer) = layer else {
                groups.remove_all();
                return Err(failure);
            };
            layers.retain(|other| *other != layer);
        }
        let plan = Self { layers, identities, filters, groups };
        plan.try_namespaces().inspect_err(|_| plan.groups.remove_all())?;
        Ok(plan)
    }

    /// Clones once into all namespaces, so that a machine without them says so at the start and not at the first request.
    fn try_namespaces(&self) -> Result<(), Failure> {
        for (layer, _) in NAMESPACES.iter().filter(|(layer, _)| self.has(*layer)) {
            let flags = self.flags_of(&[Layer::UserNamespace, *layer]);
            match sys::clone_process(flags, None) {
                Ok(Cloned::Child) => sys::exit_now(0),
                Ok(Cloned::Parent { pid, .. }) => {
                    rustix::process::waitpid(
                        rustix::process::Pid::from_raw(pid),
                        rustix::process::WaitOptions::empty(),
                    )
                    .ok();
                }
                Err(e) => return Err(Failure::layer(*layer, format!("clone3: {e}"), NAMESPACE_HINT)),
            }
        }
        Ok(())
    }

    fn flags_of(&self, wanted: &[Layer]) -> u64 {
        NAMESPACES
            .iter()
            .filter(|(layer, _)| wanted.contains(layer) && self.flag_needed(*layer))
            .map(|(_, flag)| u64::from(flag.unsigned_abs()))
            .fold(0, |flags, flag| flags | flag)
    }

    /// A mount namespace is made even when its layer is taken away in a test: without it, the test would unmount the host.
    fn flag_needed(&self, layer: Layer) -> bool {
        layer == Layer::MountNamespace || self.has(layer)
    }

    /// The namespaces to clone into.
    pub(crate) fn namespaces(&self) -> u64 {
        self.flags_of(&NAMESPACES.map(|(layer, _)| layer))
    }

    pub(crate) fn has(&self, layer: Layer) -> bool {
        self.layers.contains(&layer)
    }

    pub(crate) fn layers(&self) -> Vec<Layer> {
        self.layers.clone()
    }
}

const LANDLOCK_HINT: &str = "Linux 5.19 or newer with Landlock in its `lsm=` list is needed; or go without by \
                             `--allow-unenforced landlock`";
const NAMESPACE_HINT: &str = "allow user namespaces: `sysctl -w user.max_user_namespaces=15000`, on Debian and Ubuntu also \
                              `kernel.unprivileged_userns_clone=1` and `kernel.apparmor_restrict_unprivileged_userns=0`";
