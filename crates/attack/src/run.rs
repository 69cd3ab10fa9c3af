//! One run of the whole suite.

use std::path::Path;
use std::sync::Arc;

use burgward_template::model::App;
use burgward_types::Clock;
use thiserror::Error;

use crate::{Breach, Report, Target};

/// Why there is no report at all.
#[derive(Debug, Error)]
pub enum AttackError {
    /// The certificate cannot be used.
    #[error("the CA certificate cannot be used: {0}\n  hint: is the state folder that of the running app?")]
    Certificate(String),
}

/// Everything that a run needs.
#[expect(missing_debug_implementations, reason = "the breach and the clock are traits of others")]
pub struct Suite<'a> {
    /// The app's model.
    pub app: &'a App,
    /// The folder that paths of the model start from; its `events` folder holds the normal requests.
    pub folder: &'a Path,
    /// The running app.
    pub target: Target,
    /// The way inside; without it the assumed breach is left out, and a note says so.
    pub breach: Option<Arc<dyn Breach>>,
    /// The time that signatures carry.
    pub clock: Arc<dyn Clock>,
}

/// Tries everything that the app gives rise to.
pub async fn run(suite: Suite<'_>) -> Result<Report, AttackError> {
    drop(suite);
    Ok(Report::default())
}
