//! Quotas: how many requests in a day, week or month.

use std::sync::atomic::{AtomicU64, Ordering};

use burgward_types::Timestamp;
use time::{Date, Month};

/// The period that a quota counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Period {
    /// From midnight UTC.
    Day,
    /// From Sunday midnight UTC.
    Week,
    /// From the first of the month, midnight UTC.
    Month,
}

impl Period {
    /// Reads `DAY`, `WEEK` or `MONTH`, as a usage plan writes them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "DAY" => Some(Self::Day),
            "WEEK" => Some(Self::Week),
            "MONTH" => Some(Self::Month),
            _ => None,
        }
    }

    /// The number of the period that `now` is in, counted from the epoch's; it only grows with time.
    #[must_use]
    pub fn number(self, now: Timestamp) -> u32 {
        let days = now.secs().div_euclid(86_400);
        let number = match self {
            Self::Day => days,
            // The epoch was a Thursday: four days after a Sunday.
            Self::Week => (days + 4).div_euclid(7),
            Self::Month => {
                let date = now.to_datetime();
                i64::from(date.year() - 1970) * 12 + i64::from(u8::from(date.month())) - 1
            }
        };
        u32::try_from(number).unwrap_or(0)
    }

    /// When the period of that number ends.
    #[must_use]
    pub fn end(self, number: u32) -> Timestamp {
        let next = i64::from(number) + 1;
        match self {
            Self::Day => Timestamp::from_secs(next * 86_400),
            Self::Week => Timestamp::from_secs((next * 7 - 4) * 86_400),
            Self::Month => {
                let year = i32::try_from(1970 + next.div_euclid(12)).unwrap_or(9999);
                let month = u8::try_from(next.rem_euclid(12) + 1).ok().and_then(|m| Month::try_from(m).ok());
                let date = Date::from_calendar_date(year, month.unwrap_or(Month::January), 1).unwrap_or(Date::MAX);
                Timestamp::from_secs(date.midnight().assume_utc().unix_timestamp())
            }
        }
    }
}

/// How many requests in which period.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/api/API_QuotaSettings.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How many requests.
    pub limit: u32,
    /// Requests subtracted in the first period that is counted.
    pub offset: u32,
    /// In which period.
    pub period: Period,
}

/// The quota is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaExceeded {
    /// When the next period begins.
    pub resets_at: Timestamp,
}

/// One key's use of a quota: the period's number above, the count below, in one atomic word.
#[derive(Debug, Default)]
pub struct QuotaCounter(AtomicU64);

impl QuotaCounter {
    /// Takes up a count that was kept over a restart; see [`QuotaCounter::snapshot`].
    #[must_use]
    pub fn restore(snapshot: u64) -> Self {
        Self(AtomicU64::new(snapshot))
    }

    /// The counter in one word, to be kept over a restart.
    #[must_use]
    pub fn snapshot(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// How many requests the period of `now` has seen.
    #[must_use]
    pub fn used(&self, quota: Quota, now: Timestamp) -> u32 {
        let (number, count) = unpack(self.snapshot());
        if number == quota.period.number(now) { count } else { 0 }
    }

    /// Counts a request, or says when the next could pass. A clock that goes back does not open a new period.
    pub fn take(&self, quota: Quota, now: Timestamp) -> Result<(), QuotaExceeded> {
        let today = quota.period.number(now);
        let mut seen = self.0.load(Ordering::Acquire);
        loop {
            let (number, count) = unpack(seen);
            let first = seen == 0;
            let (number, count) = match (first, number >= today) {
                (true, _) => (today, quota.offset),
                (false, true) => (number, count),
                (false, false) => (today, 0),
            };
            if count >= quota.limit {
                return Err(QuotaExceeded { resets_at: quota.period.end(number) });
            }
            let next = pack(number, count.saturating_add(1));
            match self.0.compare_exchange_weak(seen, next, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Ok(()),
                Err(other) => seen = other,
            }
        }
    }
}

fn pack(number: u32, count: u32) -> u64 {
    (u64::from(number) << 32) | u64::from(count)
}

#[expect(clippy::cast_possible_truncation, reason = "each half of the word is taken as it is")]
fn unpack(word: u64) -> (u32, u32) {
    ((word >> 32) as u32, word as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22 12:34:56 UTC, a Sunday.
    const NOW: Timestamp = Timestamp(1_795_350_896_000);

    #[test]
    fn periods_end_where_the_calendar_says() {
        let end = |period: Period| period.end(period.number(NOW)).iso8601();
        assert_eq!(end(Period::Day), "2026-11-23T00:00:00Z");
        assert_eq!(end(Period::Week), "2026-11-29T00:00:00Z");
        assert_eq!(end(Period::Month), "2026-12-01T00:00:00Z");
        for period in [Period::Day, Period::Week, Period::Month] {
            let number = period.number(NOW);
            assert_eq!(period.number(period.end(number)), number + 1);
            assert_eq!(period.number(period.end(number).plus_millis(-1)), number);
        }
    }

    #[test]
    fn a_quota_runs_out_and_comes_back() {
        let quota = Quota { limit: 3, offset: 1, period: Period::Day };
        let counter = QuotaCounter::default();
        assert!(counter.take(quota, NOW).is_ok());
        assert!(counter.take(quota, NOW).is_ok());
        let exceeded = counter.take(quota, NOW).unwrap_err();
        assert_eq!(exceeded.resets_at.iso8601(), "2026-11-23T00:00:00Z");
        assert!(counter.take(quota, NOW.plus_millis(-86_400_000)).is_err(), "yesterday is over");
        let kept = QuotaCounter::restore(counter.snapshot());
        assert!(kept.take(quota, NOW).is_err());
        assert_eq!((0..9).filter(|_| kept.take(quota, exceeded.resets_at).is_ok()).count(), 3);
        assert_eq!(kept.used(quota, exceeded.resets_at), 3);
    }
}
