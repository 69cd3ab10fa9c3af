//! DynamoDB: tables in one encrypted file, every call authorized by table, index, key and attribute.
//!
//! - [`DynamoDb`] is the state and the service; `ops/` holds an operation a file.
//! - `engine` fences the embedded engine; nothing else here knows it.
//! - `shape` checks a request's JSON types, `names` its table names, `needs` what authorization it takes.
//!
//! Absent: `PartiQL`, streams, backups, global tables, vector search: not in the table of operations, hence refused.

mod engine;
mod expression;
mod fault;
mod names;
mod needs;
mod ops;
mod request;
mod service;
mod shape;
mod shapes;
mod tables;

use std::path::Path;
use std::sync::Arc;

use burgward_service::{Scope, ServiceError};

pub use engine::OpenError;

use engine::Engine;
use names::Home;
use tables::{Table, Tables};

/// The DynamoDB service of one account and region.
#[derive(Debug)]
pub struct DynamoDb {
    home: Home,
    engine: Engine,
    tables: Tables,
}

impl DynamoDb {
    /// Opens the encrypted file of tables, or makes it. The key is the vault's key for this purpose.
    pub fn open(path: &Path, key: &[u8; 32], scope: &Scope) -> Result<Self, OpenError> {
        let home = Home::new(scope.account.clone(), scope.region.clone());
        let engine = Engine::open(path, key, home.prefix())?;
        Ok(Self { home, engine, tables: Tables::default() })
    }

    /// The same without encryption.
    #[cfg(feature = "test-without-layers")]
    pub fn open_clear(path: &Path, scope: &Scope) -> Result<Self, OpenError> {
        let home = Home::new(scope.account.clone(), scope.region.clone());
        let engine = Engine::with_key(path, zeroize::Zeroizing::default(), home.prefix())?;
        Ok(Self { home, engine, tables: Tables::default() })
    }

    /// Deletes the items whose time to live is over; gives their number. AWS does so within days, a host here may call
    /// this every minute.
    pub async fn sweep_expired(&self) -> Result<usize, ServiceError> {
        self.engine.sweep().await
    }

    /// The facts of a table; `None` if there is no such table.
    fn table(&self, name: &str) -> Result<Option<Arc<Table>>, ServiceError> {
        self.tables.get(&self.engine, name)
    }
}
