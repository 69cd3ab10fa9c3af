//! `aws-chunked`: the framing of streamed uploads, each chunk signed or all of them sealed by a checksum.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>.

use aws_lc_rs::digest;
use bytes::{Buf as _, Bytes};
use http::HeaderMap;

use crate::present::one_header;
use crate::{Algorithm, Checksum, PayloadError, SigningKey, Verified, sha256_hex};

/// The longest chunk header or trailer line; a real one has about 90 characters.
const MAX_LINE: usize = 1024;
/// The most trailers; S3 knows one checksum and the signature.
const MAX_TRAILERS: usize = 8;
const TRAILER_SIGNATURE: &str = "x-amz-trailer-signature";

/// The chain of signatures through a body.
#[derive(Debug, Clone)]
struct Chain {
    verified: Verified,
    key: SigningKey,
    chunks: u64,
}

impl Chain {
    fn chunk_text(&self, hash: &str) -> String {
        let Verified { seed, amz_date, scope } = &self.verified;
        let empty = sha256_hex(b"");
        format!("AWS4-HMAC-SHA256-PAYLOAD\n{amz_date}\n{scope}\n{seed}\n{empty}\n{hash}")
    }

    fn trailer_text(&self, trailers: &str) -> String {
        let Verified { seed, amz_date, scope } = &self.verified;
        format!("AWS4-HMAC-SHA256-TRAILER\n{amz_date}\n{scope}\n{seed}\n{}", sha256_hex(trailers.as_bytes()))
    }

    fn check(&mut self, text: &str, signature: String) -> Result<(), PayloadError> {
        if !self.key.matches(text.as_bytes(), &signature) {
            return Err(PayloadError::ChunkSignature(self.chunks));
        }
        self.verified.seed = signature;
        self.chunks += 1;
        Ok(())
    }
}

#[derive(Debug)]
enum State {
    /// In a chunk's header line.
    Header,
    /// In a chunk's data.
    Data { left: u64, signature: String },
    /// In the line break after a chunk's data.
    DataEnd,
    /// After the last chunk.
    Trailers,
    /// After the empty line that ends everything.
    Done,
}

/// What a body held beside its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The trailers, verified, without the trailers' signature.
    pub trailers: Vec<(String, String)>,
}

/// Decodes and verifies an `aws-chunked` body as it arrives.
pub struct ChunkDecoder {
    chain: Option<Chain>,
    state: State,
    line: Vec<u8>,
    hash: digest::Context,
    announced: u64,
    found: u64,
    expected: Vec<Algorithm>,
    checksums: Vec<Checksum>,
    trailers: Vec<(String, String)>,
    trailer_signature: Option<String>,
}

impl std::fmt::Debug for ChunkDecoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChunkDecoder").field("state", &self.state).finish_non_exhaustive()
    }
}

impl ChunkDecoder {
    /// A decoder; with `chain` every chunk must be signed, with `trailer` the announced checksums must follow.
    pub fn new(
        chain: Option<(Verified, SigningKey)>,
        trailer: bool,
        headers: &HeaderMap,
    ) -> Result<Self, PayloadError> {
        let length = one_header(headers, "x-amz-decoded-content-length").ok().flatten();
        let announced =
            length.filter(|text| text.bytes().all(|b| b.is_ascii_digit())).and_then(|text| text.parse().ok());
        let announced =
            announced.ok_or(PayloadError::Framing("`x-amz-decoded-content-length` is missing or no number"))?;
        let expected = if trailer { announced_trailers(headers)? } else { Vec::new() };
        Ok(Self {
            chain: chain.map(|(verified, key)| Chain { verified, key, chunks: 0 }),
            state: State::Header,
            line: Vec::new(),
            hash: digest::Context::new(&digest::SHA256),
            announced,
            found: 0,
            checksums: expected.iter().map(|algorithm| Checksum::new(*algorithm)).collect(),
            expected,
            trailers: Vec::new(),
            trailer_signature: None,
        })
    }

    /// Takes bytes in and hands the data out.
    pub fn feed(&mut self, mut bytes: Bytes, out: &mut Vec<Bytes>) -> Result<(), PayloadError> {
        while !bytes.is_empty() {
            match &mut self.state {
                State::Data { left, .. } => {
                    let take = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    *left -= take as u64;
                    let ended = *left == 0;
                    self.take_data(bytes.split_to(take), out);
                    if ended {
                        self.end_chunk()?;
                    }
                }
                State::Done => return Err(PayloadError::Framing("bytes follow the end")),
                State::Header | State::DataEnd | State::Trailers => {
                    let Some(line) = self.take_line(&mut bytes)? else { return Ok(()) };
                    self.take_step(&line)?;
                }
            }
        }
        Ok(())
    }

    fn take_data(&mut self, data: Bytes, out: &mut Vec<Bytes>) {
        self.found += data.len() as u64;
        if self.chain.is_some() {
            self.hash.update(&data);
        }
        self.checksums.iter_mut().for_each(|checksum| checksum.update(&data));
        out.push(data);
    }

    /// A line without its break, once it is whole.
    fn take_line(&mut self, bytes: &mut Bytes) -> Result<Option<String>, PayloadError> {
        let end = bytes.iter().position(|b| *b == b'\n');
        let take = end.unwrap_or(bytes.len());
        if self.line.len() + take > MAX_LINE {
            return Err(PayloadError::Framing("a line is too long"));
        }
        self.line.extend_from_slice(bytes.get(..take).unwrap_or_default());
        bytes.advance(take);
        if end.is_none() {
            return Ok(None);
        }
        bytes.advance(1);
        let mut line = std::mem::take(&mut self.line);
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        String::from_utf8(line).map(Some).map_err(|_| PayloadError::Framing("a line is not text"))
    }

    fn take_step(&mut self, line: &str) -> Result<(), PayloadError> {
        match self.state {
            State::DataEnd if line.is_empty() => self.state = State::Header,
            State::DataEnd => return Err(PayloadError::Framing("a chunk is longer than its header says")),
            State::Header => self.begin_chunk(line)?,
            State::Trailers if line.is_empty() => self.state = State::Done,
            State::Trailers | State::Data { .. } | State::Done => self.take_trailer(line)?,
        }
        Ok(())
    }

    fn begin_chunk(&mut self, line: &str) -> Result<(), PayloadError> {
        let (size, extension) = line.split_once(';').unwrap_or((line, ""));
        let hex = !size.is_empty() && size.len() <= 15 && size.bytes().all(|b| b.is_ascii_hexdigit());
        let left = if hex { u64::from_str_radix(size, 16).ok() } else { None };
        let left = left.ok_or(PayloadError::Framing("a chunk's size is no number"))?;
        if self.found.saturating_add(left) > self.announced {
            return Err(PayloadError::Length { announced: self.announced, found: self.found.saturating_add(left) });
        }
        let signature = extension.strip_prefix("chunk-signature=").unwrap_or("").to_owned();
        if self.chain.is_some() && signature.is_empty() {
            return Err(PayloadError::Framing("a chunk is not signed"));
        }
        if self.chain.is_none() && !extension.is_empty() {
            return Err(PayloadError::Framing("a chunk has an unknown extension"));
        }
        self.state = State::Data { left, signature };
        if left == 0 {
            self.end_chunk()?;
            self.state = State::Trailers;
        }
        Ok(())
    }

    fn end_chunk(&mut self) -> Result<(), PayloadError> {
        let ended = std::mem::replace(&mut self.state, State::DataEnd);
        let hash = std::mem::replace(&mut self.hash, digest::Context::new(&digest::SHA256)).finish();
        if let (Some(chain), State::Data { signature, .. }) = (&mut self.chain, ended) {
            let text = chain.chunk_text(&hex::encode(hash));
            chain.check(&text, signature)?;
        }
        Ok(())
    }

    fn take_trailer(&mut self, line: &str) -> Result<(), PayloadError> {
        let bad = || PayloadError::Trailer(line.chars().take(64).collect());
        let (name, value) = line.split_once(':').ok_or_else(bad)?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        if self.expected.is_empty() || self.trailer_signature.is_some() || self.trailers.len() >= MAX_TRAILERS {
            return Err(bad());
        }
        if name == TRAILER_SIGNATURE && self.chain.is_some() {
            self.trailer_signature = Some(value.to_owned());
            return Ok(());
        }
        let known = Algorithm::from_header(&name).is_some_and(|algorithm| self.expected.contains(&algorithm));
        if !known || self.trailers.iter().any(|(own, _)| *own == name) {
            return Err(bad());
        }
        self.trailers.push((name, value.to_owned()));
        Ok(())
    }

    /// The body has ended: judges length, trailers, their signature and the checksums.
    pub fn finish(mut self) -> Result<Decoded, PayloadError> {
        // Some clients leave out the last line break where no trailer follows.
        let ended = matches!(self.state, State::Done)
            || (matches!(self.state, State::Trailers) && self.expected.is_empty() && self.line.is_empty());
        if !ended {
            return Err(PayloadError::Framing("the body ends early"));
        }
        if self.found != self.announced {
            return Err(PayloadError::Length { announced: self.announced, found: self.found });
        }
        if let (Some(chain), false) = (&mut self.chain, self.expected.is_empty()) {
            let signature =
                self.trailer_signature.take().ok_or_else(|| PayloadError::Trailer(TRAILER_SIGNATURE.to_owned()))?;
            let text = chain.trailer_text(&canonical_trailers(&self.trailers));
            chain.check(&text, signature)?;
        }
        for checksum in self.checksums {
            let name = checksum.algorithm().header();
            let sent = self.trailers.iter().find(|(own, _)| own == name);
            let (_, sent) = sent.ok_or_else(|| PayloadError::Trailer(name.to_owned()))?;
            if checksum.finish() != *sent {
                return Err(PayloadError::Checksum(name));
            }
        }
        Ok(Decoded { trailers: self.trailers })
    }
}

/// The checksums that `x-amz-trailer` announces; at least one, or nothing would seal the body.
fn announced_trailers(headers: &HeaderMap) -> Result<Vec<Algorithm>, PayloadError> {
    let bad = || PayloadError::Trailer("x-amz-trailer".to_owned());
    let text = one_header(headers, "x-amz-trailer").ok().flatten().ok_or_else(bad)?;
    let names = text.split(',').map(|name| Algorithm::from_header(name.trim()).ok_or_else(bad));
    names.collect()
}

fn canonical_trailers(trailers: &[(String, String)]) -> String {
    trailers.iter().fold(String::new(), |text, (name, value)| text + name + ":" + value + "\n")
}

/// Writes an `aws-chunked` body, chunk by chunk: a client's side.
#[derive(Debug)]
pub struct ChunkSigner {
    chain: Option<Chain>,
    checksum: Option<Checksum>,
}

impl ChunkSigner {
    /// A writer; with `chain` it signs each chunk, with `trailer` it ends with that checksum.
    #[must_use]
    pub fn new(chain: Option<(Verified, SigningKey)>, trailer: Option<Algorithm>) -> Self {
        Self {
            chain: chain.map(|(verified, key)| Chain { verified, key, chunks: 0 }),
            checksum: trailer.map(Checksum::new),
        }
    }

    fn header(&mut self, data: &[u8]) -> String {
        let Some(chain) = &mut self.chain else { return format!("{:x}\r\n", data.len()) };
        let signature = chain.key.sign(chain.chunk_text(&sha256_hex(data)).as_bytes());
        chain.verified.seed.clone_from(&signature);
        format!("{:x};chunk-signature={signature}\r\n", data.len())
    }

    /// A chunk; an empty one would end the body, so it gives nothing.
    pub fn chunk(&mut self, data: &[u8]) -> Vec<u8> {
        if data.is_empty() {
            return Vec::new();
        }
        if let Some(checksum) = &mut self.checksum {
            checksum.update(data);
        }
        let mut out = self.header(data).into_bytes();
        out.extend_from_slice(data);
        out.extend_from_slice(b"\r\n");
        out
    }

    /// The last chunk with the trailers.
    #[must_use]
    pub fn last(mut self) -> Vec<u8> {
        let mut out = self.header(b"");
        if let Some(checksum) = self.checksum.take() {
            let name = checksum.algorithm().header();
            let trailers = [(name.to_owned(), checksum.finish())];
            for (name, value) in &trailers {
                out.extend([name.as_str(), ":", value, "\r\n"]);
            }
            if let Some(chain) = &self.chain {
                let signature = chain.key.sign(chain.trailer_text(&canonical_trailers(&trailers)).as_bytes());
                out.extend([TRAILER_SIGNATURE, ":", &signature, "\r\n"]);
            }
        }
        out.push_str("\r\n");
        out.into_bytes()
    }
}
