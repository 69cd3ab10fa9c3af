//! What tests of several crates share. Nothing but tests depends on it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "helpers of tests may stop"
)]

mod house;
mod power_cut;

pub use house::{ACCOUNT, House, clock, scope};
pub use power_cut::PowerCut;
