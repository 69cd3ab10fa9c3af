//! `burgward.toml`: what a template cannot say.

use std::collections::BTreeMap;
use std::path::Path;

use burgward_runtime::Isolation;
use serde::Deserialize;

use crate::AppError;

/// The file's content. A key that is not known is an error.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How long a sandbox lives, for functions that say nothing of their own.
    #[serde(default)]
    pub isolation: IsolationName,
    /// Settings of single functions, by logical id.
    #[serde(default)]
    pub functions: BTreeMap<String, FunctionSettings>,
    /// Account, region and name of the stack.
    #[serde(default)]
    pub stack: Stack,
    /// What `check` leaves out.
    #[serde(default)]
    pub check: CheckSettings,
}

/// What `check` leaves out.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct CheckSettings {
    /// Rules whose findings the app's owner has accepted; how many there are is still said.
    #[serde(default)]
    pub ignore: Vec<String>,
}

/// Settings of one function.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct FunctionSettings {
    /// How long its sandboxes live.
    pub isolation: Option<IsolationName>,
}

/// Account, region and name of the stack.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Stack {
    /// The stack's name; the folder's name by default.
    pub name: Option<String>,
    /// The account id; `123456789012` by default.
    pub account: Option<String>,
    /// The region; `us-east-1` by default.
    pub region: Option<String>,
}

/// A level of isolation as it is written.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum IsolationName {
    /// Reused between requests, as Lambda does.
    #[default]
    Function,
    /// A fresh sandbox for each request.
    Invocation,
}

impl Config {
    /// Reads the file beside the template; without one the defaults hold.
    pub fn read(folder: &Path) -> Result<Self, AppError> {
        let path = folder.join("burgward.toml");
        match std::fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|error| AppError::Config { path, message: error.to_string() }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(AppError::io(path, "check that you may read the file")(error)),
        }
    }

    /// The level of one function.
    #[must_use]
    pub fn isolation_of(&self, logical_id: &str) -> Isolation {
        let own = self.functions.get(logical_id).and_then(|settings| settings.isolation);
        match own.unwrap_or(self.isolation) {
            IsolationName::Function => Isolation::Function,
            IsolationName::Invocation => Isolation::Invocation,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_sets_the_level() {
        let config: Config = toml::from_str("isolation = 'invocation'\n[functions.a]\nisolation = 'function'").unwrap();
        assert_eq!(config.isolation_of("a"), Isolation::Function);
        assert_eq!(config.isolation_of("b"), Isolation::Invocation);
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        assert!(toml::from_str::<Config>("isolaton = 'invocation'").is_err());
        assert!(toml::from_str::<Config>("isolation = 'none'").is_err());
    }
}
