//! decide
use crate::{Decision, Layer, Policies, Request};
/// Decides.
#[must_use]
pub fn decide(request: &Request<'_>, policies: &Policies<'_>) -> Decision {
    let _ = (request, policies);
    Decision::lacking(Layer::Identity)
}
