//! Table names, and the ARNs that stand for them.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>

use burgward_types::{AccountId, Arn, Region};

use burgward_service::ServiceError;

use crate::fault;

/// Whose tables are served here.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    account: AccountId,
    region: Region,
}

impl Home {
    pub(crate) fn new(account: AccountId, region: Region) -> Self {
        Self { account, region }
    }

    /// The ARN of a table.
    pub(crate) fn table_arn(&self, table: &str) -> String {
        self.arn(&format!("table/{table}"))
    }

    /// The ARN of an index of a table.
    pub(crate) fn index_arn(&self, table: &str, index: &str) -> String {
        self.arn(&format!("table/{table}/index/{index}"))
    }

    fn arn(&self, resource: &str) -> String {
        Arn::new("dynamodb", self.region.as_str(), self.account.as_str(), resource).as_str().to_owned()
    }

    /// `arn:aws:dynamodb:<region>:<account>:`, with which every ARN of this home starts.
    pub(crate) fn prefix(&self) -> String {
        format!("arn:aws:dynamodb:{}:{}:", self.region.as_str(), self.account.as_str())
    }

    /// The plain name of a table given as a name or as an ARN of this account and region.
    ///
    /// An ARN of another account or region is refused: no such table is served here, and a policy
    /// must not be evaluated for one ARN and the call be served from another.
    pub(crate) fn table_name(&self, given: &str) -> Result<String, ServiceError> {
        let name = if given.starts_with("arn:") { self.name_of_arn(given)? } else { given.to_owned() };
        check_name(&name)?;
        Ok(name)
    }

    fn name_of_arn(&self, given: &str) -> Result<String, ServiceError> {
        let bad = || fault::validation("Invalid TableArn: Invalid ResourceArn provided as input");
        let arn = Arn::parse(given).map_err(|_| bad())?;
        let table = arn.resource().strip_prefix("table/").ok_or_else(bad)?;
        if arn.service() != "dynamodb" || arn.partition() != "aws" || table.contains('/') {
            return Err(bad());
        }
        if arn.account() != self.account.as_str() || arn.region() != self.region.as_str() {
            return Err(fault::not_found(format!("Requested resource not found: Table: {table} not found")));
        }
        Ok(table.to_owned())
    }
}

/// The naming rule: three to 255 characters of `a-z A-Z 0-9 _ - .`.
///
/// Checked before authorization, since the name becomes part of the resource's ARN: a `*` or a `/` in
/// it would be another resource.
fn check_name(name: &str) -> Result<(), ServiceError> {
    let fits = (3..=255).contains(&name.len());
    if fits && is_name(name) {
        return Ok(());
    }
    let (rule, shown): (&str, String) = if !is_name(name) {
        ("Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+", name.chars().take(64).collect())
    } else if name.len() < 3 {
        ("Member must have length greater than or equal to 3", name.to_owned())
    } else {
        ("Member must have length less than or equal to 255", name.chars().take(64).collect())
    };
    Err(fault::validation(format!(
        "1 validation error detected: Value '{shown}' at 'tableName' failed to satisfy constraint: {rule}"
    )))
}

/// Whether a text has only the characters of table and index names.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> Home {
        Home::new(AccountId::parse("123456789012").unwrap(), Region::parse("eu-west-1").unwrap())
    }

    #[test]
    fn arns_of_this_home_become_names() {
        assert_eq!(home().table_name("books").unwrap(), "books");
        assert_eq!(home().table_name("arn:aws:dynamodb:eu-west-1:123456789012:table/books").unwrap(), "books");
    }

    #[test]
    fn other_homes_and_shapes_are_refused() {
        for text in [
            "arn:aws:dynamodb:eu-west-1:999999999999:table/books",
            "arn:aws:dynamodb:us-east-1:123456789012:table/books",
            "arn:aws:dynamodb:eu-west-1:123456789012:table/books/index/by-author",
            "arn:aws:s3:eu-west-1:123456789012:table/books",
            "bo",
            "books/index/x",
            "boo*",
            "",
        ] {
            assert!(home().table_name(text).is_err(), "{text}");
        }
    }
}
