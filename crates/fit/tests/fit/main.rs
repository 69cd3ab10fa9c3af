//! Fits of whole templates: what goes in is a template and facts of code, what comes out is a diff.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests: a panic is a failed test")]

mod attacks;
mod cloudformation;
mod isolation;
mod narrowing;
mod never_wider;
mod sam;
mod support;
mod unsure;
