//! What a person is told of a fit beside its statements.

use std::collections::{BTreeMap, BTreeSet};

use crate::glob::covers;
use crate::ops::Kind;
use crate::stores::{Store, holding};
use crate::{Resource, Statement};

/// Longer lists are cut.
const MOST: usize = 6;

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list(all: &[String]) -> String {
    let (shown, more) = (all.get(..MOST).unwrap_or(all), all.len().saturating_sub(MOST));
    if more > 0 {
        return format!("{} and {more} more", shown.join(", "));
    }
    match shown {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        few => few.concat(),
    }
}

/// Which resources observation left out.
pub(crate) fn left_out(stores: &[Store], all: &[Resource], seen: &[Resource]) -> String {
    let name = |resource: &Resource| {
        let known = holding(stores, &resource.arn).filter(|store| store.resource.arn == resource.arn);
        format!("`{}`", known.map_or(&resource.arn, |store| &store.logical_id))
    };
    let out: Vec<_> = all.iter().filter(|r| !seen.contains(r)).map(name).collect();
    let seen: Vec<_> = seen.iter().map(name).collect();
    let are = if out.len() == 1 { "is" } else { "are" };
    format!(
        "which resource is not known from the code, and it was seen on {} only: {} {are} left out; run more requests, or \
         take `--from static`",
        list(&seen),
        list(&out)
    )
}

/// What the code asks for on a resource that it does not tell, in words.
pub(crate) fn any(kind: Kind) -> String {
    let word = match kind {
        Kind::Table => "table",
        Kind::Bucket => "bucket",
        Kind::Parameter => "parameter",
        Kind::Secret => "secret",
        Kind::LogGroup => "log group",
        Kind::Function => "function",
        Kind::Topic => "topic",
        Kind::Queue => "queue",
        Kind::Bus => "event bus",
        Kind::Machine => "state machine",
        Kind::Role => "role",
        Kind::Key => "key",
        Kind::Stream => "stream",
        Kind::Delivery => "delivery stream",
        Kind::Pool => "user pool",
    };
    format!("any {word}: the code does not tell which, and today's role allows it on none")
}

/// What is asked for in code that the handler does not reach: actions, and where.
pub(crate) fn beside(calls: &BTreeMap<String, BTreeSet<String>>) -> Option<String> {
    let one = |(action, places): (&String, &BTreeSet<String>)| {
        let places: Vec<_> = places.iter().cloned().collect();
        format!("`{action}` at {}", list(&places))
    };
    let mut all: Vec<_> = calls.iter().take(MOST).map(one).collect();
    let more = calls.len().saturating_sub(MOST);
    all.extend((more > 0).then(|| format!("{more} more")));
    let stand = if calls.len() == 1 { "stands" } else { "stand" };
    let text = || format!("{} {stand} in code that the handler does not reach: not granted", all.join("; "));
    (!all.is_empty()).then(text)
}

/// Without the right to list, S3 does not say that an object is missing. Where a function has it anyway, there is nothing
/// to remark, unless it has it under a condition: one on the prefix does not hold for a read, which has none.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
pub(crate) fn of_listing(statements: &mut [Statement]) {
    const HELD: &str = "where the condition of its s3:ListBucket does not hold, a key that does not exist is answered with \
                        403 instead of 404";
    let lists = |s: &&Statement| s.actions.iter().any(|a| a == "s3:ListBucket");
    let buckets = |free: bool| {
        let fit = statements.iter().filter(lists).filter(|s| !free || s.condition.is_none());
        fit.flat_map(|s| s.resources.clone()).collect::<Vec<_>>()
    };
    let (freely, somehow) = (buckets(true), buckets(false));
    let within = |buckets: &[Resource], resource: &Resource| {
        let bucket = resource.arn.split_once('/').map_or(resource.arn.as_str(), |(bucket, _)| bucket);
        buckets.iter().any(|b| covers(&b.arn, bucket))
    };
    for statement in statements {
        let all = |buckets: &[Resource]| statement.resources.iter().all(|r| within(buckets, r));
        let (free, held) = (all(&freely), all(&somehow));
        for evidence in &mut statement.evidence {
            let (told, others): (Vec<_>, Vec<_>) =
                evidence.remarks.drain(..).partition(|remark| remark.starts_with("without s3:ListBucket"));
            evidence.remarks = others;
            match (free, held) {
                (true, _) => {}
                (false, true) => evidence.remarks.extend(told.iter().map(|_| HELD.to_owned())),
                (false, false) => evidence.remarks.extend(told),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_sentences() {
        let names = |count: usize| (0..count).map(|i| i.to_string()).collect::<Vec<_>>();
        let all: Vec<_> = [1, 2, 3, 8].iter().map(|count| list(&names(*count))).collect();
        assert_eq!(all, ["0", "0 and 1", "0, 1 and 2", "0, 1, 2, 3, 4, 5 and 2 more"]);
    }
}
