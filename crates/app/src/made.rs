//! The record of what deployments made, in the control store.

use burgward_deploy::made::{declared, union};
use burgward_deploy::{Deployment, Made};
use burgward_template::model::App;

use crate::AppError;
use crate::foundation::Foundation;

const KEY: &[u8] = b"deployed/stores";

/// What former deployments on this state made.
pub(crate) struct Record<'a> {
    foundation: &'a Foundation,
    former: Vec<Made>,
}

impl<'a> Record<'a> {
    pub(crate) fn open(foundation: &'a Foundation) -> Result<Self, AppError> {
        let former = match foundation.store.get(KEY).map_err(AppError::part("control store"))? {
            Some(bytes) => serde_json::from_slice(&bytes).map_err(AppError::part("control store"))?,
            None => Vec::new(),
        };
        Ok(Self { foundation, former })
    }

    pub(crate) fn former(&self) -> &[Made] {
        &self.former
    }

    /// Before anything is made, so that a deployment that stops half way leaves nothing that nobody knows of. What is
    /// known of a table's layout stays the former one until the new one is in force.
    pub(crate) async fn begin(&self, app: &App) -> Result<(), AppError> {
        self.keep(&union(&self.former, &declared(app))).await
    }

    /// After everything is made; gives what is there still and declared no longer.
    pub(crate) async fn end(&self, app: &App, deployment: &Deployment<'_>) -> Result<Vec<Made>, AppError> {
        let orphans = deployment.orphans().await?;
        self.keep(&union(&declared(app), &orphans)).await?;
        Ok(orphans)
    }

    async fn keep(&self, made: &[Made]) -> Result<(), AppError> {
        let bytes = serde_json::to_vec(made).map_err(AppError::part("control store"))?;
        self.foundation.store.put(KEY.to_vec(), bytes).await.map_err(AppError::part("control store"))
    }
}
