//! Which layer a test build runs without. Other builds do not have this file.

use burgward_types::{HouseLayer, Without};

use crate::AppError;
use crate::foundation::Foundation;

/// The variable that names the layer. It is read here and nowhere else.
const VARIABLE: &str = "BURGWARD_TEST_WITHOUT";

/// The layer to take away. A name that is not known is refused, or a test would prove nothing.
pub(crate) fn named() -> Result<Without, AppError> {
    let Some(name) = std::env::var_os(VARIABLE) else { return Ok(Without::default()) };
    let name = name.to_string_lossy().into_owned();
    let layer = HouseLayer::from_id(&name).ok_or_else(|| AppError::Usage {
        flag: VARIABLE,
        value: name,
        reason: "no layer has this name".to_owned(),
        hint: "the names are in crates/types/src/without.rs",
    })?;
    Ok(Without(Some(layer)))
}

/// What the enforcement state says of such a build.
pub(crate) fn warning(without: Without) -> String {
    let what = without.0.map_or("none now".to_owned(), |layer| format!("the layer `{}` IS TAKEN AWAY", layer.id()));
    format!("TEST BUILD, whose layers can be taken away: {what}; never let it near anything of value")
}

/// Takes the package bucket's policy away, if that is the layer.
pub(crate) fn open_packages(foundation: &Foundation) {
    let guard = foundation.front.guard();
    if foundation.vault.without().lacks(HouseLayer::PackageBucket) {
        let bucket =
            burgward_deploy::identity::deployment_bucket(&guard.scope().account, guard.scope().region.as_str());
        guard.policies().set_resource(&format!("arn:aws:s3:::{bucket}"), None);
    }
}
