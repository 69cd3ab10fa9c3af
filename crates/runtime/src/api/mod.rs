//! The Lambda Runtime API of one sandbox.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

mod server;
mod state;

pub(crate) use server::serve;
pub(crate) use state::{Answer, Api, Init, Work};
