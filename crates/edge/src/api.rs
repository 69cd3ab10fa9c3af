//! An API, compiled: everything a name could be looked up for is looked up here, once, or refused.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use burgward_iam::{Policy, PolicyKind};
use burgward_limits::{Concurrency, Rate, TokenBucket};
use burgward_template::model::{self, ApiKeySource, ApiKind, PayloadFormat};
use burgward_types::{AccountId, Region};

use crate::authorizer::Authorizer;
use crate::keys::Keys;
use crate::router::{METHODS, Router};
use crate::{GatewayConfig, GatewayError, account, cors};

/// How many runs of its authorizers an API has under way: unknown tokens must not take every place that functions have.
const ASKING: u32 = 50;

/// A compiled API.
#[derive(Debug)]
pub(crate) struct CompiledApi {
    pub(crate) kind: ApiKind,
    pub(crate) id: String,
    pub(crate) logical_id: String,
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) stage: String,
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) router: Router,
    pub(crate) resource_policy: Option<Policy>,
    pub(crate) keys: Keys,
    pub(crate) key_source: ApiKeySource,
    pub(crate) asking: Concurrency,
    pub(crate) account_rate: Rate,
    pub(crate) binary: Vec<String>,
    pub(crate) cors: Option<model::Cors>,
    #[cfg(feature = "test-without-layers")]
    pub(crate) without: burgward_types::Without,
    hosts: Vec<String>,
}

/// A compiled route.
#[derive(Debug)]
pub(crate) struct CompiledRoute {
    pub(crate) method: String,
    pub(crate) path: String,
    /// REST: the resource's id, six characters that stay the same for a path.
    pub(crate) resource_id: String,
    pub(crate) target: Target,
    pub(crate) payload: PayloadFormat,
    pub(crate) authorizer: Option<Arc<Authorizer>>,
    pub(crate) key_required: bool,
    pub(crate) timeout: Duration,
    pub(crate) throttle: Option<(Rate, TokenBucket)>,
    /// Throttles of single methods of an `ANY` route.
    pub(crate) method_throttles: Vec<(&'static str, Rate, TokenBucket)>,
}

impl CompiledRoute {
    /// The throttle that holds for a method.
    pub(crate) fn throttle(&self, method: &str) -> Option<(Rate, &TokenBucket)> {
        let own = self.method_throttles.iter().find(|(name, ..)| *name == method);
        let own = own.map(|(_, rate, bucket)| (*rate, bucket));
        own.or_else(|| self.throttle.as_ref().map(|(rate, bucket)| (*rate, bucket)))
    }
}

/// Who answers.
#[derive(Debug)]
pub(crate) enum Target {
    Function(String),
    /// A fixed answer: the `OPTIONS` methods that SAM makes for CORS.
    Mock(Vec<(String, String)>),
}

impl CompiledApi {
    pub(crate) fn new(config: GatewayConfig) -> Result<Self, GatewayError> {
        let GatewayConfig { api, account, region, usage_plans, hosts, quota_counts } = config;
        let name = api.logical_id.clone();
        let unusable = |what: &str, why: String| GatewayError::Unusable { what: what.into(), api: name.clone(), why };
        let rate = |throttle: &model::Throttle| {
            Rate::new(throttle.rate, throttle.burst).map_err(|error| unusable("throttle", error.to_string()))
        };
        if api.stage.cache_ttl_secs.is_some() {
            let why = "answers are not cached yet\n  hint: switch the stage's cache off for local runs";
            return Err(unusable("response cache", why.into()));
        }
        let mut authorizers = HashMap::new();
        for authorizer in &api.authorizers {
            let compiled = Authorizer::new(authorizer).map_err(|why| unusable(&authorizer.name, why))?;
            authorizers.insert(authorizer.name.clone(), Arc::new(compiled));
        }
        let mut routes = Vec::new();
        for route in &api.routes {
            let throttle = throttle_of(&api, route, &route.method).map(rate).transpose()?;
            let mut compiled = compile(&api, route, &authorizers, throttle)?;
            // `ANY` stands for every method, and each may have a throttle of its own.
            for method in METHODS.iter().filter(|_| compiled.method == "ANY" && route.throttle.is_none()) {
                let own = throttle_of(&api, route, method);
                if let Some(own) = own.filter(|own| Some(*own) != throttle_of(&api, route, "ANY")) {
                    compiled.method_throttles.push((method, rate(own)?, TokenBucket::new()));
                }
            }
            routes.push(compiled);
        }
        if let (ApiKind::Rest, Some(cors)) = (api.kind, &api.cors) {
            let authorizer = authorizer_of(&api, "OPTIONS", cors.preflight_authorizer.as_ref(), &authorizers)?;
            cors::add_preflights(&mut routes, cors, authorizer.as_ref());
        }
        let resource_policy = api.resource_policy.as_ref().map(|policy| {
            let places: Vec<String> = policy.statement_spans.iter().map(burgward_diag::Span::place).collect();
            Policy::from_value(&policy.document, &format!("{name} resource policy"), PolicyKind::Resource, &places)
        });
        let mut keys = Keys::new(&api, usage_plans).map_err(|why| unusable("usage plan", why))?;
        keys.restore_quotas(&quota_counts);
        Ok(Self {
            kind: api.kind,
            id: api.id,
            logical_id: api.logical_id.clone(),
            account,
            region,
            stage: api.stage.name,
            variables: api.stage.variables,
            router: Router::new(api.kind, routes).map_err(|(what, why)| unusable(&what, why))?,
            resource_policy: resource_policy
                .transpose()
                .map_err(|error| unusable("resource policy", error.to_string()))?,
            keys,
            key_source: api.api_key_source,
            asking: Concurrency::new(ASKING),
            account_rate: account::rate().map_err(|error| unusable("the account's throttle", error.to_string()))?,
            binary: api.binary_media_types.iter().map(|media| media.replace("~1", "/").to_ascii_lowercase()).collect(),
            cors: api.cors,
            #[cfg(feature = "test-without-layers")]
            without: burgward_types::Without::default(),
            hosts: hosts.iter().map(|host| host.to_ascii_lowercase()).collect(),
        })
    }

    /// Whether this gateway is the one that a client asked for. A foreign name means that the client was led here
    /// (DNS rebinding), and events would carry it on.
    pub(crate) fn serves(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || host.ends_with(".localhost")
            || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
            || self.hosts.contains(&host)
    }

    /// The ARN that policies speak of; `path` is without stage.
    ///
    /// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html>
    pub(crate) fn arn(&self, method: &str, path: &str) -> String {
        let path = path.strip_prefix('/').unwrap_or(path);
        format!(
            "arn:aws:execute-api:{}:{}:{}/{}/{method}/{path}",
            self.region.as_str(),
            self.account,
            self.id,
            self.stage
        )
    }

    /// The ARN under which functions see their caller.
    pub(crate) fn authorizer_arn(&self, name: &str) -> String {
        format!("arn:aws:execute-api:{}:{}:{}/authorizers/{name}", self.region.as_str(), self.account, self.id)
    }
}

fn compile(
    api: &model::Api,
    route: &model::Route,
    authorizers: &HashMap<String, Arc<Authorizer>>,
    throttle: Option<Rate>,
) -> Result<CompiledRoute, GatewayError> {
    Ok(CompiledRoute {
        method: route.method.to_ascii_uppercase(),
        path: route.path.clone(),
        resource_id: resource_id(&api.id, &route.path),
        target: Target::Function(route.function.clone()),
        payload: route.payload_format,
        authorizer: authorizer_of(api, &route.path, route.authorizer.as_ref(), authorizers)?,
        key_required: api.kind == ApiKind::Rest && route.api_key_required,
        timeout: Duration::from_millis(u64::from(route.timeout_ms)),
        throttle: throttle.map(|rate| (rate, TokenBucket::new())),
        method_throttles: Vec::new(),
    })
}

fn authorizer_of(
    api: &model::Api,
    path: &str,
    name: Option<&String>,
    authorizers: &HashMap<String, Arc<Authorizer>>,
) -> Result<Option<Arc<Authorizer>>, GatewayError> {
    let Some(name) = name else { return Ok(None) };
    let found = authorizers.get(name).ok_or_else(|| GatewayError::UnknownAuthorizer {
        route: path.to_owned(),
        authorizer: name.clone(),
        api: api.logical_id.clone(),
    })?;
    Ok(Some(Arc::clone(found)))
}

/// The throttle that holds for a route: its own, the stage's for its method, the stage's default.
fn throttle_of<'a>(api: &'a model::Api, route: &'a model::Route, method: &str) -> Option<&'a model::Throttle> {
    let fits = |throttle: &&model::MethodThrottle| {
        (throttle.path == "*" || throttle.path == "/*" || throttle.path == route.path)
            && (throttle.method == "*" || throttle.method.eq_ignore_ascii_case(method))
    };
    let exact = api.stage.method_throttles.iter().find(|throttle| fits(throttle) && throttle.path == route.path);
    let by_method = exact.or_else(|| api.stage.method_throttles.iter().find(fits)).map(|found| &found.throttle);
    route.throttle.as_ref().or(by_method).or(api.stage.throttle.as_ref())
}

/// Six characters, as API Gateway's resource ids have.
pub(crate) fn resource_id(api: &str, path: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, format!("{api}{path}").as_bytes());
    let letters = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let pick = |byte: &u8| letters.get(usize::from(*byte) % letters.len()).map_or('0', |letter| char::from(*letter));
    digest.as_ref().iter().take(6).map(pick).collect()
}
