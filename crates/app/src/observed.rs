//! What functions asked for, kept over runs for `fit`: sealed in the data folder.

use std::collections::BTreeMap;
use std::path::PathBuf;

use burgward_service::{Guard, Observed};
use burgward_vault::Vault;
use serde::{Deserialize, Serialize};

use crate::{AppError, Paths};

/// The vault's purpose, and what the file is.
const PURPOSE: &str = "observations";
const LABEL: &[u8] = b"observed-v1";

/// A call that was seen, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedCall {
    /// Who asked.
    pub principal: String,
    /// For what.
    pub action: String,
    /// On what.
    pub resource: String,
    /// Whether it was allowed; `fit` never widens by what was denied.
    pub allowed: bool,
    /// How often.
    pub count: u64,
}

/// The calls that were seen in all runs with `--observe`.
pub fn observed(paths: &Paths, vault: &Vault) -> Result<Vec<ObservedCall>, AppError> {
    let path = file(paths);
    let sealed = match std::fs::read(&path) {
        Ok(sealed) => sealed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(AppError::io(path, "observations of earlier runs are kept here")(error)),
    };
    let opened = vault.open(PURPOSE, LABEL, &sealed).map_err(AppError::part("observations"))?;
    serde_json::from_slice(&opened).map_err(AppError::part("observations"))
}

/// Adds this run's calls to those of earlier runs.
pub(crate) struct Keeper {
    paths: Paths,
    vault: Vault,
    earlier: Vec<ObservedCall>,
}

impl Keeper {
    pub(crate) fn open(paths: &Paths, vault: &Vault) -> Result<Self, AppError> {
        Ok(Self { paths: paths.clone(), vault: vault.clone(), earlier: observed(paths, vault)? })
    }

    /// Writes all of them; nothing is written as long as nothing new was seen.
    pub(crate) fn keep(&self, guard: &Guard) -> Result<(), AppError> {
        let now = guard.observed();
        if now.is_empty() {
            return Ok(());
        }
        let text = serde_json::to_vec(&merged(&self.earlier, &now)).map_err(AppError::part("observations"))?;
        let sealed = self.vault.seal(PURPOSE, LABEL, &text).map_err(AppError::part("observations"))?;
        let path = file(&self.paths);
        burgward_vault::write_atomically(&path, &sealed).map_err(AppError::io(path, "observations are kept here"))
    }
}

fn file(paths: &Paths) -> PathBuf {
    paths.data.join("observed.sealed")
}

fn merged(earlier: &[ObservedCall], now: &[Observed]) -> Vec<ObservedCall> {
    let key = |call: &ObservedCall| (call.principal.clone(), call.action.clone(), call.resource.clone(), call.allowed);
    let mut all: BTreeMap<_, ObservedCall> = earlier.iter().map(|call| (key(call), call.clone())).collect();
    for seen in now {
        let call = ObservedCall {
            principal: seen.principal.to_string(),
            action: seen.action.clone(),
            resource: seen.resource.clone(),
            allowed: seen.allowed,
            count: 0,
        };
        all.entry(key(&call)).or_insert(call).count += seen.count;
    }
    all.into_values().collect()
}
