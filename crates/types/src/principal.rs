//! Who asks.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AccountId, Arn};

/// A principal as IAM knows it.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Principal {
    /// The account's root user.
    Root(AccountId),
    /// An IAM user: account and the name with its path (`division/bob`).
    User {
        /// The account that holds the user.
        account: AccountId,
        /// The name, with its path if it has one.
        name: String,
    },
    /// A role itself, as a policy names it.
    Role {
        /// The account that holds the role.
        account: AccountId,
        /// The name, with its path if it has one.
        name: String,
    },
    /// A session of a role: what a function calls with.
    AssumedRole {
        /// The account that holds the role.
        account: AccountId,
        /// The role's name, with its path if it has one.
        role: String,
        /// The session's name.
        session: String,
    },
    /// A federated user (`sts:GetFederationToken`).
    FederatedUser {
        /// The account.
        account: AccountId,
        /// The session's name.
        name: String,
    },
    /// An identity provider's principal (`cognito-identity.amazonaws.com` or a provider's ARN).
    Federated(String),
    /// An AWS service, such as `apigateway.amazonaws.com`.
    Service(String),
    /// Nobody in particular.
    Anonymous,
}

impl Principal {
    /// The account the principal belongs to, if it belongs to one.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Root(account)
            | Self::User { account, .. }
            | Self::Role { account, .. }
            | Self::AssumedRole { account, .. }
            | Self::FederatedUser { account, .. } => Some(account),
            Self::Federated(_) | Self::Service(_) | Self::Anonymous => None,
        }
    }

    /// Reads a principal's ARN (`iam` users, roles and root; `sts` sessions).
    #[must_use]
    pub fn from_arn(arn: &Arn) -> Option<Self> {
        let account = AccountId::parse(arn.account()).ok()?;
        let (kind, rest) = arn.resource().split_once('/').unwrap_or((arn.resource(), ""));
        match (arn.service(), kind) {
            ("iam", "root") => Some(Self::Root(account)),
            ("iam", "user") => Some(Self::User { account, name: rest.to_owned() }),
            ("iam", "role") => Some(Self::Role { account, name: rest.to_owned() }),
            ("sts", "federated-user") => Some(Self::FederatedUser { account, name: rest.to_owned() }),
            ("sts", "assumed-role") => {
                let (role, session) = rest.rsplit_once('/')?;
                Some(Self::AssumedRole { account, role: role.to_owned(), session: session.to_owned() })
            }
            _ => None,
        }
    }

    /// The ARN, where this kind of principal has one.
    ///
    /// An assumed role's ARN drops the role's path, as AWS does.
    #[must_use]
    pub fn arn(&self) -> Option<Arn> {
        Some(match self {
            Self::Root(account) => Arn::new("iam", "", account.as_str(), "root"),
            Self::User { account, name } => Arn::new("iam", "", account.as_str(), &format!("user/{name}")),
            Self::Role { account, name } => Arn::new("iam", "", account.as_str(), &format!("role/{name}")),
            Self::AssumedRole { account, role, session } => {
                let name = role.rsplit('/').next().unwrap_or(role);
                Arn::new("sts", "", account.as_str(), &format!("assumed-role/{name}/{session}"))
            }
            Self::FederatedUser { account, name } => {
                Arn::new("sts", "", account.as_str(), &format!("federated-user/{name}"))
            }
            Self::Federated(_) | Self::Service(_) | Self::Anonymous => return None,
        })
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Federated(name) | Self::Service(name) => f.write_str(name),
            Self::Anonymous => f.write_str("anonymous"),
            Self::Root(_)
            | Self::User { .. }
            | Self::Role { .. }
            | Self::AssumedRole { .. }
            | Self::FederatedUser { .. } => self.arn().map_or(Ok(()), |arn| f.write_str(arn.as_str())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_round_trip() {
        for text in [
            "arn:aws:iam::123456789012:root",
            "arn:aws:iam::123456789012:user/division/bob",
            "arn:aws:iam::123456789012:role/reader",
            "arn:aws:sts::123456789012:assumed-role/reader/session",
            "arn:aws:sts::123456789012:federated-user/bob",
        ] {
            let principal = Principal::from_arn(&Arn::parse(text).unwrap()).unwrap();
            assert_eq!(principal.to_string(), text);
        }
        assert_eq!(Principal::from_arn(&Arn::parse("arn:aws:s3:::bucket").unwrap()), None);
    }
}
