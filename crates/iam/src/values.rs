//! Numbers, dates, addresses and bytes as conditions compare them.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use std::cmp::Ordering;
use std::net::IpAddr;

/// A decimal number; whole ones compare exactly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number {
    whole: Option<i128>,
    float: f64,
}

impl Number {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let shaped = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'));
        let float: f64 = text.parse().ok().filter(|f: &f64| shaped && f.is_finite())?;
        Some(Self { whole: text.parse().ok(), float })
    }

    pub(crate) fn compare(self, other: Self) -> Ordering {
        match (self.whole, other.whole) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => self.float.total_cmp(&other.float),
        }
    }
}

/// An instant in nanoseconds since 1970: ISO 8601 as the W3C profiles it, or seconds since 1970.
///
/// A bare number of four digits is a year, as in the W3C note; longer ones are seconds.
/// Source: <https://www.w3.org/TR/NOTE-datetime>
pub(crate) fn parse_date(text: &str) -> Option<i128> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.len() != 4 && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return epoch(text);
    }
    let (date, time) = match text.split_once(['T', 't']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = field(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |m| field(m, 2))?;
    let day = parts.next().map_or(Some(1), |d| field(d, 2))?;
    if parts.next().is_some() || !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    let nanos = match time {
        Some(time) if date.len() == 10 => clock(time)?,
        Some(_) => return None,
        None => 0,
    };
    Some(days_since_1970(year, month, day) * 86_400 * SECOND + nanos)
}

const SECOND: i128 = 1_000_000_000;

fn epoch(text: &str) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds: i64 = whole.parse().ok()?;
    let nanos = nanos_of(fraction)?;
    let negative = whole.starts_with('-');
    Some(i128::from(seconds) * SECOND + if negative { -nanos } else { nanos })
}

fn nanos_of(fraction: &str) -> Option<i128> {
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(fraction.bytes().chain(std::iter::repeat(b'0')).take(9).fold(0, |n, b| n * 10 + i128::from(b - b'0')))
}

fn field(text: &str, width: usize) -> Option<i64> {
    let shaped = text.len() == width && text.bytes().all(|b| b.is_ascii_digit());
    shaped.then(|| text.parse().ok())?
}

/// `hh:mm`, `hh:mm:ss` or `hh:mm:ss.s`, and the zone (`Z`, `+hh:mm`, `+hhmm`).
fn clock(text: &str) -> Option<i128> {
    let at = text.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = text.split_at_checked(at)?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut parts = time.split(':');
    let hour = field(parts.next()?, 2)?;
    let minute = field(parts.next()?, 2)?;
    let second = parts.next().map_or(Some(0), |s| field(s, 2))?;
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let offset = match zone {
        "Z" | "z" => 0,
        _ => {
            let (sign, rest) = zone.split_at_checked(1)?;
            let (h, m) = rest.split_once(':').or_else(|| rest.split_at_checked(2))?;
            let seconds = field(h, 2)? * 3600 + field(m, 2)? * 60;
            if sign == "-" { -seconds } else { seconds }
        }
    };
    Some(i128::from(hour * 3600 + minute * 60 + second - offset) * SECOND + nanos_of(fraction)?)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The civil calendar counted in days, with March as the year's first month so that leap days come last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i128 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    i128::from(era * 146_097 + day_of_era - 719_468)
}

/// An address range.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Range {
    network: u128,
    bits: u32,
    v4: bool,
}

impl Range {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let (value, v4) = number(address.parse().ok()?);
        let width: u32 = if v4 { 32 } else { 128 };
        let bits = match bits {
            Some(bits) if bits.bytes().all(|b| b.is_ascii_digit()) => bits.parse().ok()?,
            Some(_) => return None,
            None => width,
        };
        Some(Self { network: value, bits: width.checked_sub(bits)?, v4 })
    }

    pub(crate) fn contains(self, address: IpAddr) -> bool {
        let (value, v4) = number(address);
        let cut = |n: u128| n.checked_shr(self.bits).unwrap_or(0);
        v4 == self.v4 && cut(value) == cut(self.network)
    }
}

fn number(address: IpAddr) -> (u128, bool) {
    match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()), true),
        IpAddr::V6(v6) => (v6.to_bits(), false),
    }
}

/// The bytes of a base64 text; `None` where it is none.
pub(crate) fn base64(text: &str) -> impl Iterator<Item = Option<u8>> {
    let body = text.trim_end_matches('=');
    let sound = body.len() % 4 != 1 && text.len() - body.len() <= 2;
    let mut sextets = body.bytes();
    let (mut bits, mut count, mut failed) = (0_u32, 0_u32, false);
    std::iter::from_fn(move || {
        if failed {
            return None;
        }
        while count < 8 {
            let value = sextets.next().map(|b| sextet(b).filter(|_| sound))?;
            let Some(value) = value else {
                failed = true;
                return Some(None);
            };
            bits = (bits << 6 | value) & 0xffff;
            count += 6;
        }
        count -= 8;
        u8::try_from(bits >> count & 0xff).ok().map(Some)
    })
}

fn sextet(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

/// `true` or `false`, in any case.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}
