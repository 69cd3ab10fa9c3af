//! Least privilege: from calls to actions, from actions to ARNs, from ARNs to one role per function.
//!
//! Pure. Law 4 (learning never widens) is held like this:
//!
//! 1. The code decides the *actions*. An observed call whose action the function's code does not ask for is
//!    [`Unexplained`], and granted only when a person accepts its id.
//! 2. The code, the template and today's policy decide the *resources* that an action may be granted on: those that the
//!    call's arguments lead to; where they lead nowhere, the resources of the kind that the template declares or that
//!    today's policy names without a wildcard. Observation can make that set smaller, never larger.
//! 3. Where the sender of the event chooses the resource, observation does not even narrow: what was seen there is what
//!    somebody sent. The template's own resources of the kind stay, with a remark; everything else is unexplained.
//! 4. Denied calls count for nothing, and no statement allows what today's policy does not.

mod derive;
mod fit;
mod glob;
mod input;
mod merge;
mod need;
mod ops;
mod output;
mod plan;
mod prove;
mod remarks;
mod seen;
mod source;
mod stores;
mod today;
mod value;
mod write;

pub use fit::fit;
pub use input::{From, FunctionCode, Input, Seen};
pub use output::{Denied, Evidence, Fit, Fitted, Operations, Proof, Resource, Statement, TodaysRole, Unexplained};
pub use prove::prove;
