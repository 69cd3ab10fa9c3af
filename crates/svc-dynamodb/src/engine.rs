//! The fence around `dynoxide`: no other module of the house knows that engine.
//!
//! One connection writes; others read, so that a scan delays neither writes nor point reads. The engine caches the
//! layout of tables per connection, so each change of a table retires the readers' connections.
//!
//! Never used: the engine's bulk mode (it turns `synchronous` off), its snapshots, its `PartiQL` and vector operations.

use std::fs::{OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use burgward_service::{Operation, Permit, ServiceError};
use dynoxide::DynoxideError;
pub(crate) use dynoxide::{Database, types::normalize_dynamo_number};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use thiserror::Error;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::fault;

/// Where the engine believes that it lives.
const ENGINE_HOME: &str = "arn:aws:dynamodb:dynoxide:000000000000:";

/// What DynamoDB says of a value nested too deeply.
pub(crate) const TOO_DEEP: &str = "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond \
     supported limit";

/// Why the tables cannot be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The path is not text.
    #[error("the path `{0}` is not UTF-8\n  hint: choose a data directory whose name is plain text")]
    Path(PathBuf),
    /// The engine refused.
    #[error("cannot open the tables in `{path}`: {reason}\n  hint: check the root key, the permissions and the disk")]
    Engine {
        /// The file.
        path: PathBuf,
        /// The engine's words.
        reason: String,
    },
}

/// Which connection an operation uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Changes tables: the writer; afterwards every reader starts anew.
    Control,
    /// Changes items: the writer.
    Write,
    /// Reads by key.
    Point,
    /// Reads ranges or everything.
    Range,
}

/// A connection that only reads, with the generation of table layouts it knows.
#[derive(Default)]
struct Reader(Mutex<Option<(u64, Database)>>);

struct Inner {
    path: String,
    key: Zeroizing<String>,
    home: String,
    generation: AtomicU64,
    writer: Database,
    point: Reader,
    range: Reader,
    // At most this many calls of a lane hold a thread at once, so that a flood leaves threads for the others.
    write_slots: Semaphore,
    point_slots: Semaphore,
    range_slots: Semaphore,
}

/// The tables.
#[derive(Clone)]
pub(crate) struct Engine(Arc<Inner>);

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("path", &self.0.path).finish_non_exhaustive()
    }
}

impl Engine {
    /// Opens or makes the encrypted file of tables. `home` is the prefix of this account's and region's ARNs.
    pub(crate) fn open(path: &Path, key: &[u8; 32], home: String) -> Result<Self, OpenError> {
        let mut hex = Zeroizing::new(String::with_capacity(64));
        for byte in key {
            for nibble in [byte >> 4, byte & 15] {
                hex.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
            }
        }
        Self::with_key(path, hex, home)
    }

    pub(crate) fn with_key(path: &Path, hex: Zeroizing<String>, home: String) -> Result<Self, OpenError> {
        let name = path.to_str().ok_or_else(|| OpenError::Path(path.to_owned()))?.to_owned();
        let refused = |reason: String| OpenError::Engine { path: path.to_owned(), reason };
        private(path).map_err(|error| refused(error.to_string()))?;
        let writer = connect(&name, &hex).map_err(|error| refused(error.to_string()))?;
        Ok(Self(Arc::new(Inner {
            path: name,
            key: hex,
            home,
            generation: AtomicU64::new(0),
            writer,
            point: Reader::default(),
            range: Reader::default(),
            write_slots: Semaphore::new(4),
            point_slots: Semaphore::new(4),
            range_slots: Semaphore::new(2),
        })))
    }

    /// How often tables have changed since the start; what was learnt of a table holds for one generation.
    pub(crate) fn generation(&self) -> u64 {
        self.0.generation.load(Ordering::SeqCst)
    }

    /// Runs one of the engine's operations on a thread that may wait.
    ///
    /// It asks for the permit so that nothing reaches the tables without one.
    pub(crate) async fn call<O, Q, R>(
        &self,
        _: &Permit<O>,
        lane: Lane,
        body: Map<String, Value>,
        run: fn(&Database, Q) -> Result<R, DynoxideError>,
    ) -> Result<Vec<u8>, ServiceError>
    where
        O: Operation,
        Q: DeserializeOwned + 'static,
        R: Serialize + 'static,
    {
        let slots = match lane {
            Lane::Control | Lane::Write => &self.0.write_slots,
            Lane::Point => &self.0.point_slots,
            Lane::Range => &self.0.range_slots,
        };
        let _slot = slots.acquire().await.map_err(ServiceError::internal)?;
        let engine = self.clone();
        let operation = O::INFO.name;
        let work = move || engine.call_blocking(lane, operation, body, run);
        tokio::task::spawn_blocking(work).await.map_err(ServiceError::internal)?
    }

    fn call_blocking<Q: DeserializeOwned, R: Serialize>(
        &self,
        lane: Lane,
        operation: &'static str,
        body: Map<String, Value>,
        run: fn(&Database, Q) -> Result<R, DynoxideError>,
    ) -> Result<Vec<u8>, ServiceError> {
        let request: Q = serde_json::from_value(Value::Object(body)).map_err(|e| unreadable(operation, &e))?;
        let answer = match lane {
            Lane::Write => run(&self.0.writer, request),
            Lane::Control => {
                let answer = run(&self.0.writer, request);
                // After the change, whether or not it failed: a half-made change must not leave an old view behind.
                self.0.generation.fetch_add(1, Ordering::SeqCst);
                answer
            }
            Lane::Point => run(&self.reader(&self.0.point)?, request),
            Lane::Range => run(&self.reader(&self.0.range)?, request),
        };
        let answer = answer.map_err(|error| refused(operation, error))?;
        if matches!(operation, "CreateTable" | "DeleteTable" | "UpdateTable" | "DescribeTable") {
            let mut value = serde_json::to_value(&answer).map_err(ServiceError::internal)?;
            self.bring_home(&mut value);
            return serde_json::to_vec(&value).map_err(ServiceError::internal);
        }
        serde_json::to_vec(&answer).map_err(ServiceError::internal)
    }

    fn reader(&self, reader: &Reader) -> Result<Database, ServiceError> {
        let generation = self.generation();
        let mut slot = reader.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, database)) = &*slot
            && *known == generation
        {
            return Ok(database.clone());
        }
        let database = connect(&self.0.path, &self.0.key).map_err(ServiceError::internal)?;
        *slot = Some((generation, database.clone()));
        Ok(database)
    }

    /// Key names and tags of a table, read at once; `None` if there is no such table.
    pub(crate) fn describe_blocking(&self, table: &str) -> Result<Option<Layout>, ServiceError> {
        let database = self.reader(&self.0.point)?;
        let Some(metadata) = database.get_table_metadata(table).map_err(ServiceError::internal)? else {
            return Ok(None);
        };
        let request = serde_json::from_value(serde_json::json!({"ResourceArn": format!("{ENGINE_HOME}table/{table}")}))
            .map_err(ServiceError::internal)?;
        let tags = database.list_tags_of_resource(request).map_err(ServiceError::internal)?;
        let tags = serde_json::to_value(tags).map_err(ServiceError::internal)?;
        let indexes = [&metadata.gsi_definitions, &metadata.lsi_definitions];
        Ok(Some(Layout {
            key_schema: parse_json(&metadata.key_schema)?,
            indexes: indexes.into_iter().flatten().map(|text| parse_json(text)).collect::<Result<_, _>>()?,
            tags: tags.get("Tags").cloned().unwrap_or_default(),
        }))
    }

    /// Deletes the items whose time to live is over; gives their number.
    pub(crate) async fn sweep(&self) -> Result<usize, ServiceError> {
        let engine = self.clone();
        let swept = tokio::task::spawn_blocking(move || engine.0.writer.sweep_ttl()).await;
        swept.map_err(ServiceError::internal)?.map_err(ServiceError::internal)
    }

    /// Rewrites the engine's ARNs into this account's and region's.
    fn bring_home(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(rest) = text.strip_prefix(ENGINE_HOME) {
                    *text = format!("{}{rest}", self.0.home);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.bring_home(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.bring_home(member)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// A table's key schema, its indexes' definitions and its tags, as JSON.
pub(crate) struct Layout {
    pub(crate) key_schema: Value,
    pub(crate) indexes: Vec<Value>,
    pub(crate) tags: Value,
}

/// Makes the file for its owner alone before the engine would make it for everybody; its companions take after it.
fn private(path: &Path) -> std::io::Result<()> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))
}

fn connect(path: &str, key: &str) -> Result<Database, DynoxideError> {
    #[cfg(feature = "test-without-layers")]
    if key.is_empty() {
        return Database::new(path);
    }
    Database::new_encrypted(path, key)
}

fn parse_json(text: &str) -> Result<Value, ServiceError> {
    serde_json::from_str(text).map_err(ServiceError::internal)
}

/// The engine's decoder marks which error of DynamoDB's a value earns.
const MARKS: [(&str, bool); 5] = [
    ("SERIALIZATION_AS_READ:", true),
    ("VALIDATION_AS_READ:", false),
    ("SERIALIZATION:", true),
    ("VALIDATION_REQUEST:", false),
    ("VALIDATION:", false),
];

fn unreadable(operation: &str, error: &serde_json::Error) -> ServiceError {
    let text = error.to_string();
    let text = text.rfind(" at line ").and_then(|at| text.get(..at)).unwrap_or(&text);
    for (mark, serialization) in MARKS {
        if let Some(rest) = text.strip_prefix(mark) {
            return match (serialization, mark) {
                (true, _) => fault::serialization(rest),
                (false, "VALIDATION_REQUEST:") => fault::validation(enveloped(operation, rest)),
                (false, _) => fault::validation(rest),
            };
        }
    }
    if text.contains("empty AttributeValue") {
        return fault::validation(
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        );
    }
    if text.contains("recursion limit") {
        return fault::validation(TOO_DEEP);
    }
    if text.contains("Supplied AttributeValue") || text.contains("missing field") || text.contains("unknown variant") {
        return fault::validation(text);
    }
    fault::serialization("Unexpected value type in payload").with_internal(text)
}

/// DynamoDB counts the errors of these three operations.
fn enveloped(operation: &str, message: &str) -> String {
    match operation {
        "PutItem" | "UpdateItem" | "DeleteItem" => format!("1 validation error detected: {message}"),
        _ => message.to_owned(),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the engine's errors are open-ended; each knows its own type")]
fn refused(operation: &str, error: DynoxideError) -> ServiceError {
    let kind = error.error_type();
    match error {
        DynoxideError::EnvelopedValidation(message) => fault::validation(enveloped(operation, &message)),
        DynoxideError::TransactionCanceledException(message, reasons) => {
            let reasons = serde_json::to_value(reasons).unwrap_or_default();
            ServiceError::client(kind, message).with_member("CancellationReasons", reasons)
        }
        DynoxideError::ConditionalCheckFailedException(message, item) => {
            let refusal = ServiceError::client(kind, message);
            match item.and_then(|item| serde_json::to_value(item).ok()) {
                Some(item) => refusal.with_member("Item", item),
                None => refusal,
            }
        }
        // The engine plays IAM for tags of tables that do not exist; IAM has spoken already.
        DynoxideError::AccessDeniedException(_) => fault::not_found("Requested resource not found"),
        DynoxideError::UnsupportedCapability(_)
        | DynoxideError::InternalServerError(_)
        | DynoxideError::SqliteError(_) => ServiceError::internal(error),
        other => ServiceError::client(kind, other.to_string()),
    }
}
