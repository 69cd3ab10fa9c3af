//! The one thread that writes. It takes all waiting batches into one transaction, so that they share one sync: group
//! commit.

use std::path::Path;
use std::sync::mpsc::Receiver;

use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use crate::batch::{Scan, Write};
use crate::{Batch, StoreError, sql};

/// At most this many batches share a transaction, so that nobody waits behind an endless queue.
const GROUP: usize = 256;

pub(crate) struct Job {
    pub(crate) batch: Batch,
    pub(crate) done: oneshot::Sender<Result<(), StoreError>>,
}

#[expect(clippy::needless_pass_by_value, reason = "the thread owns its connection and closes it at the end")]
pub(crate) fn run(connection: Connection, path: &Path, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let mut group = vec![first];
        group.extend(jobs.try_iter().take(GROUP - 1));
        let outcome = transact(&connection, &group).map_err(StoreError::sql("write", path));
        if outcome.is_err() && !connection.is_autocommit() {
            // If this fails as well, the next BEGIN does, and nothing is acknowledged any more.
            let _ = connection.execute_batch("ROLLBACK");
        }
        for (at, job) in group.into_iter().enumerate() {
            let answer = match &outcome {
                Ok(met) if met.get(at) == Some(&true) => Ok(()),
                Ok(_) => Err(StoreError::Conflict),
                Err(error) => Err(error.clone()),
            };
            let _ = job.done.send(answer);
        }
    }
}

/// Does all batches whose expectations hold, and says which those were.
fn transact(connection: &Connection, group: &[Job]) -> rusqlite::Result<Vec<bool>> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let mut met = Vec::with_capacity(group.len());
    for job in group {
        let holds = expectations_hold(connection, &job.batch)?;
        if holds {
            job.batch.writes.iter().try_for_each(|write| apply(connection, write))?;
        }
        met.push(holds);
    }
    connection.prepare_cached("COMMIT")?.execute([])?;
    Ok(met)
}

fn expectations_hold(connection: &Connection, batch: &Batch) -> rusqlite::Result<bool> {
    for (key, value) in &batch.expected {
        if sql::get(connection, key)? != *value {
            return Ok(false);
        }
    }
    Ok(true)
}

fn apply(connection: &Connection, write: &Write) -> rusqlite::Result<()> {
    match write {
        Write::Put(key, value) => connection
            .prepare_cached("INSERT INTO kv (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2")?
            .execute(params![key, value])?,
        Write::Delete(key) => connection.prepare_cached("DELETE FROM kv WHERE key = ?1")?.execute(params![key])?,
        Write::DeletePrefix(prefix) => match Scan::prefix(prefix.clone(), 0).end() {
            Some(end) => connection
                .prepare_cached("DELETE FROM kv WHERE key >= ?1 AND key < ?2")?
                .execute(params![prefix, end])?,
            None => connection.prepare_cached("DELETE FROM kv WHERE key >= ?1")?.execute(params![prefix])?,
        },
    };
    Ok(())
}
