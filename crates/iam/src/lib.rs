//! IAM policies: parse, compile, decide, explain.

pub mod cases;
mod context;
mod decide;
mod error;
mod explain;
mod policy;
mod principal;
mod request;

pub use context::{Context, ContextValue};
pub use decide::decide;
pub use error::PolicyError;
pub use explain::{Explanation, explain};
pub use policy::{Policy, PolicyKind};
pub use principal::principal_context;
pub use request::{By, Decision, Effect, Layer, Policies, Request};
