//! The fourth stage: API key, throttles, quota.
//!
//! Source, for their order: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>

use burgward_template::model::ApiKeySource;
#[cfg(feature = "test-without-layers")]
use burgward_types::HouseLayer;
use burgward_types::Timestamp;

use super::{Authorized, Caller, Routed, Trail};
use crate::api::CompiledApi;
use crate::keys::Key;
use crate::stop::{Cause, Stop, StoppedBy};

/// A request that is let through to be served.
#[derive(Debug)]
pub(crate) struct Admitted {
    authorized: Authorized,
    key: Option<UsedKey>,
}

/// The key that opened the route, as the function sees it.
#[derive(Debug)]
pub(crate) struct UsedKey {
    pub(crate) id: String,
    pub(crate) value: String,
}

impl Admitted {
    pub(crate) fn new(api: &CompiledApi, authorized: Authorized, trail: &mut Trail) -> Result<Self, Stop> {
        let now = authorized.routed().head().at;
        let key_required = authorized.routed().route().key_required;
        #[cfg(feature = "test-without-layers")]
        let key_required = key_required && !api.without.lacks(HouseLayer::ApiKey);
        let found = if key_required { Some(key(api, &authorized)?) } else { None };
        trail.key = found.as_ref().map(|(key, _)| key.id.clone());
        let used = found.as_ref().map(|(key, _)| *key);
        let throttled = throttle(authorized.routed(), used, now);
        #[cfg(feature = "test-without-layers")]
        let throttled = if api.without.lacks(HouseLayer::Throttle) { Ok(()) } else { throttled };
        throttled?;
        #[cfg(feature = "test-without-layers")]
        let used = used.filter(|_| !api.without.lacks(HouseLayer::Quota));
        used.map_or(Ok(()), |key| key.count(now))?;
        let key = found.map(|(key, value)| UsedKey { id: key.id.clone(), value });
        Ok(Self { authorized, key })
    }

    pub(crate) fn routed(&self) -> &Routed {
        self.authorized.routed()
    }

    pub(crate) fn caller(&self) -> Option<&Caller> {
        self.authorized.caller()
    }

    pub(crate) fn key(&self) -> Option<&UsedKey> {
        self.key.as_ref()
    }

    pub(super) fn take_body(&mut self) -> Option<crate::unread::Upload> {
        self.authorized.take_body()
    }
}

/// The throttle of the key's plan, then that of the stage.
fn throttle(routed: &Routed, key: Option<&Key>, now: Timestamp) -> Result<(), Stop> {
    let (method, path) = (routed.head().method.as_str(), &routed.route().path);
    key.map_or(Ok(()), |key| key.throttle(method, path, now))?;
    let Some((rate, bucket)) = routed.route().throttle(method) else { return Ok(()) };
    let reason = "the stage's throttle for this method";
    bucket.take(rate, now).map_err(|_| Stop::new(StoppedBy::Throttle, Cause::Throttled, reason))
}

fn key<'a>(api: &'a CompiledApi, authorized: &Authorized) -> Result<(&'a Key, String), Stop> {
    let stop = |reason: &str| Stop::new(StoppedBy::ApiKey, Cause::KeyRefused, reason);
    let value = match api.key_source {
        ApiKeySource::Header => authorized.routed().head().header("x-api-key"),
        ApiKeySource::Authorizer => authorized.caller().and_then(|caller| caller.grant.usage_key.as_deref()),
    };
    let value = value.ok_or_else(|| stop("no API key was sent"))?;
    let key = api.keys.find(value).ok_or_else(|| stop("the API key opens no plan of this stage"))?;
    Ok((key, value.to_owned()))
}
