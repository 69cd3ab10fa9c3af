//! Entity tags and checksums, computed while a content streams in.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Md5, Sha1, Sha256};
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

/// The checksum algorithms that S3 knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Algorithm {
    #[serde(rename = "CRC32")]
    Crc32,
    #[serde(rename = "CRC32C")]
    Crc32c,
    #[serde(rename = "CRC64NVME")]
    Crc64Nvme,
    #[serde(rename = "SHA1")]
    Sha1,
    #[serde(rename = "SHA256")]
    Sha256,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    pub(crate) fn parse(name: &str) -> S3Result<Self> {
        let found = Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name));
        found.ok_or_else(|| s3_error!(InvalidRequest, "Checksum algorithm provided is unsupported."))
    }
}

/// A checksum as clients write it: base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) value: String,
    /// True if it is a checksum of the parts' checksums.
    #[serde(default)]
    pub(crate) composite: bool,
}

/// Checksums that a request names, by header; `None` where there is none.
#[derive(Debug, Default)]
pub(crate) struct Claimed {
    pub(crate) md5: Option<String>,
    pub(crate) checksums: Vec<(Algorithm, String)>,
}

impl Claimed {
    /// Takes the five checksum headers' values, in the order of [`Algorithm::ALL`].
    pub(crate) fn new(md5: Option<String>, values: [Option<String>; 5]) -> S3Result<Self> {
        let named = Algorithm::ALL.into_iter().zip(values);
        let checksums: Vec<_> = named.filter_map(|(algorithm, value)| Some((algorithm, value?))).collect();
        if checksums.len() > 1 {
            return Err(s3_error!(
                InvalidRequest,
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
            ));
        }
        if let Some(md5) = &md5 {
            let decoded = STANDARD.decode(md5).ok().filter(|bytes| bytes.len() == 16);
            decoded.ok_or_else(|| s3_error!(InvalidDigest, "The Content-MD5 you specified was invalid."))?;
        }
        Ok(Self { md5, checksums })
    }

    /// Compares what the request named with what came.
    pub(crate) fn check(&self, digested: &Digested) -> S3Result<()> {
        if self.md5.as_ref().is_some_and(|claimed| *claimed != STANDARD.encode(digested.md5)) {
            return Err(s3_error!(BadDigest, "The Content-MD5 you specified did not match what we received."));
        }
        for (algorithm, claimed) in &self.checksums {
            if *claimed != digested.checksum.value || *algorithm != digested.checksum.algorithm {
                return Err(s3_error!(
                    BadDigest,
                    "The {} you specified did not match the calculated checksum.",
                    algorithm.name()
                ));
            }
        }
        Ok(())
    }
}

/// What is computed of one content.
pub(crate) struct Digests {
    md5: Md5,
    algorithm: Algorithm,
    hasher: ChecksumHasher,
}

/// What was computed.
#[derive(Clone, Debug)]
pub(crate) struct Digested {
    pub(crate) md5: [u8; 16],
    pub(crate) checksum: Checksum,
}

impl Digests {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        let mut hasher = ChecksumHasher::default();
        match algorithm {
            Algorithm::Crc32 => hasher.crc32 = Some(Crc32::new()),
            Algorithm::Crc32c => hasher.crc32c = Some(Crc32c::new()),
            Algorithm::Crc64Nvme => hasher.crc64nvme = Some(Crc64Nvme::new()),
            Algorithm::Sha1 => hasher.sha1 = Some(Sha1::new()),
            Algorithm::Sha256 => hasher.sha256 = Some(Sha256::new()),
        }
        Self { md5: Md5::new(), algorithm, hasher }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        self.hasher.update(bytes);
    }

    pub(crate) fn finish(self) -> Digested {
        let sums = self.hasher.finalize();
        let value = match self.algorithm {
            Algorithm::Crc32 => sums.checksum_crc32,
            Algorithm::Crc32c => sums.checksum_crc32c,
            Algorithm::Crc64Nvme => sums.checksum_crc64nvme,
            Algorithm::Sha1 => sums.checksum_sha1,
            Algorithm::Sha256 => sums.checksum_sha256,
        };
        let checksum = Checksum { algorithm: self.algorithm, value: value.unwrap_or_default(), composite: false };
        Digested { md5: self.md5.finalize(), checksum }
    }
}

/// A multipart object's `ETag`: the MD5 of the parts' MD5s, and how many parts there are.
pub(crate) fn etag_of_parts(md5s: &[[u8; 16]]) -> String {
    let mut md5 = Md5::new();
    for part in md5s {
        md5.update(part);
    }
    format!("{}-{}", hex::encode(md5.finalize()), md5s.len())
}

/// A multipart object's composite checksum: the checksum of the parts' checksums, and how many parts there are.
pub(crate) fn composite(algorithm: Algorithm, parts: &[&str]) -> Checksum {
    let mut digests = Digests::new(algorithm);
    for part in parts {
        digests.update(&STANDARD.decode(part).unwrap_or_default());
    }
    let value = format!("{}-{}", digests.finish().checksum.value, parts.len());
    Checksum { algorithm, value, composite: true }
}
