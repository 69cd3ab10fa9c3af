//! Throttles, quotas and concurrency limits.
//!
//! Time is handed in, so that every decision can be replayed. Counting is lock-free; only making or clearing away a
//! key's entry takes a lock.

mod bucket;
mod concurrency;
mod keyed;
mod quota;

pub use bucket::{Rate, RateError, Throttled, TokenBucket};
pub use concurrency::{Concurrency, Slot};
pub use keyed::{Keyed, KeyedBuckets, KeyedQuotas};
pub use quota::{Period, Quota, QuotaCounter, QuotaExceeded};
