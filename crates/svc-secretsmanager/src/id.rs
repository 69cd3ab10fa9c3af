//! What a `SecretId` names: a name, an ARN, or an ARN without its last six characters.
//!
//! Source: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen>

use burgward_service::{Scope, ServiceError};
use burgward_types::Arn;

/// The ARN of a secret of this name; see [`Arn::secret`].
#[must_use]
pub fn secret_arn(scope: &Scope, name: &str) -> String {
    Arn::secret(scope.account.as_str(), scope.region.as_str(), name).into()
}

fn suffix(scope: &Scope, name: &str) -> String {
    Arn::secret_suffix(scope.account.as_str(), scope.region.as_str(), name)
}

/// The name that a `SecretId` means.
pub(crate) fn name_of(scope: &Scope, given: &str) -> Result<String, ServiceError> {
    if !given.starts_with("arn:") {
        check(given)?;
        return Ok(given.to_owned());
    }
    let arn = Arn::parse(given).map_err(|_| invalid())?;
    let here = arn.account() == scope.account.as_str() && arn.region() == scope.region.as_str();
    let rest = arn.resource().strip_prefix("secret:").filter(|_| arn.service() == "secretsmanager");
    let rest = rest.ok_or_else(invalid)?;
    if !here {
        return Err(not_found());
    }
    // A whole ARN wins over a secret whose name ends like one.
    let whole = rest.rsplit_once('-').filter(|(name, end)| *end == suffix(scope, name)).map(|(name, _)| name);
    let name = whole.unwrap_or(rest);
    check(name)?;
    Ok(name.to_owned())
}

/// Names have letters, digits and `/_+=.@-`.
pub(crate) fn check(name: &str) -> Result<(), ServiceError> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"/_+=.@-".contains(&b);
    if !name.is_empty() && name.len() <= 512 && name.bytes().all(fits) { Ok(()) } else { Err(invalid()) }
}

fn invalid() -> ServiceError {
    ServiceError::client(
        "ValidationException",
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
    )
}

pub(crate) fn not_found() -> ServiceError {
    ServiceError::client("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use burgward_types::{AccountId, Region};

    #[test]
    fn names_whole_and_partial_arns_mean_the_same_secret() {
        let scope =
            Scope { account: AccountId::parse("123456789012").unwrap(), region: Region::parse("eu-west-1").unwrap() };
        let arn = secret_arn(&scope, "app/db");
        assert_eq!(name_of(&scope, &arn).unwrap(), "app/db");
        assert_eq!(name_of(&scope, "app/db").unwrap(), "app/db");
        assert_eq!(name_of(&scope, "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db").unwrap(), "app/db");
        let wrong = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/db-AAAAAA";
        assert_eq!(name_of(&scope, wrong).unwrap(), "app/db-AAAAAA");
        for bad in ["", "a b", "a*", "arn:aws:secretsmanager:eu-west-1:999999999999:secret:app/db", "arn:aws:s3:::x"] {
            assert!(name_of(&scope, bad).is_err(), "{bad}");
        }
    }
}
