//! The attack suite: attacks a running app as an outsider, as a customer and from inside one function.
//!
//! A client of public interfaces only. Tries are derived from the app's model, its functions' code and its normal
//! requests; an attack counts as *through* only if a canary or a side effect was really obtained.
//!
//! Invariant: nothing here holds operator keys, and nothing real is deleted: what is destroyed was put there for it.

mod beacon;
mod chance;
mod code;
mod http;
mod inside;
mod loot;
mod normal;
mod report;
mod requests;
mod run;
mod scene;
mod stores;
mod target;
mod tries;

#[cfg(test)]
mod derivation;

pub use report::{Attack, Attacker, OnAws, Report, StoppedBy};
pub use requests::{NormalRequest, NormalRequests, normal_requests};
pub use run::{AttackError, Suite, run};
pub use target::{Breach, Target, TargetApi};
