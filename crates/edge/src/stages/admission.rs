//! The fourth stage: API key, throttles, quota.
//!
//! Source, for their order: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>

use burgward_template::model::ApiKeySource;

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
        let found = if authorized.routed().route().key_required { Some(key(api, &authorized)?) } else { None };
        trail.key = found.as_ref().map(|(key, _)| key.id.clone());
        if let Some((key, _)) = &found {
            let route = authorized.routed().route();
            key.throttle(authorized.routed().head().method.as_str(), &route.path, now)?;
        }
        let routed = authorized.routed();
        if let Some((rate, bucket)) = routed.route().throttle(routed.head().method.as_str()) {
            let reason = "the stage's throttle for this method";
            bucket.take(rate, now).map_err(|_| Stop::new(StoppedBy::Throttle, Cause::Throttled, reason))?;
        }
        if let Some((key, _)) = &found {
            key.count(now)?;
        }
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

    pub(super) fn take_body(&mut self) -> Option<hyper::body::Incoming> {
        self.authorized.take_body()
    }
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
