//! Secrets Manager: secrets with versions and staging labels, each value sealed for its place.
//!
//! - [`SecretsManager`] is the state and the service; `ops/` holds an operation a file.
//! - [`GenerateSecretString`] makes random secrets for templates that ask for one.
//!
//! Absent: rotation, replication, keys of the caller's choice, resource policies set by API; each is refused.

mod generate;
mod id;
mod ops;
mod record;
mod service;
mod shelf;

use std::sync::Arc;

use burgward_service::Scope;
use burgward_store::Store;
use burgward_types::Clock;
use burgward_vault::DataKey;

pub use generate::{GenerateError, GenerateSecretString};
pub use id::secret_arn;

/// The Secrets Manager of one account and region.
pub struct SecretsManager {
    scope: Scope,
    shelf: shelf::Shelf,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for SecretsManager {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretsManager").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl SecretsManager {
    /// A Secrets Manager over the control state's store; `key` is the vault's key for this purpose.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, key: DataKey, clock: Arc<dyn Clock>, scope: Scope) -> Self {
        Self { scope, shelf: shelf::Shelf::new(store, key), clock }
    }
}
