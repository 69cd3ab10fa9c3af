//! IAM policies: parse, compile, decide, explain.

mod arn;
pub mod cases;
mod condition;
mod context;
mod decide;
mod error;
mod explain;
mod glob;
mod json;
mod parse;
mod policy;
mod principal;
mod request;
mod values;

pub use context::{Context, ContextValue};
pub use decide::decide;
pub use error::PolicyError;
pub use explain::{Explanation, explain};
pub use policy::{Policy, PolicyKind};
pub use principal::principal_context;
pub use request::{By, Decision, Effect, Layer, Policies, Request};
