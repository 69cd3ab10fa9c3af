//! Vault, stores, audit, services and their front.

use std::fs::{File, OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;

use burgward_audit::{AuditLog, Options};
use burgward_service::{Front, Guard, KeyRing, Mode, Scope, Service};
use burgward_store::{SqlStore, Store};
use burgward_svc_dynamodb::{DynamoDb, OpenError};
use burgward_svc_logs::{Logs, Sink};
use burgward_svc_s3::S3;
use burgward_svc_secretsmanager::SecretsManager;
use burgward_svc_ssm::Ssm;
use burgward_svc_sts::Sts;
use burgward_types::Clock;
use burgward_vault::{DataKey, Vault};

use crate::{AppError, Paths, UpOptions};

/// What everything else stands on.
pub(crate) struct Foundation {
    /// Held as long as the app runs: two of them on one data folder would corrupt it.
    pub(crate) _lock: File,
    pub(crate) vault: Vault,
    pub(crate) audit: Arc<AuditLog>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) front: Arc<Front>,
    pub(crate) logs: Sink,
    pub(crate) dynamodb: Arc<DynamoDb>,
}

impl Foundation {
    pub(crate) fn open(
        paths: &Paths,
        options: &UpOptions,
        scope: &Scope,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, AppError> {
        let vault = crate::unlock(paths)?;
        let lock = lock(paths)?;
        let audit = AuditLog::open(&paths.data.join("audit"), &vault, Options::default());
        let audit = Arc::new(audit.map_err(AppError::part("audit log"))?);
        let key = |purpose: &str| vault.key(purpose).map_err(AppError::part("vault"));
        let store = SqlStore::open(&paths.data.join("control.db"), &key("control-store")?);
        let store: Arc<dyn Store> = Arc::new(store.map_err(AppError::part("control store"))?);
        let mode = if options.permissive { Mode::Permissive } else { Mode::Enforce };
        #[cfg(feature = "test-without-layers")]
        let mode = if vault.without().lacks(burgward_types::HouseLayer::Iam) { Mode::Permissive } else { mode };
        let recorder: Arc<dyn burgward_audit::Recorder> = Arc::clone(&audit) as _;
        let guard = Arc::new(Guard::new(scope.clone(), Arc::clone(clock), recorder, mode, options.observe));
        let logs = Arc::new(Logs::new(Arc::clone(&store), Arc::clone(clock), scope.clone()));
        let tables = open_tables(&paths.data.join("dynamodb.db"), &key("dynamodb")?, scope);
        let dynamodb = Arc::new(tables.map_err(AppError::part("dynamodb"))?);
        let s3 = S3::open(&paths.data.join("objects"), &vault, Arc::clone(&store), Arc::clone(&guard));
        let services: Vec<Arc<dyn Service>> = vec![
            Arc::clone(&dynamodb) as _,
            Arc::new(s3.map_err(AppError::part("s3"))?),
            Arc::new(Ssm::new(Arc::clone(&store), key("ssm")?, Arc::clone(clock), scope.clone())),
            Arc::new(SecretsManager::new(Arc::clone(&store), key("secretsmanager")?, Arc::clone(clock), scope.clone())),
            Arc::new(Sts::new()),
            Arc::clone(&logs) as _,
        ];
        let keys = Arc::new(KeyRing::new(Arc::clone(clock)));
        #[cfg(not(feature = "test-without-layers"))]
        let front = Arc::new(Front::new(guard, keys, services));
        #[cfg(feature = "test-without-layers")]
        let front = Arc::new(Front::lacking(guard, keys, services, vault.without()));
        Ok(Self { _lock: lock, vault, audit, store, front, logs: logs.sink(), dynamodb })
    }
}

fn open_tables(path: &Path, key: &DataKey, scope: &Scope) -> Result<DynamoDb, OpenError> {
    #[cfg(feature = "test-without-layers")]
    if key.is_clear() {
        return DynamoDb::open_clear(path, scope);
    }
    DynamoDb::open(path, key.expose(), scope)
}

/// For its owner alone, also where an earlier version made it otherwise.
fn private(file: &File) -> std::io::Result<()> {
    file.set_permissions(Permissions::from_mode(0o600))
}

fn lock(paths: &Paths) -> Result<File, AppError> {
    let path = paths.data.join("lock");
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = file
        .and_then(|file| private(&file).map(|()| file))
        .map_err(AppError::io(&path, "the data folder must be writable"))?;
    file.try_lock().map_err(|_| AppError::Locked(paths.data.clone()))?;
    Ok(file)
}
