//! One run of the app with its normal requests and the attacks.

use std::path::Path;
use std::sync::Arc;

use burgward_app::Paths;
use burgward_app::control::Client;
use burgward_attack::{NormalRequests, Report, normal_requests};
use burgward_audit::AuditLog;
use burgward_types::SystemClock;

use super::super::started::{Start, Started};
use super::super::{Failure, attack, model};
use super::{Steps, workspace};

/// What both phases have in common.
pub(super) struct Runs<'a> {
    pub(super) copy: &'a Path,
    pub(super) scratch: &'a Path,
    pub(super) substitutes: &'a [(String, String)],
}

/// What one phase brought.
pub(super) struct Phase {
    pub(super) paths: Paths,
    pub(super) requests: NormalRequests,
    pub(super) attacks: Report,
}

impl Runs<'_> {
    /// Starts the app as it is now, with a state of its own, and stops it.
    pub(super) fn phase(&self, name: &str, given: &[(String, String)], observe: bool) -> Result<Phase, Failure> {
        let workspace = workspace(self.copy, given)?;
        let loaded = workspace.load();
        let app = model(&workspace, &loaded)?;
        let start =
            Start { path: self.copy, parameters: given, runtime_substitutes: self.substitutes, observe, loud: false };
        let started = Started::new(&start, &self.scratch.join(name))?;
        let client = Client::connect(&started.paths)?;
        let target = attack::target(app, workspace.folder(), &client)?;
        let runtime = tokio::runtime::Runtime::new().map_err(Failure::internal)?;
        let sent = normal_requests(app, workspace.folder(), target, Arc::new(SystemClock));
        let requests = runtime.block_on(sent).map_err(Failure::unusable)?;
        Steps::note(&format!("{} of {} normal requests pass", requests.ok(), requests.requests.len()));
        let attacks = attack::report(app, workspace.folder(), client)?;
        Steps::note(&format!(
            "{} of {} attacks get through; the platform itself stops {}",
            attacks.through(),
            attacks.attacks.len(),
            attacks.platform_stops()
        ));
        Ok(Phase { paths: started.paths.clone(), requests, attacks })
    }
}

impl Phase {
    /// How many records the audit log has, if it is whole.
    pub(super) fn verified(&self) -> Result<Option<u64>, Failure> {
        let vault = burgward_app::unlock(&self.paths)?;
        let report = AuditLog::verify(&self.paths.data.join("audit"), &vault, None);
        Ok(report.ok().map(|report| report.head.records))
    }
}
