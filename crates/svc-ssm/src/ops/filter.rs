//! Filters of lists of parameters.
//!
//! Source: <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html>

use burgward_service::ServiceError;
use serde::Deserialize;

use crate::record::Kind;

/// One filter. Only that by type is served; others are refused, since an ignored filter would show too much.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Filter {
    key: String,
    #[serde(default)]
    option: Option<String>,
    #[serde(default)]
    values: Vec<String>,
}

impl Filter {
    /// The types that pass.
    pub(super) fn kinds(&self) -> Result<Vec<Kind>, ServiceError> {
        if self.key != "Type" {
            return Err(ServiceError::client("InvalidFilterKey", "Only the filter key `Type` is served here."));
        }
        if self.option.as_deref().is_some_and(|option| option != "Equals") {
            return Err(ServiceError::client("InvalidFilterOption", "The filter key `Type` takes `Equals` alone."));
        }
        self.values.iter().map(|value| Kind::parse(value)).collect()
    }
}
