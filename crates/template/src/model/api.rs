//! APIs, authorizers, usage plans and keys.

use burgward_diag::Span;

use super::{ResourcePolicy, Text};

/// The two kinds of API Gateway API that run functions over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiKind {
    /// API Gateway v1.
    Rest,
    /// API Gateway v2.
    Http,
}

/// An API with its one stage.
#[derive(Clone, Debug)]
pub struct Api {
    /// The logical id.
    pub logical_id: String,
    /// Where it is declared; for an implicit API, where its first event is.
    pub span: Span,
    /// The API's id, ten characters.
    pub id: String,
    /// Its name.
    pub name: String,
    /// REST or HTTP.
    pub kind: ApiKind,
    /// The stage that is served.
    pub stage: Stage,
    /// Routes, most of them from functions' events.
    pub routes: Vec<Route>,
    /// Authorizers by name.
    pub authorizers: Vec<Authorizer>,
    /// The authorizer of routes that say nothing; already applied to [`Route::authorizer`].
    pub default_authorizer: Option<String>,
    /// Whether routes ask for a key unless they say otherwise; already applied to [`Route::api_key_required`].
    pub api_key_required: bool,
    /// Where a REST API takes the key from.
    pub api_key_source: ApiKeySource,
    /// Answers to CORS preflight requests.
    pub cors: Option<Cors>,
    /// Who may call the API at all.
    pub resource_policy: Option<ResourcePolicy>,
    /// Content types whose bodies reach functions as base64 (REST only).
    pub binary_media_types: Vec<String>,
}

/// `HEADER` or `AUTHORIZER`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ApiKeySource {
    /// The `x-api-key` header.
    #[default]
    Header,
    /// `usageIdentifierKey` of the authorizer's answer.
    Authorizer,
}

/// A deployed stage.
#[derive(Clone, Debug, Default)]
pub struct Stage {
    /// The name; `$default` has no path segment.
    pub name: String,
    /// The stage's default throttle; API Gateway's account limits hold besides.
    pub throttle: Option<Throttle>,
    /// Throttles of single methods or routes; they win over the stage's.
    pub method_throttles: Vec<MethodThrottle>,
    /// Stage variables, handed to functions.
    pub variables: Vec<(String, String)>,
    /// Whether access logs are configured.
    pub access_log: bool,
    /// Whether X-Ray tracing is on.
    pub tracing: bool,
    /// Whether a REST API's response cache is on, and for how many seconds.
    pub cache_ttl_secs: Option<u32>,
}

/// A throttle of one method; `*` stands for every path or method.
#[derive(Clone, Debug, PartialEq)]
pub struct MethodThrottle {
    /// The path, such as `/pets/{id}`, or `*`.
    pub path: String,
    /// The method, or `*`.
    pub method: String,
    /// Its throttle.
    pub throttle: Throttle,
}

/// A token bucket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Throttle {
    /// Requests per second.
    pub rate: f64,
    /// The bucket's size.
    pub burst: u32,
}

/// Which event a function gets.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadFormat {
    /// Version 1.0, that of REST APIs.
    V1,
    /// Version 2.0.
    V2,
}

/// A method on a path, and the function behind it.
#[derive(Clone, Debug)]
pub struct Route {
    /// The method in capitals; `ANY` stands for all.
    pub method: String,
    /// `/pets/{id}`, `/{proxy+}`, or `$default` on HTTP APIs.
    pub path: String,
    /// The logical id of the function.
    pub function: String,
    /// The event's version.
    pub payload_format: PayloadFormat,
    /// The name of the authorizer, if any.
    pub authorizer: Option<String>,
    /// Whether a key is needed (REST only).
    pub api_key_required: bool,
    /// The integration's timeout.
    pub timeout_ms: u32,
    /// The throttle that holds for it alone.
    pub throttle: Option<Throttle>,
    /// Where it is declared.
    pub span: Span,
}

/// A Lambda authorizer.
#[derive(Clone, Debug)]
pub struct Authorizer {
    /// Its name.
    pub name: String,
    /// What it gets and how it answers.
    pub kind: AuthorizerKind,
    /// The logical id of its function.
    pub function: String,
    /// How long an answer is kept; 0 keeps none.
    pub ttl_secs: u32,
    /// Where it is declared.
    pub span: Span,
}

/// What a Lambda authorizer gets and how it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorizerKind {
    /// A REST API's `TOKEN` authorizer.
    Token {
        /// The header that holds the token.
        header: String,
        /// A token that does not match is refused without a call.
        validation: Option<String>,
    },
    /// A `REQUEST` authorizer.
    Request {
        /// What must be there, and keys the cache.
        identity: Vec<IdentitySource>,
        /// The event's version; `V1` for REST APIs.
        payload_version: PayloadFormat,
        /// Whether it answers `{"isAuthorized": true}` instead of a policy (HTTP only).
        simple_responses: bool,
    },
}

/// A part of a request that identifies the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentitySource {
    /// A header.
    Header(String),
    /// A query string parameter.
    Query(String),
    /// A stage variable.
    StageVariable(String),
    /// A `$context` variable, without the prefix.
    Context(String),
}

/// Answers to CORS preflight requests.
#[derive(Clone, Debug, Default)]
pub struct Cors {
    /// Origins; `*` for any. A REST API sends the only one it has.
    pub allow_origins: Vec<String>,
    /// Methods; empty on a REST API means: the methods of the path, and `OPTIONS`, sorted.
    pub allow_methods: Vec<String>,
    /// Request headers.
    pub allow_headers: Vec<String>,
    /// Response headers that scripts may read (HTTP only).
    pub expose_headers: Vec<String>,
    /// How long browsers keep the answer, in seconds.
    pub max_age: Option<u32>,
    /// Whether credentials may be sent.
    pub allow_credentials: bool,
    /// The authorizer a preflight request must pass: SAM adds the default one unless
    /// `AddDefaultAuthorizerToCorsPreflight` is false.
    pub preflight_authorizer: Option<String>,
    /// Whether a preflight request needs a key: SAM asks for one wherever `ApiKeyRequired` is the default, unless
    /// `AddApiKeyRequiredToCorsPreflight` is false.
    pub preflight_api_key_required: bool,
    /// Where it is declared.
    pub span: Option<Span>,
}

/// A usage plan.
#[derive(Clone, Debug)]
pub struct UsagePlan {
    /// The logical id.
    pub logical_id: String,
    /// The plan's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The throttle of each key.
    pub throttle: Option<Throttle>,
    /// The quota of each key.
    pub quota: Option<Quota>,
    /// The stages it covers.
    pub stages: Vec<PlanStage>,
    /// The logical ids of its keys.
    pub keys: Vec<String>,
    /// Where it is declared.
    pub span: Span,
}

/// A stage that a usage plan covers.
#[derive(Clone, Debug)]
pub struct PlanStage {
    /// The logical id of the API.
    pub api: String,
    /// The stage's name.
    pub stage: String,
    /// Throttles of single methods.
    pub method_throttles: Vec<MethodThrottle>,
}

/// How many requests a key has in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Requests.
    pub limit: u32,
    /// The period.
    pub period: QuotaPeriod,
    /// Requests already subtracted in the first period.
    pub offset: u32,
}

/// The period of a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotaPeriod {
    /// From midnight to midnight, UTC.
    Day,
    /// From Sunday on.
    Week,
    /// From the first on.
    Month,
}

/// An API key.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// The logical id.
    pub logical_id: String,
    /// The key's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The value the template gives; the deployment makes a random one otherwise.
    pub value: Option<Text>,
    /// Whether it may be used.
    pub enabled: bool,
    /// Where it is declared.
    pub span: Span,
}
