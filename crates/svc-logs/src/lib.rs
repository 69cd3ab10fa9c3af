//! CloudWatch Logs: groups, streams, events; what functions print lands here as well.
//!
//! - [`Logs`] is the state and the service; `ops/` holds an operation a file.
//! - [`Logs::sink`] takes the lines of functions without making them wait.
//! - `pattern` compiles filter patterns; one that is not understood is refused, never taken for "everything".
//!
//! Absent: subscriptions, metric filters, Insights queries, data protection policies.

mod name;
mod ops;
mod pattern;
mod service;
mod shelf;
mod sink;

use std::sync::Arc;

use burgward_service::{Scope, ServiceError};
use burgward_store::Store;
use burgward_types::{Clock, Timestamp};

pub use sink::Sink;

/// The logs of one account and region.
pub struct Logs {
    scope: Scope,
    shelf: shelf::Shelf,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Logs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Logs").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl Logs {
    /// Logs over a store, which encrypts what it keeps.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, scope: Scope) -> Self {
        let shelf = shelf::Shelf::new(store, clock.now());
        Self { scope, shelf, clock }
    }

    /// Appends lines of the house's own, and makes group and stream where they are missing.
    ///
    /// No authorization: this is the runtime's way in, which no caller of the API has.
    pub async fn append(&self, group: &str, stream: &str, lines: &[(Timestamp, String)]) -> Result<(), ServiceError> {
        name::check_group(group)?;
        name::check_stream(stream)?;
        let now = self.clock.now();
        self.shelf.ensure(group, stream, now).await?;
        self.shelf.append(group, stream, lines, now).await
    }

    /// A way in for lines that must not wait. It needs a tokio runtime, on which its writer runs until the last clone of
    /// the sink is gone.
    #[must_use]
    pub fn sink(self: &Arc<Self>) -> Sink {
        Sink::start(Arc::clone(self))
    }

    /// Removes the events that their group's retention no longer covers; gives their number.
    pub async fn sweep_expired(&self) -> Result<usize, ServiceError> {
        self.shelf.sweep(self.clock.now()).await
    }
}
