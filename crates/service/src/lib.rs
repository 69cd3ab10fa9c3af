//! What every AWS service here shares: a request becomes authenticated, then authorized, and only then an operation.
//!
//! - [`Front`] takes a request, verifies who signed it and hands it on as [`Authenticated`].
//! - [`Guard::authorize`] is the only place in the house that mints a [`Permit`].
//! - An [`Operation`]'s code asks for a `Permit` of exactly that operation, so it cannot run without one.
//! - [`operations!`] makes a line of a table into module, registry entry and dispatch.

mod body;
mod call;
mod caller;
mod error;
mod front;
mod guard;
mod keys;
mod macros;
mod operation;
mod reply;
mod trail;
mod walk;

pub use body::{Body, BoxError, collect, empty, full};
pub use burgward_audit::Recorder;
pub use burgward_iam::{Context, ContextValue, Policy, PolicyKind};
pub use burgward_wire::{Protocol, XmlWriter};
pub use call::Call;
pub use caller::{Authenticated, CallInfo, Caller, Origin, Tls};
pub use error::ServiceError;
pub use front::{BodyLimits, BodyRefused, Front, Service};
pub use guard::{Guard, Mode, Observed, Permit, PolicySet, PolicyStore};
pub use keys::{Binding, IssuedKey, KeyGrant, KeyRing};
pub use operation::{Access, JsonOperation, Need, Operation, OperationInfo, Scope};
pub use reply::Reply;
pub use walk::{Walked, walk};
