//! The stages of a request. Each takes the output of the one before by value and has private fields, so that the only
//! way to the function leads through all of them, in this order.
//!
//! `Received -> Routed -> Authorized -> Admitted -> Validated -> Answered`

mod admission;
mod authorization;
mod integration;
mod limits;
mod route;
mod validation;

pub(crate) use admission::Admitted;
pub(crate) use authorization::{Authorized, Caller};
pub(crate) use integration::Answered;
pub(crate) use limits::Received;
pub(crate) use route::{Found, Routed};
pub(crate) use validation::{Content, Validated, exhausted};

use burgward_types::DecisionRecord;

/// What the stages leave behind for the record.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    pub(crate) route: Option<String>,
    pub(crate) function: Option<String>,
    pub(crate) authorizer: Option<String>,
    pub(crate) from_cache: bool,
    pub(crate) principal: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) decisions: Vec<DecisionRecord>,
    pub(crate) function_error: Option<String>,
}
