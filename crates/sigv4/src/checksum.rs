//! S3's object checksums.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::{CrcAlgorithm, Digest};

/// A checksum's algorithm.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// CRC-32 (ISO-HDLC).
    Crc32,
    /// CRC-32C (Castagnoli).
    Crc32c,
    /// CRC-64/NVME.
    Crc64Nvme,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// The header or trailer that carries it.
    #[must_use]
    pub fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// The algorithm a header or trailer carries.
    #[must_use]
    pub fn from_header(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.header().eq_ignore_ascii_case(name))
    }
}

enum State {
    Crc(Box<Digest>),
    Sha(digest::Context),
}

/// A checksum in the making.
pub struct Checksum {
    algorithm: Algorithm,
    state: State,
}

impl std::fmt::Debug for Checksum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Checksum").field(&self.algorithm).finish()
    }
}

impl Checksum {
    /// A checksum of nothing yet.
    #[must_use]
    pub fn new(algorithm: Algorithm) -> Self {
        let state = match algorithm {
            Algorithm::Crc32 => State::Crc(Box::new(Digest::new(CrcAlgorithm::Crc32IsoHdlc))),
            Algorithm::Crc32c => State::Crc(Box::new(Digest::new(CrcAlgorithm::Crc32Iscsi))),
            Algorithm::Crc64Nvme => State::Crc(Box::new(Digest::new(CrcAlgorithm::Crc64Nvme))),
            Algorithm::Sha1 => State::Sha(digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY)),
            Algorithm::Sha256 => State::Sha(digest::Context::new(&digest::SHA256)),
        };
        Self { algorithm, state }
    }

    /// The algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Takes bytes in.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Crc(crc) => crc.update(bytes),
            State::Sha(sha) => sha.update(bytes),
        }
    }

    /// The checksum as headers carry it: base 64 of its big-endian bytes.
    #[must_use]
    pub fn finish(self) -> String {
        match self.state {
            State::Sha(sha) => STANDARD.encode(sha.finish()),
            State::Crc(crc) => {
                let bytes = crc.finalize().to_be_bytes();
                let short = if self.algorithm == Algorithm::Crc64Nvme { 0 } else { 4 };
                STANDARD.encode(bytes.get(short..).unwrap_or(&bytes))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check values of the CRC catalogue (`123456789`), and SHA's from FIPS 180-4 for the same text.
    #[test]
    fn check_values() {
        let of = |algorithm| {
            let mut checksum = Checksum::new(algorithm);
            checksum.update(b"1234");
            checksum.update(b"56789");
            STANDARD.decode(checksum.finish()).unwrap()
        };
        assert_eq!(of(Algorithm::Crc32), 0xcbf4_3926_u32.to_be_bytes());
        assert_eq!(of(Algorithm::Crc32c), 0xe306_9283_u32.to_be_bytes());
        assert_eq!(of(Algorithm::Crc64Nvme), 0xae8b_1486_0a79_9888_u64.to_be_bytes());
        assert_eq!(hex::encode(of(Algorithm::Sha1)), "f7c3bc1d808e04732adf679965ccc34ca7ae3441");
        assert_eq!(
            hex::encode(of(Algorithm::Sha256)),
            "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"
        );
    }
}
