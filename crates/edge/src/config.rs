//! What a gateway is built from: an API of the model, and what only the deployment knows.

use burgward_template::model::{Api, UsagePlan};
use burgward_types::{AccountId, Region, Secret};

/// One API with all that bears on it.
#[derive(Clone, Debug)]
pub struct GatewayConfig {
    /// The API.
    pub api: Api,
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// The usage plans that cover the API's stage; others are ignored.
    pub usage_plans: Vec<PlanInUse>,
    /// Host names that requests may ask for, besides `localhost`, names under it and loopback addresses.
    pub hosts: Vec<String>,
    /// Counts of quotas, by key id, as [`crate::Gateway::quota_snapshot`] gave them before a restart.
    pub quota_counts: Vec<(String, u64)>,
}

/// A usage plan with its keys.
#[derive(Clone, Debug)]
pub struct PlanInUse {
    /// The plan.
    pub plan: UsagePlan,
    /// Its keys.
    pub keys: Vec<KeyInUse>,
}

/// A key with its value, known once deployed.
#[derive(Clone, Debug)]
pub struct KeyInUse {
    /// The key's id, which functions and records see.
    pub id: String,
    /// The value; the gateway keeps a digest only.
    pub value: Secret<String>,
    /// A key that is switched off opens nothing.
    pub enabled: bool,
}
