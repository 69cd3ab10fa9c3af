//! Condition operators, one by one.

use std::net::IpAddr;

use super::text::{arn_like, like, symbols};
use crate::Context;

/// Whether one key of one operator holds.
pub(super) fn holds(operator: &str, key: &str, wanted: &[String], variables: bool, context: &Context) -> bool {
    let operator = operator.to_lowercase();
    let (set, operator) = match operator.split_once(':') {
        Some((set, operator)) => (set.to_owned(), operator.to_owned()),
        None => (String::new(), operator),
    };
    let found: Option<Vec<String>> = context.get(key).map(|v| v.values().to_vec()).filter(|v| !v.is_empty());
    if operator == "null" {
        return wanted.iter().any(|w| (w == "true") == found.is_none());
    }
    let if_exists = operator.ends_with("ifexists");
    let operator = operator.trim_end_matches("ifexists");
    let negated = operator.contains("not");
    let single = matches!(context.get(key), Some(crate::ContextValue::One(_)));
    let one = |value: &String| wanted.iter().any(|w| compare(operator, value, w, variables, context)) != negated;
    match (found, set.as_str()) {
        (None, _) if if_exists => true,
        (None, "forallvalues") => true,
        (None, "foranyvalue") => false,
        (None, _) => negated,
        (Some(values), "forallvalues") => values.iter().all(String::is_empty) || values.iter().all(one),
        (Some(values), "foranyvalue") => !values.iter().all(String::is_empty) && values.iter().any(one),
        (Some(values), _) => single && values.iter().all(one),
    }
}

/// The positive comparison of one value of the request with one of the policy.
fn compare(operator: &str, value: &str, wanted: &str, variables: bool, context: &Context) -> bool {
    let operator = operator.replace("not", "");
    match operator.as_str() {
        "stringequals" => like(&symbols(wanted, false, variables, context), value),
        "stringlike" => like(&symbols(wanted, true, variables, context), value),
        "stringequalsignorecase" => {
            let lower = symbols(wanted, false, variables, context).map(|symbols| {
                let lower = |s: super::text::Symbol| match s {
                    super::text::Symbol::Char(c) => c.to_lowercase().map(super::text::Symbol::Char).collect(),
                    other => vec![other],
                };
                symbols.into_iter().flat_map(lower).collect()
            });
            like(&lower, &value.to_lowercase())
        }
        "arnequals" | "arnlike" => value.split(':').count() >= 6 && arn_like(wanted, value, variables, context),
        "bool" => {
            ["true", "false"].contains(&value.to_lowercase().as_str()) && value.to_lowercase() == wanted.to_lowercase()
        }
        "binaryequals" => value.trim_end_matches('=') == wanted.trim_end_matches('='),
        "ipaddress" => in_range(value, wanted),
        _ => match (operator.strip_prefix("numeric"), operator.strip_prefix("date")) {
            (Some(relation), _) => relate(relation, value.parse::<f64>().ok(), wanted.parse::<f64>().ok()),
            (None, Some(relation)) => relate(relation, instant(value), instant(wanted)),
            (None, None) => false,
        },
    }
}

fn relate(relation: &str, value: Option<f64>, wanted: Option<f64>) -> bool {
    let (Some(value), Some(wanted)) = (value, wanted) else { return false };
    match relation {
        "equals" => (value - wanted).abs() < f64::EPSILON,
        "lessthan" => value < wanted,
        "lessthanequals" => value <= wanted,
        "greaterthan" => value > wanted,
        "greaterthanequals" => value >= wanted,
        _ => false,
    }
}

/// Seconds since 1970, the days counted year by year. Of the date formats only those that tests use.
fn instant(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    if unsigned.len() != 4 && unsigned.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return text.parse().ok();
    }
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    if !["9999", "9999-99", "9999-99-99", "9999-99-99T99:99:99Z"].contains(&shape.as_str()) {
        return None;
    }
    let number = |range: std::ops::Range<usize>| text.get(range).and_then(|t| t.parse::<u32>().ok());
    let leap = |y: u32| y.is_multiple_of(4) && (!y.is_multiple_of(100) || y.is_multiple_of(400));
    let (year, month, day) = (number(0..4)?, number(5..7).unwrap_or(1), number(8..10).unwrap_or(1));
    let february = if leap(year) { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let before: u32 = (1970..year).map(|y| if leap(y) { 366 } else { 365 }).sum();
    let days = before + months.iter().take(month as usize - 1).sum::<u32>() + day - 1;
    let clock = [number(11..13), number(14..16), number(17..19)];
    let seconds = clock.iter().fold(0, |sum, part| sum * 60 + part.unwrap_or(0));
    Some(f64::from(days) * 86_400.0 + f64::from(seconds))
}

/// The leading bits as text.
fn in_range(value: &str, range: &str) -> bool {
    let bits = |text: &str| -> Option<String> {
        Some(match text.parse::<IpAddr>().ok()? {
            IpAddr::V4(v4) => v4.octets().iter().map(|o| format!("{o:08b}")).collect(),
            IpAddr::V6(v6) => v6.octets().iter().map(|o| format!("{o:08b}")).collect(),
        })
    };
    let (network, length) = range.split_once('/').unwrap_or((range, "128"));
    let (Some(value), Some(network), Ok(length)) = (bits(value), bits(network), length.parse::<usize>()) else {
        return false;
    };
    value.len() == network.len() && value.chars().take(length).eq(network.chars().take(length))
}
