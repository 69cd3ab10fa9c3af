//! A request's body, checked as it streams.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use burgward_sigv4::PayloadCheck;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::{Body, BoxError};

/// Hands payload bytes on and ends well only if the whole payload is what was signed.
///
/// The last piece is held back until the judgement is in: even code that stops reading at the announced length never
/// holds a whole payload that was refused.
pub(super) struct Verified {
    inner: Body,
    check: Option<PayloadCheck>,
    ready: VecDeque<Bytes>,
    trailers: Option<HeaderMap>,
    left: Option<u64>,
    refused: bool,
}

impl Verified {
    /// A checked body; `length` is that of the payload, where it is known.
    pub(super) fn new(inner: Body, check: PayloadCheck, length: Option<u64>) -> Self {
        Self { inner, check: Some(check), ready: VecDeque::new(), trailers: None, left: length, refused: false }
    }

    fn take(&mut self, bytes: Bytes) -> Result<(), BoxError> {
        let Some(check) = &mut self.check else { return Ok(()) };
        let mut out = Vec::new();
        check.feed(bytes, &mut out)?;
        self.ready.extend(out.into_iter().filter(|piece| !piece.is_empty()));
        Ok(())
    }

    fn end(&mut self) -> Result<(), BoxError> {
        let Some(check) = self.check.take() else { return Ok(()) };
        let mut trailers = HeaderMap::new();
        for (name, value) in check.finish()? {
            trailers.insert(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
        }
        self.trailers = (!trailers.is_empty()).then_some(trailers);
        Ok(())
    }
}

impl HttpBody for Verified {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.refused {
            return Poll::Ready(Some(Err("the body was refused".into())));
        }
        loop {
            let held_back = usize::from(self.check.is_some());
            if self.ready.len() > held_back {
                return Poll::Ready(self.ready.pop_front().map(|bytes| {
                    self.left = self.left.map(|left| left.saturating_sub(bytes.len() as u64));
                    Ok(Frame::data(bytes))
                }));
            }
            if self.check.is_none() {
                return Poll::Ready(self.trailers.take().map(|trailers| Ok(Frame::trailers(trailers))));
            }
            let step = match ready!(Pin::new(&mut self.inner).poll_frame(cx)) {
                Some(Ok(frame)) => frame.into_data().map_or(Ok(()), |bytes| self.take(bytes)),
                Some(Err(error)) => Err(error),
                None => self.end(),
            };
            if let Err(error) = step {
                self.refused = true;
                self.ready.clear();
                return Poll::Ready(Some(Err(error)));
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
