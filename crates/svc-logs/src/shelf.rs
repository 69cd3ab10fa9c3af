//! Where logs lie. Events of a group are kept in the order of their time, whatever their stream.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use burgward_service::ServiceError;
use burgward_store::{Batch, Scan, Store, StoreError};
use burgward_types::Timestamp;
use serde::{Deserialize, Serialize};

/// How many entries are read from the store at once.
const CHUNK: usize = 1000;

/// A log group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) created: Timestamp,
    /// Days after which events go; `None` keeps them.
    pub(crate) retention_days: Option<u32>,
    pub(crate) tags: Vec<(String, String)>,
}

/// A log stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stream {
    pub(crate) name: String,
    pub(crate) created: Timestamp,
}

/// A log event. Its message is a function's own text, and `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) stream: String,
    pub(crate) message: String,
    pub(crate) ingested: Timestamp,
    #[serde(skip)]
    pub(crate) at: Timestamp,
    /// Orders events of the same time; part of the event's id.
    #[serde(skip)]
    pub(crate) id: String,
}

impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Event").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Groups, streams and events in the store.
pub(crate) struct Shelf {
    store: Arc<dyn Store>,
    sequence: AtomicU64,
}

fn group_key(group: &str) -> Vec<u8> {
    format!("logs/group/{group}").into_bytes()
}

fn stream_key(group: &str, stream: &str) -> Vec<u8> {
    format!("logs/stream/{group}\0{stream}").into_bytes()
}

fn events_prefix(group: &str) -> Vec<u8> {
    format!("logs/event/{group}\0").into_bytes()
}

/// The id of an event: sixteen digits of time, sixteen of sequence. Times before 1970 count as 1970.
fn event_id(at: Timestamp, sequence: u64) -> String {
    format!("{:016x}{sequence:016x}", at.0.max(0))
}

fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, ServiceError> {
    serde_json::to_vec(value).map_err(ServiceError::internal)
}

fn decode<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, ServiceError> {
    serde_json::from_slice(bytes).map_err(ServiceError::internal)
}

impl Shelf {
    /// The sequence starts above that of any earlier process, as long as the clock goes forward.
    pub(crate) fn new(store: Arc<dyn Store>, now: Timestamp) -> Self {
        let start = u64::try_from(now.0).unwrap_or(0) << 20;
        Self { store, sequence: AtomicU64::new(start) }
    }

    pub(crate) fn group(&self, name: &str) -> Result<Option<Group>, ServiceError> {
        let bytes = self.store.get(&group_key(name)).map_err(ServiceError::internal)?;
        bytes.map(|bytes| decode(&bytes)).transpose()
    }

    pub(crate) fn stream(&self, group: &str, name: &str) -> Result<Option<Stream>, ServiceError> {
        let bytes = self.store.get(&stream_key(group, name)).map_err(ServiceError::internal)?;
        bytes.map(|bytes| decode(&bytes)).transpose()
    }

    /// Makes or changes a group, if it is still `before`; false if it is not.
    pub(crate) async fn set_group(&self, before: Option<&Group>, group: &Group) -> Result<bool, ServiceError> {
        let key = group_key(&group.name);
        let seen = before.map(encode).transpose()?;
        self.store.compare_and_set(key, seen, Some(encode(group)?)).await.map_err(ServiceError::internal)
    }

    /// Makes a stream; false if it is there already.
    pub(crate) async fn create_stream(&self, group: &Group, stream: &Stream) -> Result<bool, ServiceError> {
        let key = stream_key(&group.name, &stream.name);
        let batch = Batch::new().expect(key.clone(), None).put(key, encode(stream)?);
        // The group must not be deleted at the same time: a stream without a group would come back with the next one.
        let batch = batch.expect(group_key(&group.name), Some(encode(group)?));
        match self.store.commit(batch).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(ServiceError::internal(error)),
        }
    }

    /// Makes group and stream where they are missing.
    pub(crate) async fn ensure(&self, group: &str, stream: &str, now: Timestamp) -> Result<(), ServiceError> {
        while self.stream(group, stream)?.is_none() {
            if let Some(group) = self.group(group)? {
                self.create_stream(&group, &Stream { name: stream.to_owned(), created: now }).await?;
            } else {
                let group = Group { name: group.to_owned(), created: now, retention_days: None, tags: Vec::new() };
                self.set_group(None, &group).await?;
            }
        }
        Ok(())
    }

    /// Appends events; they are on the disk when it returns.
    pub(crate) async fn append(
        &self,
        group: &str,
        stream: &str,
        events: &[(Timestamp, String)],
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        if events.is_empty() {
            return Ok(());
        }
        let count = u64::try_from(events.len()).unwrap_or(u64::MAX);
        let first = self.sequence.fetch_add(count, Ordering::SeqCst);
        let mut batch = Batch::new();
        for (sequence, (at, message)) in (first..).zip(events) {
            let id = event_id(*at, sequence);
            let event =
                Event { stream: stream.to_owned(), message: message.clone(), ingested: now, at: *at, id: id.clone() };
            batch = batch.put([events_prefix(group), id.into_bytes()].concat(), encode(&event)?);
        }
        self.store.commit(batch).await.map_err(ServiceError::internal)
    }

    /// Removes a group with everything in it.
    pub(crate) async fn remove_group(&self, group: &str) -> Result<(), ServiceError> {
        let batch = Batch::new().delete(group_key(group)).delete_prefix(stream_key(group, ""));
        let batch = batch.delete_prefix(events_prefix(group));
        self.store.commit(batch).await.map_err(ServiceError::internal)
    }

    /// Groups whose names start so, after a name, at most `limit`.
    pub(crate) fn groups(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Group>, ServiceError> {
        self.list(group_key(prefix), after.map(group_key), limit)
    }

    /// Streams of a group whose names start so, after a name, at most `limit`.
    pub(crate) fn streams(
        &self,
        group: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Stream>, ServiceError> {
        self.list(stream_key(group, prefix), after.map(|after| stream_key(group, after)), limit)
    }

    fn list<T: for<'de> Deserialize<'de>>(
        &self,
        prefix: Vec<u8>,
        after: Option<Vec<u8>>,
        limit: usize,
    ) -> Result<Vec<T>, ServiceError> {
        let mut scan = Scan::prefix(prefix, limit);
        if let Some(after) = after {
            scan = scan.after(after);
        }
        let found = self.store.scan(&scan).map_err(ServiceError::internal)?;
        found.iter().map(|entry| decode(&entry.value)).collect()
    }

    /// Up to a thousand events of a group after an event's id, or from a time on.
    pub(crate) fn events(&self, group: &str, from: &Position) -> Result<Vec<Event>, ServiceError> {
        let prefix = events_prefix(group);
        let scan = Scan::prefix(prefix.clone(), CHUNK);
        let scan = match from {
            Position::At(at) => scan.from([prefix.clone(), event_id(*at, 0).into_bytes()].concat()),
            Position::After(id) => scan.after([prefix.clone(), id.clone().into_bytes()].concat()),
        };
        let found = self.store.scan(&scan).map_err(ServiceError::internal)?;
        let events = found.into_iter().map(|entry| {
            let id = entry.key.get(prefix.len()..).and_then(|id| std::str::from_utf8(id).ok()).unwrap_or_default();
            let at = id.get(..16).and_then(|digits| i64::from_str_radix(digits, 16).ok()).unwrap_or_default();
            let mut event: Event = decode(&entry.value)?;
            id.clone_into(&mut event.id);
            event.at = Timestamp(at);
            Ok(event)
        });
        events.collect()
    }

    /// Removes what retention no longer covers.
    pub(crate) async fn sweep(&self, now: Timestamp) -> Result<usize, ServiceError> {
        let (mut swept, mut after) = (0, None::<String>);
        loop {
            let groups = self.groups("", after.as_deref(), CHUNK)?;
            for group in &groups {
                let Some(days) = group.retention_days else { continue };
                swept += self.sweep_group(&group.name, now.plus_millis(-i64::from(days) * DAY)).await?;
            }
            match groups.last() {
                Some(last) => after = Some(last.name.clone()),
                None => return Ok(swept),
            }
        }
    }

    async fn sweep_group(&self, group: &str, before: Timestamp) -> Result<usize, ServiceError> {
        let mut swept = 0;
        loop {
            let events = self.events(group, &Position::At(Timestamp(0)))?;
            let old = events.iter().filter(|event| event.at < before);
            let keys: Vec<Vec<u8>> =
                old.map(|event| [events_prefix(group), event.id.clone().into_bytes()].concat()).collect();
            if keys.is_empty() {
                return Ok(swept);
            }
            swept += keys.len();
            let batch = keys.into_iter().fold(Batch::new(), Batch::delete);
            self.store.commit(batch).await.map_err(ServiceError::internal)?;
        }
    }
}

/// A day in milliseconds.
pub(crate) const DAY: i64 = 24 * 60 * 60 * 1000;

/// Where reading starts.
#[derive(Clone, Debug)]
pub(crate) enum Position {
    /// At a time.
    At(Timestamp),
    /// After the event of this id.
    After(String),
}
