//! What the platform and its spawner say to each other: one frame each way, with descriptors beside it.
//!
//! A frame is two little-endian lengths, a JSON message and raw bytes (small files, in order). Descriptors travel with the
//! lengths. Both ends are the same binary, so there is no version.

use std::fmt::Display;
use std::io::{IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::Zeroize;

use crate::cgroup::Handles;
use crate::error::SandboxError;
use crate::layer::Layer;
use crate::spec::SandboxSpec;

/// The most descriptors in one frame: pidfd, exit, stdout, stderr and the listeners.
pub(crate) const MAX_FDS: usize = 64;
const MAX_FRAME: usize = 64 << 20;

/// From the platform to the spawner.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    Hello { allow_unenforced: Vec<Layer>, without: Vec<Layer> },
    Spawn { spec: SandboxSpec, probe: bool },
}

/// From the spawner to the platform.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    Ready { layers: Vec<Layer> },
    Started { pid: i32, handles: Handles },
    Refused(Failure),
}

/// A step that failed, on its way from wherever it did.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) layer: Option<Layer>,
    pub(crate) step: String,
    pub(crate) reason: String,
    pub(crate) hint: String,
}

impl Failure {
    pub(crate) fn new(step: impl Into<String>, reason: impl Display, hint: impl Into<String>) -> Self {
        Self { layer: None, step: step.into(), reason: reason.to_string(), hint: hint.into() }
    }

    pub(crate) fn layer(layer: Layer, reason: impl Display, hint: impl Into<String>) -> Self {
        Self { layer: Some(layer), step: layer.id().into(), reason: reason.to_string(), hint: hint.into() }
    }
}

impl From<Failure> for SandboxError {
    fn from(failure: Failure) -> Self {
        let Failure { layer, step, reason, hint } = failure;
        match layer {
            Some(layer) => Self::LayerMissing { layer, reason, hint },
            None => Self::Launch { step, reason, hint },
        }
    }
}

/// Sends one frame.
pub(crate) fn send<T: Serialize>(
    socket: &UnixStream,
    message: &T,
    blobs: &[&[u8]],
    fds: &[BorrowedFd<'_>],
) -> std::io::Result<()> {
    let mut json = serde_json::to_vec(message)?;
    let sent = send_bytes(socket, &json, blobs, fds);
    json.zeroize();
    sent
}

fn send_bytes(socket: &UnixStream, json: &[u8], blobs: &[&[u8]], fds: &[BorrowedFd<'_>]) -> std::io::Result<()> {
    let blob_length: usize = blobs.iter().map(|blob| blob.len()).sum();
    let mut head = [0_u8; 8];
    let (left, right) = head.split_at_mut(4);
    left.copy_from_slice(&length(json.len())?.to_le_bytes());
    right.copy_from_slice(&length(blob_length)?.to_le_bytes());

    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_FDS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !fds.is_empty() && !control.push(SendAncillaryMessage::ScmRights(fds)) {
        return Err(std::io::Error::other("too many descriptors for one frame"));
    }
    let sent =
        rustix::io::retry_on_intr(|| sendmsg(socket, &[IoSlice::new(&head)], &mut control, SendFlags::NOSIGNAL))?;
    if sent != head.len() {
        return Err(std::io::ErrorKind::WriteZero.into());
    }
    let mut socket = socket;
    socket.write_all(json)?;
    blobs.iter().try_for_each(|blob| socket.write_all(blob))
}

fn length(bytes: usize) -> std::io::Result<u32> {
    if bytes > MAX_FRAME {
        return Err(std::io::Error::other("the specification is larger than 64 MiB"));
    }
    u32::try_from(bytes).map_err(std::io::Error::other)
}

/// A frame as it came: the message, the raw bytes and the descriptors.
pub(crate) type Frame<T> = (T, Vec<u8>, Vec<OwnedFd>);

/// Receives one frame: the message, the raw bytes and the descriptors. `None` when the other end closed.
pub(crate) fn receive<T: DeserializeOwned>(socket: &UnixStream) -> std::io::Result<Option<Frame<T>>> {
    let mut head = [0_u8; 8];
    let (read, fds) = receive_fds(socket, &mut head)?;
    if read == 0 {
        return Ok(None);
    }
    let mut stream = socket;
    if let Some(rest) = head.get_mut(read..) {
        stream.read_exact(rest)?;
    }
    let (left, right) = head.split_at(4);
    let mut json = vec![0; frame_length(left)?];
    stream.read_exact(&mut json)?;
    let mut blob = vec![0; frame_length(right)?];
    stream.read_exact(&mut blob)?;
    let message = serde_json::from_slice(&json);
    json.zeroize();
    Ok(Some((message?, blob, fds)))
}

fn frame_length(bytes: &[u8]) -> std::io::Result<usize> {
    let bytes: [u8; 4] = bytes.try_into().map_err(std::io::Error::other)?;
    let length = usize::try_from(u32::from_le_bytes(bytes)).map_err(std::io::Error::other)?;
    if length > MAX_FRAME { Err(std::io::ErrorKind::InvalidData.into()) } else { Ok(length) }
}

/// Receives some bytes and whatever descriptors came with them.
pub(crate) fn receive_fds(socket: impl AsFd, buffer: &mut [u8]) -> std::io::Result<(usize, Vec<OwnedFd>)> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_FDS))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let message = rustix::io::retry_on_intr(|| {
        recvmsg(&socket, &mut [IoSliceMut::new(buffer)], &mut control, RecvFlags::CMSG_CLOEXEC)
    })?;
    let mut fds = Vec::new();
    for item in control.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = item {
            fds.extend(rights);
        }
    }
    Ok((message.bytes, fds))
}

/// Sends some bytes with descriptors.
pub(crate) fn send_fds(socket: impl AsFd, bytes: &[u8], fds: &[BorrowedFd<'_>]) -> std::io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_FDS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !fds.is_empty() && !control.push(SendAncillaryMessage::ScmRights(fds)) {
        return Err(std::io::Error::other("too many descriptors for one message"));
    }
    sendmsg(&socket, &[IoSlice::new(bytes)], &mut control, SendFlags::NOSIGNAL)?;
    Ok(())
}
