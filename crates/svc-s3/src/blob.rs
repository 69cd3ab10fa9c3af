//! Contents of objects on the disk.
//!
//! A small content lies in the store beside its metadata; a large one in a file of sealed chunks with a random name. No
//! path is ever built from a bucket's or an object's name.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use burgward_store::{Batch, Store};
use burgward_vault::{CHUNK_LEN, DataKey, STREAM_HEADER_LEN, Stream as Sealer, TAG_LEN, sync_dir};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use s3s::{S3Result, StdError, s3_error};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::digest::{Digested, Digests};
use crate::error::{body_refused, internal};

/// Contents up to this size lie in the store: one commit makes content and metadata durable together.
const INLINE: usize = 16 * 1024;

/// One sealed content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Blob {
    pub(crate) id: String,
    pub(crate) size: u64,
    pub(crate) inline: bool,
}

/// A content that was received and is durable, or will be with the batch that [`Received::add_to`] adds to.
pub(crate) struct Received {
    pub(crate) blob: Blob,
    pub(crate) digested: Digested,
    inline: Vec<u8>,
}

impl Received {
    pub(crate) fn add_to(&self, batch: Batch) -> Batch {
        if self.blob.inline { batch.put(inline_key(&self.blob.id), self.inline.clone()) } else { batch }
    }
}

/// Where contents lie.
#[derive(Clone, Debug)]
pub(crate) struct Blobs {
    dir: PathBuf,
    key: DataKey,
    store: Arc<dyn Store>,
}

fn inline_key(id: &str) -> Vec<u8> {
    format!("s3/d/{id}").into_bytes()
}

impl Blobs {
    /// Opens the directory and throws away what was being received when the last process ended.
    pub(crate) fn open(dir: &Path, key: DataKey, store: Arc<dyn Store>) -> std::io::Result<Self> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700);
        let incoming = dir.join("incoming");
        if incoming.exists() {
            std::fs::remove_dir_all(&incoming)?;
        }
        builder.create(&incoming)?;
        for number in 0..=255_u8 {
            builder.create(dir.join(format!("{number:02x}")))?;
        }
        sync_dir(dir)?;
        dir.parent().map_or(Ok(()), sync_dir)?;
        Ok(Self { dir: dir.to_owned(), key, store })
    }

    /// The names of all files, and a way to remove one: for clearing away what nothing refers to.
    pub(crate) fn files(&self) -> std::io::Result<Vec<String>> {
        let mut found = Vec::new();
        for number in 0..=255_u8 {
            for entry in std::fs::read_dir(self.dir.join(format!("{number:02x}")))? {
                found.extend(entry?.file_name().into_string());
            }
        }
        Ok(found)
    }

    fn path(&self, id: &str) -> PathBuf {
        self.dir.join(id.get(..2).unwrap_or("00")).join(id)
    }

    /// Removes the files of contents that no metadata names any more. A file that stays is cleared away at the next start.
    pub(crate) fn unlink(&self, blobs: &[Blob]) {
        for blob in blobs.iter().filter(|blob| !blob.inline) {
            let _ = std::fs::remove_file(self.path(&blob.id));
        }
    }

    /// Adds what removes the contents in the store to a batch.
    pub(crate) fn forget(blobs: &[Blob], batch: Batch) -> Batch {
        blobs.iter().filter(|blob| blob.inline).fold(batch, |batch, blob| batch.delete(inline_key(&blob.id)))
    }

    /// Takes a content in: digests it, seals it and makes it durable. What fails before its end leaves nothing behind.
    pub(crate) async fn receive<S, E>(&self, mut body: S, digests: Digests) -> S3Result<Received>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin + Send,
        E: Into<StdError>,
    {
        let mut id = [0_u8; 16];
        aws_random(&mut id)?;
        let id = hex::encode(id);
        let mut start = Vec::new();
        loop {
            match body.next().await {
                Some(Ok(bytes)) => start.extend_from_slice(&bytes),
                Some(Err(error)) => return Err(body_refused(&error.into())),
                None => return self.inline(id, &start, digests),
            }
            if start.len() > INLINE {
                break;
            }
        }
        self.to_file(id, Bytes::from(start), body, digests).await
    }

    fn inline(&self, id: String, content: &[u8], mut digests: Digests) -> S3Result<Received> {
        digests.update(content);
        let inline = self.key.seal(id.as_bytes(), content).map_err(internal)?;
        let blob = Blob { id, size: content.len() as u64, inline: true };
        Ok(Received { blob, digested: digests.finish(), inline })
    }

    async fn to_file<S, E>(&self, id: String, start: Bytes, mut body: S, digests: Digests) -> S3Result<Received>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin + Send,
        E: Into<StdError>,
    {
        let (send, receive) = mpsc::channel(4);
        let blobs = self.clone();
        let file_id = id.clone();
        let writing = tokio::task::spawn_blocking(move || blobs.write_file(&file_id, receive, digests));
        let mut next = Some(Ok(start));
        // A writer that stopped says why when it is awaited.
        while let Some(piece) = next {
            match piece {
                Ok(bytes) => {
                    if send.send(Some(bytes)).await.is_err() {
                        break;
                    }
                    next = body.next().await;
                }
                Err(error) => return Err(body_refused(&error.into())),
            }
        }
        let _ = send.send(None).await;
        let (size, digested) = writing.await.map_err(internal)??;
        Ok(Received { blob: Blob { id, size, inline: false }, digested, inline: Vec::new() })
    }

    /// Writes under a name in `incoming`, syncs, and only then gives the file its own name.
    fn write_file(
        &self,
        id: &str,
        receive: mpsc::Receiver<Option<Bytes>>,
        digests: Digests,
    ) -> S3Result<(u64, Digested)> {
        let incoming = self.dir.join("incoming").join(id);
        let outcome = self.write_incoming(&incoming, id, receive, digests).and_then(|done| {
            let path = self.path(id);
            std::fs::rename(&incoming, &path).map_err(internal)?;
            path.parent().map_or(Ok(()), sync_dir).map_err(internal)?;
            Ok(done)
        });
        if outcome.is_err() {
            let _ = std::fs::remove_file(&incoming);
        }
        outcome
    }

    fn write_incoming(
        &self,
        path: &Path,
        id: &str,
        mut receive: mpsc::Receiver<Option<Bytes>>,
        mut digests: Digests,
    ) -> S3Result<(u64, Digested)> {
        let sealer = Sealer::create(&self.key, id.as_bytes()).map_err(internal)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(internal)?;
        file.write_all(sealer.header()).map_err(internal)?;
        let (mut size, mut index) = (0_u64, 0_u64);
        let mut chunk = Vec::with_capacity(CHUNK_LEN + TAG_LEN);
        loop {
            let piece = match receive.blocking_recv() {
                Some(Some(piece)) => piece,
                Some(None) => break,
                None => return Err(s3_error!(IncompleteBody, "the request ended before its body did")),
            };
            digests.update(&piece);
            size += piece.len() as u64;
            let mut rest = piece.as_ref();
            while !rest.is_empty() {
                // Whether a full chunk is the last is known once there is more.
                if chunk.len() == CHUNK_LEN {
                    sealer.seal_chunk(index, false, &mut chunk).map_err(internal)?;
                    file.write_all(&chunk).map_err(internal)?;
                    chunk.clear();
                    index += 1;
                }
                let (take, left) = rest.split_at(rest.len().min(CHUNK_LEN - chunk.len()));
                chunk.extend_from_slice(take);
                rest = left;
            }
        }
        sealer.seal_chunk(index, true, &mut chunk).map_err(internal)?;
        file.write_all(&chunk).and_then(|()| file.sync_all()).map_err(internal)?;
        Ok((size, digests.finish()))
    }

    /// The bytes from `from` up to `to` of contents that follow one another.
    pub(crate) fn read(
        &self,
        blobs: &[Blob],
        from: u64,
        to: u64,
    ) -> S3Result<impl Stream<Item = Result<Bytes, std::io::Error>> + Send + Sync + Unpin + use<>> {
        // Files are opened before the answer begins: whoever removes the object now does not cut it off.
        let mut sources = Vec::new();
        let mut at = 0;
        for blob in blobs {
            let (begin, end) = (at, at + blob.size);
            at = end;
            if begin < to && end > from {
                let source = self.source(blob)?;
                sources.push((source, from.saturating_sub(begin), to.min(end) - begin));
            }
        }
        let (send, mut receive) = mpsc::channel(4);
        if sources.iter().all(|(source, ..)| matches!(source, Source::Inline(_))) {
            let parts: Vec<Bytes> = sources.into_iter().filter_map(Source::part).collect();
            let _ = send.try_send(Ok(Bytes::from(parts.concat())));
        } else {
            tokio::task::spawn_blocking(move || {
                let outcome = sources.into_iter().try_for_each(|(source, from, to)| source.send(from, to, &send));
                outcome.or_else(|error| send.blocking_send(Err(std::io::Error::other(error))))
            });
        }
        Ok(futures_util::stream::poll_fn(move |context| receive.poll_recv(context)))
    }

    fn source(&self, blob: &Blob) -> S3Result<Source> {
        if blob.inline {
            let sealed = self.store.get(&inline_key(&blob.id)).map_err(internal)?;
            let sealed = sealed.ok_or_else(|| internal(format!("content `{}` is missing", blob.id)))?;
            return Ok(Source::Inline(self.key.open(blob.id.as_bytes(), &sealed).map_err(internal)?.into()));
        }
        let file = File::open(self.path(&blob.id)).map_err(internal)?;
        let mut header = [0_u8; STREAM_HEADER_LEN];
        file.read_exact_at(&mut header, 0).map_err(internal)?;
        let sealer = Sealer::resume(&self.key, blob.id.as_bytes(), &header).map_err(internal)?;
        Ok(Source::File { file, sealer, size: blob.size })
    }
}

enum Source {
    Inline(Bytes),
    File { file: File, sealer: Sealer, size: u64 },
}

impl Source {
    fn part((source, from, to): (Self, u64, u64)) -> Option<Bytes> {
        let Self::Inline(bytes) = source else { return None };
        let (from, to) = (usize::try_from(from).ok()?, usize::try_from(to).ok()?);
        bytes.get(from..to).map(|part| bytes.slice_ref(part))
    }

    /// Sends the bytes from `from` up to `to`; a reader that went away ends it.
    fn send(self, from: u64, to: u64, out: &mpsc::Sender<Result<Bytes, std::io::Error>>) -> Result<(), StdError> {
        let (file, sealer, size) = match self {
            Self::Inline(_) => {
                let part = Self::part((self, from, to)).ok_or("a content is shorter than its metadata says")?;
                let _ = out.blocking_send(Ok(part));
                return Ok(());
            }
            Self::File { file, sealer, size } => (file, sealer, size),
        };
        let chunk_len = CHUNK_LEN as u64;
        let last = size.div_ceil(chunk_len).max(1) - 1;
        for index in from / chunk_len..=(to - 1) / chunk_len {
            let begin = index * chunk_len;
            let plain = (size - begin).min(chunk_len);
            let mut chunk = vec![0_u8; usize::try_from(plain)? + TAG_LEN];
            let offset = STREAM_HEADER_LEN as u64 + index * (chunk_len + TAG_LEN as u64);
            file.read_exact_at(&mut chunk, offset)?;
            sealer.open_chunk(index, index == last, &mut chunk)?;
            let (cut, end) = (usize::try_from(from.saturating_sub(begin))?, usize::try_from((to - begin).min(plain))?);
            let bytes = Bytes::from(chunk);
            let part = bytes.get(cut..end).ok_or("a chunk is shorter than its metadata says")?;
            if out.blocking_send(Ok(bytes.slice_ref(part))).is_err() {
                return Ok(());
            }
        }
        Ok(())
    }
}

fn aws_random(bytes: &mut [u8; 16]) -> S3Result<()> {
    let id = burgward_types::RequestId::random();
    let hex: String = id.as_str().chars().filter(|c| *c != '-').collect();
    hex::decode_to_slice(hex, bytes).map_err(internal)
}
