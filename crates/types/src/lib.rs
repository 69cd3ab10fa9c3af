//! The words every layer shares: ARNs, principals, time, secrets, request ids and the audit record.
//!
//! Nothing here does I/O, except [`SystemClock`] and [`RequestId::random`], which are handed to the engines from
//! outside so that a decision can be replayed.

mod arn;
mod audit;
mod clock;
mod cloudtrail;
mod ids;
mod principal;
mod secret;
#[cfg(feature = "test-without-layers")]
mod without;

pub use arn::{Action, Arn, ArnError};
pub use audit::{AuditRecord, DecisionRecord, RecordKind};
pub use clock::{Clock, FixedClock, SystemClock, Timestamp};
pub use ids::{AccountId, IdError, Region, RequestId, SandboxId};
pub use principal::Principal;
pub use secret::Secret;
#[cfg(feature = "test-without-layers")]
pub use without::{HouseLayer, Without};
