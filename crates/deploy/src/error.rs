//! Why an app could not be deployed.

use burgward_service::ServiceError;
use thiserror::Error;

/// Why an app could not be deployed.
#[derive(Debug, Error)]
pub enum DeployError {
    /// A policy that AWS would refuse.
    #[error("{place}: the policy `{name}` of `{owner}` is refused: {reason}")]
    Policy {
        /// Where it is declared.
        place: String,
        /// The policy's name.
        name: String,
        /// What it is attached to.
        owner: String,
        /// What the IAM engine says.
        reason: String,
    },
    /// A name that Burgward keeps for itself.
    #[error("{place}: the name `{name}` is kept for Burgward itself\n  hint: choose another name")]
    ReservedName {
        /// Where it is declared.
        place: String,
        /// The name.
        name: String,
    },
    /// A service refused a change.
    #[error("{place}: `{what}` could not be deployed: {error}")]
    Service {
        /// Where it is declared.
        place: String,
        /// The resource.
        what: String,
        /// What the service says.
        error: Box<ServiceError>,
    },
    /// A store that is there already, and not as the template now says.
    #[error("{place}: the table `{what}` exists with {part} than the template says\n  hint: {hint}")]
    WouldReplace {
        /// Where it is declared.
        place: String,
        /// The table.
        what: String,
        /// What of it differs, such as `other keys`.
        part: String,
        /// What to do.
        hint: &'static str,
    },
    /// Something that the services here cannot do as written.
    #[error("{place}: {message}")]
    Unenforced {
        /// Where it is declared.
        place: String,
        /// What cannot be done.
        message: String,
    },
}
