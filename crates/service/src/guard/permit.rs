//! The one place where a permit is minted.

use std::marker::PhantomData;

use burgward_types::RequestId;

use super::Guard;
use crate::{CallInfo, Caller, Need, Operation, Scope, ServiceError};

/// Leave for one operation, on the resources that were decided on, for one call.
///
/// It cannot be built outside this file: its fields are private and it has no constructor.
#[derive(Debug)]
pub struct Permit<O> {
    caller: Caller,
    request_id: RequestId,
    scope: Scope,
    resources: Vec<String>,
    operation: PhantomData<fn() -> O>,
}

impl<O> Permit<O> {
    /// The resources it is for, in the order of the needs.
    #[must_use]
    pub fn resources(&self) -> &[String] {
        &self.resources
    }

    /// True if it is for this resource.
    #[must_use]
    pub fn covers(&self, resource: &str) -> bool {
        self.resources.iter().any(|own| own == resource)
    }

    /// Who calls.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The id that joins all logs.
    #[must_use]
    pub fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    /// Account and region.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Guard {
    /// Decides on every need and mints the permit, or says why not in AWS's words.
    pub async fn authorize<O: Operation>(&self, call: &CallInfo, needs: Vec<Need>) -> Result<Permit<O>, ServiceError> {
        call.trail.name(&O::INFO);
        self.observe(&call.caller.principal, "", "", false);
        let _ = needs;
        Err(ServiceError::access_denied("no policy can be evaluated yet"))
    }
}
