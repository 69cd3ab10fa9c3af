//! Principals

use burgward_types::Principal;

use crate::Context;

/// Sets the condition keys that AWS derives from the principal, unless they are set already.
pub fn principal_context(principal: &Principal, context: &mut Context) {
    let _ = (principal, context);
}
