//! The spawner, and the proof that its layers hold.

use std::sync::Arc;

use burgward_sandbox::{LayerReport, Spawner, SpawnerOptions, probe};

use crate::AppError;
use crate::state::LayerState;

/// Starts the spawner; a machine without one of the layers is an error that names it.
pub fn start_spawner(allow_unenforced: &[String]) -> Result<Arc<Spawner>, AppError> {
    let options = SpawnerOptions { allow_unenforced: allow_unenforced.to_vec(), ..SpawnerOptions::default() };
    Ok(Arc::new(Spawner::start(options)?))
}

/// Every layer, tried from inside a real sandbox.
#[must_use]
pub fn selftest(spawner: &Spawner) -> Vec<LayerReport> {
    probe(spawner)
}

/// The layers for the enforcement state; one that does not hold, and was not given up, refuses to start (law 8).
pub(crate) fn proven(spawner: &Spawner, allow_unenforced: &[String]) -> Result<Vec<LayerState>, AppError> {
    let reports = probe(spawner);
    let failed: Vec<_> = reports
        .iter()
        .filter(|report| !report.active && !allow_unenforced.iter().any(|allowed| allowed == report.id))
        .map(|report| format!("{} ({})", report.id, report.evidence))
        .collect();
    if reports.is_empty() || !failed.is_empty() {
        return Err(AppError::Unenforced(failed.join("; ")));
    }
    let state =
        |report: LayerReport| LayerState { id: report.id.into(), active: report.active, evidence: report.evidence };
    Ok(reports.into_iter().map(state).collect())
}
