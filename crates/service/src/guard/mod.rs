//! Authorization: policies, decisions, permits.

mod context;
mod permit;
mod policies;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use burgward_types::{Clock, Principal};

use crate::{Recorder, Scope};

pub use permit::Permit;
pub(crate) use permit::denied_record;
pub use policies::{PolicySet, PolicyStore};

/// What happens to a denied call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It is refused.
    Enforce,
    /// It is let through and recorded as such; on loopback only, and loud (`--permissive`).
    Permissive,
}

/// What was seen asked for: a principal, an action, a resource, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Who.
    pub principal: Principal,
    /// What.
    pub action: String,
    /// On what.
    pub resource: String,
    /// True if it was allowed; `fit` never widens by what was denied (law 4).
    pub allowed: bool,
    /// How often.
    pub count: u64,
}

/// Decides, records and mints permits.
pub struct Guard {
    scope: Scope,
    clock: Arc<dyn Clock>,
    audit: Arc<dyn Recorder>,
    mode: Mode,
    observe: bool,
    policies: PolicyStore,
    observed: Mutex<BTreeMap<(String, String, String, bool), Observed>>,
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("scope", &self.scope).field("mode", &self.mode).finish_non_exhaustive()
    }
}

impl Guard {
    /// A guard without any policy: it denies everything.
    #[must_use]
    pub fn new(scope: Scope, clock: Arc<dyn Clock>, audit: Arc<dyn Recorder>, mode: Mode, observe: bool) -> Self {
        let policies = PolicyStore::default();
        Self { scope, clock, audit, mode, observe, policies, observed: Mutex::default() }
    }

    /// The policies in force; they can be replaced while requests run.
    #[must_use]
    pub fn policies(&self) -> &PolicyStore {
        &self.policies
    }

    /// Account and region.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The clock every decision is made by.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Where records go.
    #[must_use]
    pub fn recorder(&self) -> &Arc<dyn Recorder> {
        &self.audit
    }

    /// What happens to a denied call.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// What was asked for so far; empty unless observing.
    #[must_use]
    pub fn observed(&self) -> Vec<Observed> {
        self.observed.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    fn observe(&self, principal: &Principal, action: &str, resource: &str, allowed: bool) {
        if !self.observe {
            return;
        }
        let key = (principal.to_string(), action.to_owned(), resource.to_owned(), allowed);
        let mut observed = self.observed.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = observed.entry(key).or_insert_with(|| Observed {
            principal: principal.clone(),
            action: action.to_owned(),
            resource: resource.to_owned(),
            allowed,
            count: 0,
        });
        entry.count += 1;
    }
}
