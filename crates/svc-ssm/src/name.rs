//! Parameter names, and the ARNs that authorization sees.
//!
//! Source: <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html>

use burgward_service::{Scope, ServiceError};
use burgward_types::Arn;

/// The deepest hierarchy.
const LEVELS: usize = 15;
/// The longest name.
const LENGTH: usize = 1011;

/// Which version of a parameter is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The parameter's name.
    pub(crate) name: String,
    /// The version, if one is asked for.
    pub(crate) version: Option<u64>,
    /// The selector as it was written, such as `:3`; it comes back in the answer.
    pub(crate) selector: Option<String>,
}

/// The ARN of a parameter: the hierarchy's leading slash is the ARN's own.
pub(crate) fn arn(scope: &Scope, name: &str) -> String {
    scope.arn("ssm", &format!("parameter/{}", name.strip_prefix('/').unwrap_or(name)))
}

/// The ARN of a path of parameters, without a slash at its end.
pub(crate) fn path_arn(scope: &Scope, path: &str) -> String {
    arn(scope, path.trim_end_matches('/'))
}

/// Reads what a client gives as a name: a name or an ARN, with or without `:version`.
pub(crate) fn wanted(scope: &Scope, given: &str) -> Result<Wanted, ServiceError> {
    let local = if given.starts_with("arn:") { local_name(scope, given)? } else { given.to_owned() };
    let Some((name, selector)) = local.split_once(':') else {
        check(&local)?;
        return Ok(Wanted { name: local, version: None, selector: None });
    };
    check(name)?;
    // Labels are not kept here, so that a label is a version nobody has.
    let version = selector.parse().map_err(|_| {
        ServiceError::client(
            "ParameterVersionNotFound",
            format!("Systems Manager could not find version {selector} of {name}. Verify the version and try again."),
        )
    })?;
    Ok(Wanted { name: name.to_owned(), version: Some(version), selector: Some(format!(":{selector}")) })
}

fn local_name(scope: &Scope, given: &str) -> Result<String, ServiceError> {
    let elsewhere = || ServiceError::client("ParameterNotFound", "Parameter not found.");
    let arn = Arn::parse(given).map_err(|_| invalid(given))?;
    let here = arn.account() == scope.account.as_str() && arn.region() == scope.region.as_str();
    let rest = arn.resource().strip_prefix("parameter/").filter(|_| arn.service() == "ssm");
    let rest = rest.ok_or_else(|| invalid(given))?;
    if !here {
        return Err(elsewhere());
    }
    // A name with levels starts with a slash; one without does not.
    Ok(if rest.contains('/') { format!("/{rest}") } else { rest.to_owned() })
}

/// Checks a parameter's name.
pub(crate) fn check(name: &str) -> Result<(), ServiceError> {
    let characters = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.' | b'-' | b'/');
    let levels = name.matches('/').count();
    let shaped = !name.is_empty() && name.len() <= LENGTH && name.bytes().all(characters);
    // With a slash in it, a name is a path from the root, and no level of it is empty.
    let path = levels == 0 || (name.starts_with('/') && !name.ends_with('/') && !name.contains("//"));
    if !shaped || !path {
        return Err(invalid(name));
    }
    if levels > LEVELS {
        return Err(ServiceError::client(
            "HierarchyLevelLimitExceededException",
            format!("A parameter name may have at most {LEVELS} levels."),
        ));
    }
    Ok(())
}

/// Checks the name of a parameter to be made: `aws` and `ssm` are AWS's own.
pub(crate) fn check_new(name: &str) -> Result<(), ServiceError> {
    check(name)?;
    let first = name.trim_start_matches('/').to_ascii_lowercase();
    if first.starts_with("aws") || first.starts_with("ssm") {
        return Err(ServiceError::client(
            "ValidationException",
            "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).",
        ));
    }
    Ok(())
}

fn invalid(given: &str) -> ServiceError {
    let shown: String = given.chars().take(64).collect();
    ServiceError::client(
        "ValidationException",
        format!(
            "Parameter name `{shown}` is not valid: use letters, digits and `.-_`, with `/` before each level of a hierarchy."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use burgward_types::{AccountId, Region};

    fn scope() -> Scope {
        Scope { account: AccountId::parse("123456789012").unwrap(), region: Region::parse("eu-west-1").unwrap() }
    }

    #[test]
    fn arns_have_one_slash() {
        assert_eq!(arn(&scope(), "/a/b"), "arn:aws:ssm:eu-west-1:123456789012:parameter/a/b");
        assert_eq!(arn(&scope(), "a"), "arn:aws:ssm:eu-west-1:123456789012:parameter/a");
        assert_eq!(path_arn(&scope(), "/a/"), "arn:aws:ssm:eu-west-1:123456789012:parameter/a");
    }

    #[test]
    fn names_selectors_and_arns() {
        let plain = wanted(&scope(), "/a/b:3").unwrap();
        assert_eq!((plain.name.as_str(), plain.version, plain.selector.as_deref()), ("/a/b", Some(3), Some(":3")));
        let by_arn = wanted(&scope(), "arn:aws:ssm:eu-west-1:123456789012:parameter/a/b").unwrap();
        assert_eq!(by_arn.name, "/a/b");
        assert!(wanted(&scope(), "arn:aws:ssm:eu-west-1:999999999999:parameter/a/b").is_err());
        for bad in ["", "a/b", "/a//b", "/a/", "/a*", "/a b", "arn:aws:s3:::x"] {
            assert!(wanted(&scope(), bad).is_err(), "{bad}");
        }
        assert!(check_new("/aws/x").is_err());
        assert!(check_new("/app/x").is_ok());
    }
}
