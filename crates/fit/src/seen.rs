//! What was observed, function by function.

use aws_lc_rs::digest::{SHA256, digest};
use burgward_template::model::Function;
use burgward_types::{Arn, Principal};

use crate::glob::covers;
use crate::{Input, Seen};

/// The allowed calls of a function.
#[derive(Debug, Default)]
pub(crate) struct Observed<'a>(Vec<&'a Seen>);

impl<'a> Observed<'a> {
    /// The calls of the sessions that are named like the function. The role's name does not count: a fit gives the function
    /// another role, and what was observed before stays true. Lambda alone names sessions here, since nobody can assume a
    /// role that trusts Lambda only.
    pub(crate) fn of(input: &Input<'a>, function: &Function) -> Self {
        let account = input.app.account.as_str();
        let own = |seen: &&Seen| {
            let principal = Arn::parse(&seen.principal).ok().and_then(|arn| Principal::from_arn(&arn));
            matches!(principal, Some(Principal::AssumedRole { account: a, session, .. })
                if a.as_str() == account && session == function.name)
        };
        Self(input.seen.iter().filter(|seen| seen.allowed).filter(own).collect())
    }

    /// How many calls had this action on something that the pattern covers.
    pub(crate) fn count(&self, action: &str, pattern: &str) -> u64 {
        self.with(action).filter(|seen| covers(pattern, &seen.resource)).map(|seen| seen.count).sum()
    }

    /// The calls with an action.
    pub(crate) fn with<'o>(&'o self, action: &'o str) -> impl Iterator<Item = &'a Seen> + 'o {
        self.0.iter().copied().filter(move |seen| seen.action.eq_ignore_ascii_case(action))
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'a Seen> + '_ {
        self.0.iter().copied()
    }
}

/// What accepts an unexplained call. Who is observed chooses resources, so that the hash must resist chosen collisions to
/// be short: 64 bits of SHA-256, and an id that stands for two calls accepts neither.
pub(crate) fn id(function: &str, action: &str, resource: &str) -> String {
    let text = format!("burgward unexplained v1\0{function}\0{}\0{resource}", action.to_ascii_lowercase());
    let hash = digest(&SHA256, text.as_bytes());
    let short = hash.as_ref().first_chunk::<8>().copied().unwrap_or_default();
    format!("{:016x}", u64::from_be_bytes(short))
}
