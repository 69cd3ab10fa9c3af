//! Principals: what a policy names, how closely it names who asks, and the condition keys derived from who asks.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use burgward_types::{AccountId, Arn, Principal};

use crate::Context;

/// One principal named by a policy.
#[derive(Debug)]
pub(crate) enum Named {
    /// `*`.
    Everyone,
    /// An account: its root, and whoever the account delegates to.
    Account(Box<str>),
    User {
        account: Box<str>,
        name: Box<str>,
    },
    Role {
        account: Box<str>,
        name: Box<str>,
    },
    Session {
        account: Box<str>,
        role: Box<str>,
        session: Box<str>,
    },
    FederatedUser {
        account: Box<str>,
        name: Box<str>,
    },
    Service(Box<str>),
    Federated(Box<str>),
    /// Valid, but nobody who can ask here: canonical user ids, unique ids of deleted principals, origin access identities.
    Nobody,
}

/// How a statement's principals name who asks; a closer naming escapes more implicit denials.
///
/// Source: "Resource-based policies" in
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Closeness {
    /// By its account: the account's own policies have to allow as well.
    Account,
    /// By the role whose session asks: boundary and session policies limit it.
    Role,
    /// Itself, or everyone: nothing else limits it within the account.
    Itself,
}

impl Named {
    /// Reads an entry of `"AWS"`; the error is the problem in words.
    pub(crate) fn aws(text: &str) -> Result<Self, String> {
        if text == "*" {
            return Ok(Self::Everyone);
        }
        if AccountId::parse(text).is_ok() {
            return Ok(Self::Account(text.into()));
        }
        if text.contains(['*', '?']) {
            return Err(format!("`{text}` has a wildcard, which a principal cannot have in part of its name"));
        }
        let unique = text.len() >= 16 && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if unique && (text.starts_with("AIDA") || text.starts_with("AROA")) {
            return Ok(Self::Nobody);
        }
        let bad = || format!("`{text}` is not a principal");
        let arn = Arn::parse(text).map_err(|_| bad())?;
        if arn.service() == "iam" && arn.account() == "cloudfront" {
            return Ok(Self::Nobody);
        }
        Ok(match Principal::from_arn(&arn).ok_or_else(bad)? {
            Principal::Root(account) => Self::Account(account.as_str().into()),
            Principal::User { account, name } => Self::User { account: account.as_str().into(), name: name.into() },
            Principal::Role { account, name } => Self::Role { account: account.as_str().into(), name: name.into() },
            Principal::AssumedRole { account, role, session } => {
                Self::Session { account: account.as_str().into(), role: role.into(), session: session.into() }
            }
            Principal::FederatedUser { account, name } => {
                Self::FederatedUser { account: account.as_str().into(), name: name.into() }
            }
            Principal::Federated(_) | Principal::Service(_) | Principal::Anonymous => return Err(bad()),
        })
    }

    /// How closely this entry names the principal, if it does.
    pub(crate) fn names(&self, principal: &Principal) -> Option<Closeness> {
        let itself = |hit: bool| hit.then_some(Closeness::Itself);
        match (self, principal) {
            (Self::Everyone, _) => Some(Closeness::Itself),
            (Self::Account(id), Principal::Root(account)) => itself(**id == *account.as_str()),
            (Self::Account(id), _) => principal.account().filter(|a| a.as_str() == &**id).map(|_| Closeness::Account),
            (Self::Role { account, name }, Principal::Role { account: a, name: n }) => {
                (**account == *a.as_str() && **name == **n).then_some(Closeness::Role)
            }
            (Self::Role { account, name }, Principal::AssumedRole { account: a, role, .. }) => {
                (**account == *a.as_str() && same_role(name, role)).then_some(Closeness::Role)
            }
            (Self::Session { account, role, session }, Principal::AssumedRole { account: a, role: r, session: s }) => {
                itself(**account == *a.as_str() && **session == **s && **role == *last(r))
            }
            (Self::User { account, name }, Principal::User { account: a, name: n })
            | (Self::FederatedUser { account, name }, Principal::FederatedUser { account: a, name: n }) => {
                itself(**account == *a.as_str() && **name == **n)
            }
            (Self::Service(name), Principal::Service(n)) | (Self::Federated(name), Principal::Federated(n)) => {
                itself(**name == **n)
            }
            _ => None,
        }
    }
}

/// A session's ARN drops the role's path; role names are unique in an account whatever their path.
fn same_role(named: &str, role: &str) -> bool {
    if role.contains('/') { named == role } else { last(named) == role }
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Whether `NotPrincipal` spares who asks: AWS looks at the account, the role and the session, and each must be listed.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
pub(crate) fn spared(listed: &[Named], principal: &Principal) -> bool {
    let closeness = |wanted| listed.iter().any(|named| named.names(principal) == Some(wanted));
    match principal {
        Principal::User { .. } | Principal::FederatedUser { .. } => {
            closeness(Closeness::Account) && closeness(Closeness::Itself)
        }
        Principal::Role { .. } => closeness(Closeness::Account) && closeness(Closeness::Role),
        Principal::AssumedRole { .. } => {
            closeness(Closeness::Account) && closeness(Closeness::Role) && closeness(Closeness::Itself)
        }
        Principal::Root(_) | Principal::Federated(_) | Principal::Service(_) | Principal::Anonymous => {
            closeness(Closeness::Itself)
        }
    }
}

/// Sets the condition keys that AWS derives from the principal, unless they are set already.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
pub fn principal_context(principal: &Principal, context: &mut Context) {
    if let Some(account) = principal.account() {
        context.set_default("aws:PrincipalAccount", account.as_str());
    }
    // For a session this is the role's ARN, not the session's.
    let arn = if let Principal::AssumedRole { account, role, .. } = principal {
        Principal::Role { account: account.clone(), name: role.clone() }.arn()
    } else {
        principal.arn()
    };
    if let Some(arn) = arn {
        context.set_default("aws:PrincipalArn", arn.as_str());
    }
    let kind = match principal {
        Principal::Root(_) => "Account",
        Principal::User { name, .. } => {
            context.set_default("aws:username", last(name));
            "User"
        }
        Principal::Role { .. } | Principal::AssumedRole { .. } => "AssumedRole",
        Principal::FederatedUser { .. } => "FederatedUser",
        Principal::Federated(provider) => {
            context.set_default("aws:FederatedProvider", provider.as_str());
            return;
        }
        Principal::Service(name) => {
            context.set_default("aws:PrincipalServiceName", name.as_str());
            context.set_default("aws:PrincipalIsAWSService", true);
            return;
        }
        Principal::Anonymous => "Anonymous",
    };
    context.set_default("aws:PrincipalType", kind);
    context.set_default("aws:PrincipalIsAWSService", false);
}
