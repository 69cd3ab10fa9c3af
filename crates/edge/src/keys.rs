//! API keys and usage plans.
//!
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html>

use std::collections::HashMap;

use burgward_limits::{Period, Quota, QuotaCounter, Rate, TokenBucket};
use burgward_template::model::{Api, MethodThrottle, QuotaPeriod, Throttle, UsagePlan};
use burgward_types::Timestamp;

use crate::PlanInUse;
use crate::stop::{Cause, Stop, StoppedBy};

type Digest = [u8; 32];

/// The keys that open an API's stage, by digest: looking one up tells nothing about the others by its timing.
#[derive(Debug, Default)]
pub(crate) struct Keys(HashMap<Digest, Key>);

/// A key in its plan.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) id: String,
    throttle: Option<(Rate, TokenBucket)>,
    methods: Vec<MethodLimit>,
    quota: Option<(Quota, QuotaCounter)>,
}

#[derive(Debug)]
struct MethodLimit {
    path: String,
    method: String,
    rate: Rate,
    bucket: TokenBucket,
}

impl Keys {
    /// The enabled keys of the plans that cover the API's stage.
    pub(crate) fn new(api: &Api, plans: Vec<PlanInUse>) -> Result<Self, String> {
        let mut keys = HashMap::new();
        for PlanInUse { plan, keys: members } in plans {
            let covers = plan.stages.iter().find(|stage| stage.api == api.logical_id && stage.stage == api.stage.name);
            let Some(stage) = covers else { continue };
            for member in members.into_iter().filter(|member| member.enabled) {
                let key = Key::new(member.id, &plan, &stage.method_throttles)?;
                keys.insert(digest(member.value.expose()), key);
            }
        }
        Ok(Self(keys))
    }

    /// The key with this value.
    pub(crate) fn find(&self, value: &str) -> Option<&Key> {
        self.0.get(&digest(value))
    }

    /// Every key's id and quota count, to be kept over a restart.
    pub(crate) fn quota_snapshot(&self) -> Vec<(String, u64)> {
        let count = |key: &Key| key.quota.as_ref().map(|(_, counter)| (key.id.clone(), counter.snapshot()));
        self.0.values().filter_map(count).collect()
    }

    /// Takes counts up again.
    pub(crate) fn restore_quotas(&mut self, counts: &[(String, u64)]) {
        for key in self.0.values_mut() {
            let kept = counts.iter().find(|(id, _)| *id == key.id);
            if let (Some((_, count)), Some((_, counter))) = (kept, &mut key.quota) {
                *counter = QuotaCounter::restore(*count);
            }
        }
    }
}

impl Key {
    fn new(id: String, plan: &UsagePlan, methods: &[MethodThrottle]) -> Result<Self, String> {
        let methods = methods.iter().map(|limit| {
            let (path, method) = (limit.path.clone(), limit.method.to_ascii_uppercase());
            Ok(MethodLimit { path, method, rate: rate(&limit.throttle)?, bucket: TokenBucket::new() })
        });
        let quota = plan.quota.map(|quota| Quota {
            limit: quota.limit,
            offset: quota.offset,
            period: match quota.period {
                QuotaPeriod::Day => Period::Day,
                QuotaPeriod::Week => Period::Week,
                QuotaPeriod::Month => Period::Month,
            },
        });
        Ok(Self {
            id,
            throttle: plan.throttle.as_ref().map(rate).transpose()?.map(|rate| (rate, TokenBucket::new())),
            methods: methods.collect::<Result<_, String>>()?,
            quota: quota.map(|quota| (quota, QuotaCounter::default())),
        })
    }

    /// The key's own throttle: that of the method, else that of the plan.
    pub(crate) fn throttle(&self, method: &str, path: &str, now: Timestamp) -> Result<(), Stop> {
        let stop = || {
            Stop::new(StoppedBy::Throttle, Cause::Throttled, format!("the usage plan's throttle of key {}", self.id))
        };
        let fits = |limit: &&MethodLimit| {
            (limit.path == path || limit.path == "*") && (limit.method == method || limit.method == "*")
        };
        if let Some(limit) = self.methods.iter().find(fits) {
            return limit.bucket.take(limit.rate, now).map_err(|_| stop());
        }
        match &self.throttle {
            Some((rate, bucket)) => bucket.take(*rate, now).map_err(|_| stop()),
            None => Ok(()),
        }
    }

    /// Counts the request.
    pub(crate) fn count(&self, now: Timestamp) -> Result<(), Stop> {
        let Some((quota, counter)) = &self.quota else { return Ok(()) };
        let stop =
            |_| Stop::new(StoppedBy::Quota, Cause::QuotaExceeded, format!("the usage plan's quota of key {}", self.id));
        counter.take(*quota, now).map_err(stop)
    }
}

fn rate(throttle: &Throttle) -> Result<Rate, String> {
    Rate::new(throttle.rate, throttle.burst).map_err(|error| error.to_string())
}

fn digest(value: &str) -> Digest {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, value.as_bytes());
    digest.as_ref().try_into().unwrap_or_default()
}
