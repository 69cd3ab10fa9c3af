//! Header names as an HTTP/1.1 client wrote them.
//!
//! REST APIs hand them to functions with their case kept (`Authorization`, `X-My-Header`); hyper gives lower case only.
//! So the names are read from the bytes as they pass. What is noted here only decides the *case* of a name that hyper
//! itself accepted, and whether a request in chunks is refused: a body that looks like headers can change nothing else.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// More different names than this on one connection are left in lower case.
const MAX_NAMES: usize = 128;
/// Longer names are left in lower case.
const MAX_NAME: usize = 64;

/// The names seen on one connection.
#[derive(Debug, Default)]
pub(crate) struct HeaderNames {
    seen: Mutex<Arc<Vec<Box<str>>>>,
    two_lengths: AtomicBool,
}

impl HeaderNames {
    /// What is known now.
    pub(crate) fn snapshot(&self) -> Spelling {
        Spelling(Arc::clone(&self.seen.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Whether a head on this connection had both `Content-Length` and `Transfer-Encoding`.
    ///
    /// hyper takes the length away, so the request itself does not show it any more. A body that holds the headers of
    /// such a request counts as well; it matters only if a request in chunks comes with or after it.
    pub(crate) fn two_lengths(&self) -> bool {
        self.two_lengths.load(Ordering::Acquire)
    }

    fn note(&self, name: &str) {
        if name.is_empty() {
            return;
        }
        let mut names = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let known = names.iter().position(|known| known.eq_ignore_ascii_case(name));
        match known {
            Some(at) if names.get(at).is_some_and(|known| &**known == name) => {}
            Some(at) => {
                if let Some(slot) = Arc::make_mut(&mut names).get_mut(at) {
                    *slot = name.into();
                }
            }
            None if names.len() < MAX_NAMES => Arc::make_mut(&mut names).push(name.into()),
            None => {}
        }
    }
}

/// How names are spelled in an event.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spelling(Arc<Vec<Box<str>>>);

impl Spelling {
    /// The name as an event of a REST API has it.
    pub(crate) fn of<'a>(&'a self, lower: &'a str) -> &'a str {
        match lower {
            // API Gateway's own edge spells these, whatever the client wrote.
            "authorization" => "Authorization",
            "user-agent" => "User-Agent",
            "host" => "Host",
            "x-forwarded-for" => "X-Forwarded-For",
            "x-forwarded-port" => "X-Forwarded-Port",
            "x-forwarded-proto" => "X-Forwarded-Proto",
            "x-amzn-trace-id" => "X-Amzn-Trace-Id",
            _ => self.0.iter().find(|name| name.eq_ignore_ascii_case(lower)).map_or(lower, |name| name),
        }
    }
}

/// A stream that notes the header names read from it.
#[derive(Debug)]
pub(crate) struct Tap<S> {
    inner: S,
    names: Arc<HeaderNames>,
    line: Line,
    lengths: Lengths,
}

/// Which of the headers that say how long a body is have come since the last empty line. A head has no empty line in it.
#[derive(Debug, Default)]
struct Lengths {
    host: bool,
    length: bool,
    encoding: bool,
}

impl Lengths {
    /// True once both have come in what can be a head: one without a host is refused anyway.
    fn note(&mut self, name: &str) -> bool {
        self.host |= name.eq_ignore_ascii_case("host");
        self.length |= name.eq_ignore_ascii_case("content-length");
        self.encoding |= name.eq_ignore_ascii_case("transfer-encoding");
        self.host && self.length && self.encoding
    }
}

#[derive(Debug)]
enum Line {
    /// At the beginning of a line, with the name read so far.
    Name(String),
    /// Past the name.
    Rest,
}

impl<S> Tap<S> {
    pub(crate) fn new(inner: S, names: Arc<HeaderNames>) -> Self {
        Self { inner, names, line: Line::Rest, lengths: Lengths::default() }
    }

    fn scan(&mut self, mut bytes: &[u8]) {
        while let Some((&byte, after)) = bytes.split_first() {
            match &mut self.line {
                Line::Rest => {
                    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else { return };
                    bytes = bytes.get(end + 1..).unwrap_or_default();
                    self.line = Line::Name(String::new());
                    continue;
                }
                Line::Name(name) if byte == b':' => {
                    self.names.note(name);
                    if self.lengths.note(name) {
                        self.names.two_lengths.store(true, Ordering::Release);
                    }
                    self.line = Line::Rest;
                }
                Line::Name(name)
                    if (byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) && name.len() < MAX_NAME =>
                {
                    name.push(char::from(byte));
                }
                Line::Name(name) => {
                    if name.is_empty() && b"\r\n".contains(&byte) {
                        self.lengths = Lengths::default();
                    }
                    self.line = if byte == b'\n' { Line::Name(String::new()) } else { Line::Rest };
                }
            }
            bytes = after;
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buf);
        if let Poll::Ready(Ok(())) = &polled {
            let read = buf.filled().get(before..).unwrap_or_default();
            self.scan(read);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}
