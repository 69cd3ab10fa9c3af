//! explain
use crate::{Decision, Policies, Request};
/// Why a decision fell.
#[derive(Clone, Debug)]
pub struct Explanation {
    message: String,
    story: String,
}
impl Explanation {
    /// AWS's words.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
    /// For a person.
    #[must_use]
    pub fn story(&self) -> &str {
        &self.story
    }
}
/// Explains.
#[must_use]
pub fn explain(request: &Request<'_>, policies: &Policies<'_>, decision: Decision) -> Explanation {
    let _ = (request, policies, decision);
    Explanation { message: String::new(), story: String::new() }
}
