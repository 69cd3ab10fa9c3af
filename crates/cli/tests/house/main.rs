//! The whole binary, as people and programs meet it: real apps, real sandboxes, real clients.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "helpers of tests may stop and show why"
)]

mod again;
mod apps;
mod attack;
mod audit;
mod check;
mod crashes;
mod demo;
mod faults;
mod fit;
mod layers;
mod machine;
#[cfg(not(feature = "test-without-layers"))]
mod normal;
mod operator;
mod place;
mod refusals;
