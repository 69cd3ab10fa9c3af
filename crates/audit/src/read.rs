//! Reading the log back, judging every record on the way.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use burgward_types::AuditRecord;
use burgward_vault::Vault;

use crate::AuditError;
use crate::chain::{self, Head, Links};

pub(crate) const MAGIC: &[u8; 8] = b"BWAUDIT1";
/// Magic, the number of the first record, and the hash before it.
pub(crate) const SEGMENT_HEADER_LEN: u64 = 8 + 8 + 32;
/// The most bytes that one sealed record may have.
pub(crate) const MAX_FRAME: usize = 1 << 20;

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyReport {
    /// The chain's end.
    pub head: Head,
    /// How many records the signed head on the disk covers; the others came after it was written.
    pub signed_records: u64,
    /// How many segments there are.
    pub segments: usize,
    /// Bytes after the last whole record: a record that was being written when the log was read or its writer died.
    pub torn_bytes: u64,
}

/// The records of a log, oldest first.
#[derive(Debug)]
pub struct Records {
    links: Links,
    segments: std::vec::IntoIter<PathBuf>,
    current: Option<Segment>,
    pub(crate) head: Head,
    /// Up to here every record must be whole: a signed head said so.
    signed: u64,
    /// Heads that must be met while walking: the signed one, and the one the caller asks for.
    expected: Vec<Expected>,
    pub(crate) segment_count: usize,
    pub(crate) tail: Tail,
    failed: bool,
}

#[derive(Clone, Copy, Debug)]
struct Expected {
    head: Head,
    met: bool,
}

/// Where the last segment's whole records end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tail {
    pub(crate) path: Option<PathBuf>,
    pub(crate) whole: u64,
    pub(crate) torn: u64,
}

#[derive(Debug)]
struct Segment {
    path: PathBuf,
    file: BufReader<File>,
    at: u64,
    len: u64,
}

enum Frame {
    Whole(Vec<u8>),
    End,
    Torn,
}

impl Segment {
    /// Reads the next frame: its length, four bytes little-endian, then the sealed record.
    fn next(&mut self) -> Result<Frame, AuditError> {
        let left = self.len - self.at;
        if left == 0 {
            return Ok(Frame::End);
        }
        if left < 4 {
            return Ok(Frame::Torn);
        }
        let io = AuditError::io("read", &self.path);
        let mut length = [0_u8; 4];
        self.file.read_exact(&mut length).map_err(&io)?;
        let length = u64::from(u32::from_le_bytes(length));
        if length > left - 4 || length > MAX_FRAME as u64 || length == 0 {
            return Ok(Frame::Torn);
        }
        let mut frame = vec![0_u8; usize::try_from(length).unwrap_or(0)];
        self.file.read_exact(&mut frame).map_err(&io)?;
        self.at += 4 + length;
        Ok(Frame::Whole(frame))
    }
}

pub(crate) fn segment_name(first: u64) -> String {
    format!("{first:020}.seg")
}

fn segments(dir: &Path) -> Result<Vec<PathBuf>, AuditError> {
    let io = AuditError::io("list", dir);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(&io)? {
        let path = entry.map_err(&io)?.path();
        if path.extension().is_some_and(|extension| extension == "seg") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

impl Records {
    pub(crate) fn open(dir: &Path, vault: &Vault, expect: Option<Head>) -> Result<Self, AuditError> {
        let signed = chain::read_head(dir, vault)?;
        let segments = segments(dir)?;
        if signed.is_none() && !segments.is_empty() {
            // A head is signed before the first segment is made.
            return Err(AuditError::HeadForged);
        }
        #[cfg(feature = "test-without-layers")]
        let signed = signed.filter(|_| !vault.without().lacks(burgward_types::HouseLayer::AuditHead));
        let expected =
            signed.into_iter().chain(expect).map(|head| Expected { head, met: head == Head::EMPTY }).collect();
        Ok(Self {
            links: Links::of(vault)?,
            segment_count: segments.len(),
            segments: segments.into_iter(),
            current: None,
            head: Head::EMPTY,
            signed: signed.map_or(0, |head| head.records),
            expected,
            tail: Tail::default(),
            failed: false,
        })
    }

    /// Reads to the end, then says whether every expected head was met.
    pub(crate) fn finish(mut self) -> Result<(VerifyReport, Tail), AuditError> {
        for record in self.by_ref() {
            record?;
        }
        if let Some(missing) = self.expected.iter().find(|expected| !expected.met) {
            return Err(AuditError::HeadMissing {
                expected: missing.head.to_string(),
                head: self.head.to_string(),
                records: self.head.records,
            });
        }
        let report = VerifyReport {
            head: self.head,
            signed_records: self.signed,
            segments: self.segment_count,
            torn_bytes: self.tail.torn,
        };
        Ok((report, self.tail))
    }

    fn tampered(&mut self, what: &'static str) -> AuditError {
        self.failed = true;
        let path = self.current.as_ref().map(|segment| segment.path.as_path());
        let segment = path.and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
        AuditError::Tampered { what, segment, sequence: self.head.records }
    }

    /// The next record's plaintext.
    fn advance(&mut self) -> Result<Option<Vec<u8>>, AuditError> {
        loop {
            let Some(segment) = self.current.as_mut() else {
                match self.segments.next() {
                    Some(path) => self.begin(path)?,
                    None => return Ok(None),
                }
                continue;
            };
            let start = segment.at;
            match segment.next()? {
                Frame::End => {
                    self.tail = Tail { path: Some(segment.path.clone()), whole: start, torn: 0 };
                    self.current = None;
                }
                Frame::Torn => self.torn(start)?,
                Frame::Whole(sealed) => {
                    let opened = self.head.open_next(&self.links, &sealed);
                    if opened.is_none() && self.may_be_torn() {
                        self.torn(start)?;
                        continue;
                    }
                    let plaintext = opened.ok_or_else(|| self.tampered("a record was altered, moved or left out"))?;
                    self.meet();
                    return Ok(Some(plaintext));
                }
            }
        }
    }

    fn begin(&mut self, path: PathBuf) -> Result<(), AuditError> {
        let io = AuditError::io("read", &path);
        let mut file = File::open(&path).map_err(&io)?;
        let len = file.metadata().map_err(&io)?.len();
        let mut header = [0_u8; 48];
        let whole = len >= SEGMENT_HEADER_LEN;
        if whole {
            file.read_exact(&mut header).map_err(&io)?;
        }
        let fits = path.file_name().is_some_and(|name| name == segment_name(self.head.records).as_str())
            && header == segment_header(&self.head);
        self.current =
            Some(Segment { path, file: BufReader::with_capacity(1 << 16, file), at: SEGMENT_HEADER_LEN, len });
        match (whole, fits) {
            (_, true) => Ok(()),
            // A segment is made just before its first record is written.
            (false, false) if self.may_be_torn() => self.torn(0),
            _ => Err(self.tampered("a segment does not follow the one before it")),
        }
    }

    /// Only what comes after the signed head, in the last segment, can be a record that was never acknowledged.
    fn may_be_torn(&self) -> bool {
        self.head.records >= self.signed && self.segments.len() == 0
    }

    fn torn(&mut self, whole: u64) -> Result<(), AuditError> {
        if !self.may_be_torn() {
            return Err(self.tampered("a record was cut off"));
        }
        if let Some(segment) = self.current.take() {
            self.tail = Tail { path: Some(segment.path), whole, torn: segment.len - whole };
        }
        Ok(())
    }

    fn meet(&mut self) {
        for expected in &mut self.expected {
            expected.met |= expected.head == self.head;
        }
    }
}

/// What a segment begins with: it says which record comes first and what came before.
pub(crate) fn segment_header(head: &Head) -> [u8; 48] {
    let mut header = [0_u8; 48];
    let (magic, rest) = header.split_at_mut(8);
    let (number, hash) = rest.split_at_mut(8);
    magic.copy_from_slice(MAGIC);
    number.copy_from_slice(&head.records.to_be_bytes());
    hash.copy_from_slice(&head.hash);
    header
}

impl Iterator for Records {
    type Item = Result<(u64, AuditRecord), AuditError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let number = self.head.records;
        match self.advance() {
            Ok(None) => None,
            Ok(Some(plaintext)) => Some(match serde_json::from_slice(&plaintext) {
                Ok(record) => Ok((number, record)),
                Err(_) => Err(self.tampered("a record is no record")),
            }),
            Err(error) => {
                self.failed = true;
                Some(Err(error))
            }
        }
    }
}
