//! AWS Signature Version 4: verification for a server, and a signer for clients, tests and attacks.
//!
//! Pure: no I/O, no clock. Time and keys are handed in; bodies are fed in as they arrive.
//!
//! A server takes these steps: [`Presented::read`] finds the signature (header or query), the caller looks up the key
//! and derives a [`SigningKey`], [`Presented::verify`] judges scope, time, signed headers and signature, and a
//! [`PayloadCheck`] judges the body as it streams.
//!
//! Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html>.

mod canonical;
mod checksum;
mod chunked;
mod encode;
mod error;
mod key;
mod payload;
mod present;
mod sign;
mod verify;

pub use canonical::Head;
pub use checksum::{Algorithm, Checksum};
pub use chunked::{ChunkDecoder, ChunkSigner, Decoded};
pub use encode::{decode, encode};
pub use error::{AuthError, PayloadError};
pub use key::{CredentialScope, SigningKey, sha256_hex};
pub use payload::{Payload, PayloadCheck};
pub use present::{Place, Presented};
pub use sign::{SignPayload, Signer};
pub use verify::{MAX_PRESIGN_SECS, MAX_SKEW_SECS, Verified};
