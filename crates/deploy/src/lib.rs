//! From a template to a running app: what would be run, function packages, and the resources in the order in which they
//! need one another.
//!
//! Every change is a call of the service that owns the resource, made as [`identity::deployment`], decided by the same
//! guard and recorded in the same log as any other call.

mod conditions;
mod error;
mod functions;
pub mod identity;
mod judge;
pub mod made;
pub mod package;
pub mod plan;
mod policies;
mod provision;
mod public;
mod stores;
mod tables;

pub use error::DeployError;
pub use functions::{Interpreters, RefusedFunction, interpreters, refused_environments, refused_runtimes};
pub use judge::{refused_code, refused_stores};
pub use made::Made;
pub use policies::{invoke_policies, policy_set};
pub use provision::{Deployed, Deployment, Tools};
