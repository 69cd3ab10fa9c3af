//! What all APIs of an account share.

use burgward_limits::{Rate, RateError, TokenBucket};
use burgward_types::Timestamp;

use crate::memory::Memory;
use crate::stop::{Cause, Stop, StoppedBy};

/// The account's default limits: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
const RATE: f64 = 10_000.0;
const BURST: u32 = 5_000;

/// How much memory bodies, events and answers may take together.
const MEMORY: usize = 256 * 1024 * 1024;

/// Limits that hold for all gateways that are given the same of them: requests a second, and memory.
#[derive(Debug)]
pub struct AccountLimits {
    bucket: TokenBucket,
    pub(crate) memory: Memory,
}

impl Default for AccountLimits {
    fn default() -> Self {
        Self::with_memory(MEMORY)
    }
}

impl AccountLimits {
    /// Limits with another amount of memory, in bytes, for bodies, events and answers under way.
    #[must_use]
    pub fn with_memory(bytes: usize) -> Self {
        Self { bucket: TokenBucket::new(), memory: Memory::new(bytes) }
    }

    /// Counts a request.
    pub(crate) fn take(&self, rate: Rate, now: Timestamp) -> Result<(), Stop> {
        let throttled = |_| Stop::new(StoppedBy::Throttle, Cause::Throttled, "the account's limit");
        self.bucket.take(rate, now).map_err(throttled)
    }
}

/// The rate that holds for an account.
pub(crate) fn rate() -> Result<Rate, RateError> {
    Rate::new(RATE, BURST)
}
