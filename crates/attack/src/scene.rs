//! What every try needs: the app, its code, its normal requests, a client.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use burgward_template::model::{Api, ApiKind, App, Route};
use burgward_types::Clock;

use crate::code::Code;
use crate::http::{Answer, Client};
use crate::normal::{Normal, route_name};
use crate::{Breach, StoppedBy, Target};

/// How often a throttled try is repeated: tries other than the flood stay below what a customer may send.
const REPEATS: u32 = 4;
const PAUSE: Duration = Duration::from_millis(350);

pub(crate) struct Scene<'a> {
    pub(crate) app: &'a App,
    pub(crate) target: Target,
    pub(crate) client: Client,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) normals: Vec<Normal>,
    pub(crate) breach: Option<Arc<dyn Breach>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) notes: Mutex<Vec<String>>,
}

impl Scene<'_> {
    pub(crate) fn note(&self, note: String) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(note);
    }

    pub(crate) fn api(&self, normal: &Normal) -> Option<&Api> {
        self.app.api(&normal.api)
    }

    pub(crate) fn route(&self, normal: &Normal) -> Option<&Route> {
        self.api(normal)?.routes.iter().find(|route| route_name(route) == normal.route)
    }

    pub(crate) fn code(&self, function: &str) -> Option<&Code> {
        self.codes.get(function)
    }

    /// Where a route is declared.
    pub(crate) fn route_place(&self, normal: &Normal) -> Option<String> {
        self.route(normal).map(|route| route.span.place())
    }

    fn base(&self, normal: &Normal) -> Result<&str, String> {
        let api = self.target.apis.iter().find(|api| api.logical_id == normal.api);
        Ok(&api.ok_or_else(|| format!("the API `{}` is not served", normal.api))?.url)
    }

    /// Sends a request as a customer: with a key where the route asks for one.
    pub(crate) async fn as_customer(&self, normal: &Normal) -> Result<Answer, String> {
        let key = self.route(normal).is_some_and(|route| route.api_key_required);
        let key = self.target.api_keys.first().filter(|_| key).map(String::as_str);
        self.send(normal, key).await
    }

    /// Sends a request as it is.
    pub(crate) async fn as_is(&self, normal: &Normal) -> Result<Answer, String> {
        self.send(normal, None).await
    }

    async fn send(&self, normal: &Normal, key: Option<&str>) -> Result<Answer, String> {
        let mut answer = self.once(normal, key).await?;
        for _ in 0..REPEATS {
            if answer.status != 429 {
                break;
            }
            tokio::time::sleep(PAUSE).await;
            answer = self.once(normal, key).await?;
        }
        Ok(answer)
    }

    /// Sends a request once, whatever a throttle says to it.
    pub(crate) async fn once(&self, normal: &Normal, key: Option<&str>) -> Result<Answer, String> {
        self.client.send(normal.request(self.base(normal)?, key)?).await
    }

    /// True if the gateway refused by itself: no function ran.
    pub(crate) fn refused_by_gateway(&self, normal: &Normal, answer: &Answer) -> bool {
        let rest = self.api(normal).is_some_and(|api| api.kind == ApiKind::Rest);
        let named = answer.headers.contains_key("x-amzn-errortype");
        match answer.status {
            401 | 403 => named || is_gateway_wording(&answer.text()),
            // An HTTP API says the same when a function fails.
            500 => rest && named,
            _ => false,
        }
    }

    /// The layer that an answer other than success comes from.
    pub(crate) fn layer(&self, normal: &Normal, answer: &Answer) -> StoppedBy {
        let refusal = answer.headers.contains_key("x-amzn-errortype") || is_gateway_wording(&answer.text());
        let guarded = self.route(normal).is_some_and(|route| route.authorizer.is_some() || route.api_key_required);
        match answer.status {
            429 => StoppedBy::GatewayThrottle,
            401 | 403 if refusal && guarded => StoppedBy::GatewayAuthorizer,
            _ => StoppedBy::Application,
        }
    }
}

/// The bodies of API Gateway's own refusals.
fn is_gateway_wording(body: &str) -> bool {
    let body = body.trim();
    body == r#"{"message":"Unauthorized"}"# || body == r#"{"message":"Forbidden"}"#
}

/// An answer in a few words, nothing secret among them.
pub(crate) fn brief(answer: &Result<Answer, String>) -> String {
    match answer {
        Ok(answer) => format!("status {}", answer.status),
        Err(error) => format!("no answer: {error}"),
    }
}
