//! The gateway from outside: real TLS connections, a stand-in for Lambda, exact events and answers.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    clippy::too_many_lines,
    reason = "a test that meets the unexpected has failed"
)]

mod authorizers;
mod client;
mod connections;
mod curl;
mod events;
mod limits;
mod responses;
mod routing;
mod setup;
mod smuggling;
mod tls;
