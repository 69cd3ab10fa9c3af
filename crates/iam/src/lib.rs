//! AWS's policy evaluation: parse, compile, decide, explain.
//!
//! [`Policy::parse`] turns a document into a compiled, immutable policy or refuses it; [`decide`] answers a [`Request`]
//! by the [`Policies`] that apply to it, without allocating; [`explain`] says why. Pure: no I/O, no clock, no randomness.
//!
//! Deliberately absent: what a service decides beside its policies (S3 Public Access Block, KMS grants, S3 ACLs), the
//! catalogue of actions and condition keys, and proofs about policies.

mod action;
mod arn;
pub mod cases;
mod condition;
mod context;
mod decide;
mod error;
mod explain;
mod glob;
mod index;
mod json;
mod parse;
mod policy;
mod principal;
#[cfg(any(test, feature = "reference"))]
pub mod reference;
mod request;
mod values;

pub use context::{Context, ContextValue};
pub use decide::decide;
pub use error::PolicyError;
pub use explain::{Explanation, explain};
pub use policy::{Policy, PolicyKind};
pub use principal::principal_context;
pub use request::{By, Decision, Effect, Layer, Policies, Request};
