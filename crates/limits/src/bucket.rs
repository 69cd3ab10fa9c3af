//! The token bucket, as API Gateway's throttle has it.

use std::sync::atomic::{AtomicI64, Ordering};

use burgward_types::Timestamp;
use thiserror::Error;

/// A steady rate and the burst above it.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Requests a second; 0 lets nothing through once the burst is used up.
    per_second: f64,
    /// How many requests may come at once.
    burst: u32,
}

/// Why a rate is none.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("`{0}` is not a rate of requests a second\n  hint: give a number from 0 to 1000000000")]
pub struct RateError(f64);

/// A request came too early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttled {
    /// When the next request could pass; `None` if never.
    pub retry_after_millis: Option<i64>,
}

impl Rate {
    /// A rate with its burst.
    pub fn new(per_second: f64, burst: u32) -> Result<Self, RateError> {
        if per_second.is_finite() && (0.0..=1e9).contains(&per_second) {
            Ok(Self { per_second, burst })
        } else {
            Err(RateError(per_second))
        }
    }

    /// Requests a second.
    #[must_use]
    pub fn per_second(self) -> f64 {
        self.per_second
    }

    /// How many requests may come at once.
    #[must_use]
    pub fn burst(self) -> u32 {
        self.burst
    }

    /// Nanoseconds between two requests; `None` for the rate 0.
    #[expect(clippy::cast_possible_truncation, reason = "a float's cast saturates, and the range is checked in `new`")]
    fn interval(self) -> Option<i64> {
        (self.per_second > 0.0).then(|| (1e9 / self.per_second).ceil() as i64)
    }
}

/// One bucket, in one atomic word: the time at which it will be full again (GCRA, the token bucket's equal).
#[derive(Debug)]
pub struct TokenBucket {
    /// Nanoseconds since the epoch; at `i64::MIN` the bucket is full.
    full_at: AtomicI64,
}

impl Default for TokenBucket {
    fn default() -> Self {
        Self { full_at: AtomicI64::new(i64::MIN) }
    }
}

impl TokenBucket {
    /// A full bucket.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a token, or says how long to wait. The rate is given at every call so that it can be changed at any time.
    pub fn take(&self, rate: Rate, now: Timestamp) -> Result<(), Throttled> {
        let now = now.0.saturating_mul(1_000_000);
        // Without a refill, a token costs a year of the bucket's time, and the burst is as many years.
        let interval = rate.interval().unwrap_or(NEVER);
        let depth = interval.saturating_mul(i64::from(rate.burst));
        let mut seen = self.full_at.load(Ordering::Acquire);
        loop {
            let next = seen.max(now).saturating_add(interval);
            let excess = next.saturating_sub(now).saturating_sub(depth);
            if excess > 0 {
                let refills = rate.interval().is_some() && rate.burst > 0;
                let millis = excess.saturating_add(999_999).div_euclid(1_000_000);
                return Err(Throttled { retry_after_millis: refills.then_some(millis) });
            }
            match self.full_at.compare_exchange_weak(seen, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Ok(()),
                Err(other) => seen = other,
            }
        }
    }

    /// True if the bucket is full: forgetting it changes nothing.
    #[must_use]
    pub fn is_full(&self, now: Timestamp) -> bool {
        self.full_at.load(Ordering::Acquire) <= now.0.saturating_mul(1_000_000)
    }
}

const NEVER: i64 = 365 * 24 * 3600 * 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn count(bucket: &TokenBucket, rate: Rate, now: Timestamp, tries: u32) -> u32 {
        (0..tries).map(|_| u32::from(bucket.take(rate, now).is_ok())).sum()
    }

    #[test]
    fn a_burst_then_the_rate() {
        let (bucket, rate, start) = (TokenBucket::new(), Rate::new(10.0, 5).unwrap(), Timestamp(1_795_350_896_000));
        assert_eq!(count(&bucket, rate, start, 20), 5);
        assert_eq!(bucket.take(rate, start), Err(Throttled { retry_after_millis: Some(100) }));
        assert_eq!(count(&bucket, rate, start.plus_millis(100), 20), 1);
        assert_eq!(count(&bucket, rate, start.plus_millis(1_000), 20), 5, "never more than the burst");
        assert!(!bucket.is_full(start.plus_millis(1_499)));
        assert!(bucket.is_full(start.plus_millis(1_500)));
    }

    #[test]
    fn zero_closes() {
        let start = Timestamp(1_795_350_896_000);
        assert!(TokenBucket::new().take(Rate::new(0.0, 0).unwrap(), start).is_err());
        assert!(TokenBucket::new().take(Rate::new(10.0, 0).unwrap(), start).is_err());
        let (bucket, rate) = (TokenBucket::new(), Rate::new(0.0, 3).unwrap());
        assert_eq!(count(&bucket, rate, start, 9), 3);
        assert_eq!(bucket.take(rate, start.plus_millis(1 << 30)), Err(Throttled { retry_after_millis: None }));
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing_away() {
        let (bucket, rate, start) = (TokenBucket::new(), Rate::new(1.0, 1).unwrap(), Timestamp(1_795_350_896_000));
        assert!(bucket.take(rate, start).is_ok());
        assert!(bucket.take(rate, start.plus_millis(-60_000)).is_err());
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for bad in [f64::NAN, f64::INFINITY, -1.0, 1e12] {
            assert!(Rate::new(bad, 1).is_err(), "{bad}");
        }
    }

    /// The textbook bucket: tokens as a fraction, filled before each take.
    struct Reference {
        tokens: f64,
        at: i64,
    }

    impl Reference {
        fn take(&mut self, rate: Rate, now: i64) -> bool {
            #[expect(clippy::cast_precision_loss, reason = "the test's times are small")]
            let elapsed = (now - self.at) as f64 / 1e3;
            self.tokens = (self.tokens + elapsed * rate.per_second).min(f64::from(rate.burst));
            self.at = now;
            let passes = self.tokens >= 1.0 - 1e-6;
            if passes {
                self.tokens -= 1.0;
            }
            passes
        }
    }

    proptest! {
        #[test]
        fn equals_the_textbook(per_second in 1_u32..200, burst in 1_u32..20, steps in prop::collection::vec(0_i64..200, 1..200)) {
            // Rates that divide a second keep both sides exact.
            let per_second = f64::from([1, 2, 4, 5, 8, 10, 20, 25, 40, 50, 100, 125, 200][per_second as usize % 13]);
            let rate = Rate::new(per_second, burst).unwrap();
            let bucket = TokenBucket::new();
            let mut reference = Reference { tokens: f64::from(burst), at: 1_000 };
            let mut now = 1_000;
            for step in steps {
                now += step;
                prop_assert_eq!(bucket.take(rate, Timestamp(now)).is_ok(), reference.take(rate, now));
            }
        }
    }
}
