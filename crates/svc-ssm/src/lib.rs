//! Systems Manager Parameter Store: strings and sealed strings by name and by path.
//!
//! Values of `SecureString` are sealed on top of the store's own encryption, bound to their name and version, and come
//! out in the clear only `WithDecryption`. Keys of the caller's choice (`KeyId`) are refused: no KMS is served here.
//!
//! Absent: labels, parameter policies, `AllowedPattern`, other data types than `text`; each is refused, not ignored.

mod name;
mod ops;
mod record;
mod service;
mod shelf;

use std::sync::Arc;

use burgward_service::Scope;
use burgward_store::Store;
use burgward_types::Clock;
use burgward_vault::DataKey;

/// The Parameter Store of one account and region.
pub struct Ssm {
    scope: Scope,
    shelf: shelf::Shelf,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Ssm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ssm").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl Ssm {
    /// A Parameter Store over the control state's store; `key` is the vault's key for this purpose.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, key: DataKey, clock: Arc<dyn Clock>, scope: Scope) -> Self {
        Self { scope, shelf: shelf::Shelf::new(store, key), clock }
    }
}
