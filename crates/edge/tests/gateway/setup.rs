//! An API, a function that answers as told, and a gateway between them and the client.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use burgward_audit::MemoryRecorder;
use burgward_diag::{SourceFile, Span};
use burgward_edge::{
    AccountLimits, Gateway, GatewayConfig, GatewayError, Invocation, Invoke, InvokeFailure, Invoked, KeyInUse,
    KeyStore, ListenLimits, LocalCa, Parts, PlanInUse, Serving,
};
use burgward_template::model::{
    Api, ApiKeySource, ApiKind, Authorizer, AuthorizerKind, PayloadFormat, PlanStage, Quota, Route, Stage, Throttle,
    UsagePlan,
};
use burgward_types::{AccountId, AuditRecord, FixedClock, Region, Secret, SystemClock, Timestamp};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::client::Client;

/// 2026-11-22T12:34:56.789Z
pub(crate) const NOW: Timestamp = Timestamp(1_795_350_896_789);

pub(crate) fn span() -> Span {
    Span::new(&SourceFile::new("template.yaml", ""), 0, 0)
}

#[derive(Debug, Default)]
pub(crate) struct MemoryKeys(Mutex<HashMap<String, Vec<u8>>>);

impl KeyStore for MemoryKeys {
    fn load(&self, name: &str) -> Result<Option<Secret<Vec<u8>>>, String> {
        Ok(self.0.lock().unwrap().get(name).cloned().map(Secret::new))
    }

    fn save(&self, name: &str, bytes: &[u8]) -> Result<(), String> {
        self.0.lock().unwrap().insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }
}

pub(crate) type Behaviour = Result<(Value, Option<&'static str>), InvokeFailure>;

/// Stands for Lambda: answers as told and remembers what it was asked.
#[derive(Debug, Default)]
pub(crate) struct Functions {
    behaviours: Mutex<HashMap<String, Behaviour>>,
    pub(crate) calls: Mutex<Vec<(Invocation, Value)>>,
    pub(crate) hang: Mutex<bool>,
}

impl Functions {
    pub(crate) fn answer(&self, function: &str, behaviour: Behaviour) {
        self.behaviours.lock().unwrap().insert(function.to_owned(), behaviour);
    }

    pub(crate) fn events(&self, function: &str) -> Vec<Value> {
        let calls = self.calls.lock().unwrap();
        calls.iter().filter(|(call, _)| call.function == function).map(|(_, event)| event.clone()).collect()
    }
}

#[async_trait]
impl Invoke for Functions {
    async fn invoke(&self, invocation: Invocation) -> Result<Invoked, InvokeFailure> {
        let event = serde_json::from_slice(&invocation.payload).unwrap();
        let function = invocation.function.clone();
        self.calls.lock().unwrap().push((invocation, event));
        if *self.hang.lock().unwrap() {
            std::future::pending::<()>().await;
        }
        let behaviour = self.behaviours.lock().unwrap().get(&function).cloned();
        let (payload, error) = behaviour.unwrap_or_else(|| Ok((json!({"statusCode": 200, "body": "ok"}), None)))?;
        let payload = Bytes::from(serde_json::to_vec(&payload).unwrap());
        Ok(Invoked { payload, function_error: error.map(str::to_owned) })
    }
}

/// A gateway at work.
pub(crate) struct House {
    pub(crate) functions: Arc<Functions>,
    pub(crate) recorder: Arc<MemoryRecorder>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) ca: LocalCa,
    pub(crate) serving: Serving,
}

impl House {
    pub(crate) async fn open(config: GatewayConfig) -> Self {
        Self::open_with(config, ListenLimits::default()).await
    }

    pub(crate) async fn open_with(config: GatewayConfig, limits: ListenLimits) -> Self {
        Self::open_sharing(config, limits, Arc::default()).await
    }

    pub(crate) async fn open_sharing(config: GatewayConfig, limits: ListenLimits, account: Arc<AccountLimits>) -> Self {
        let functions = Arc::new(Functions::default());
        let recorder = Arc::new(MemoryRecorder::default());
        let clock = Arc::new(FixedClock::at(NOW));
        let gateway = Gateway::sharing(config, parts(&functions, &recorder, &clock), account).unwrap();
        // Clients judge certificates by the machine's clock.
        let ca = LocalCa::open(&MemoryKeys::default(), &SystemClock).unwrap();
        let tls = ca.server_tls(&["api.localhost"], &SystemClock).unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let serving = gateway.serve(listener, &tls, limits).unwrap();
        Self { functions, recorder, clock, ca, serving }
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.serving.local_addr(), self.ca.certificate_der(), &[b"http/1.1"]).await
    }

    pub(crate) async fn client_h2(&self) -> Client {
        Client::connect(self.serving.local_addr(), self.ca.certificate_der(), &[b"h2"]).await
    }

    /// The one record that is there.
    pub(crate) fn record(&self) -> AuditRecord {
        let mut records = self.recorder.take();
        assert_eq!(records.len(), 1, "{records:#?}");
        records.remove(0)
    }

    pub(crate) fn stopped_by(&self) -> Option<String> {
        self.record().detail.get("stopped_by").and_then(Value::as_str).map(str::to_owned)
    }
}

pub(crate) fn parts(functions: &Arc<Functions>, recorder: &Arc<MemoryRecorder>, clock: &Arc<FixedClock>) -> Parts {
    Parts { invoke: functions.clone(), recorder: recorder.clone(), clock: clock.clone() }
}

pub(crate) fn refuse(config: GatewayConfig) -> GatewayError {
    let functions = Arc::new(Functions::default());
    let recorder = Arc::new(MemoryRecorder::default());
    Gateway::new(config, parts(&functions, &recorder, &Arc::new(FixedClock::at(NOW)))).unwrap_err()
}

pub(crate) fn route(method: &str, path: &str) -> Route {
    Route {
        method: method.into(),
        path: path.into(),
        function: "Fn".into(),
        payload_format: PayloadFormat::V1,
        authorizer: None,
        api_key_required: false,
        timeout_ms: 29_000,
        throttle: None,
        span: span(),
    }
}

pub(crate) fn config(kind: ApiKind, stage: &str, routes: Vec<Route>) -> GatewayConfig {
    let api = Api {
        logical_id: "Api".into(),
        span: span(),
        id: "a1b2c3d4e5".into(),
        name: "api".into(),
        kind,
        stage: Stage { name: stage.into(), ..Stage::default() },
        routes,
        authorizers: Vec::new(),
        default_authorizer: None,
        api_key_required: false,
        api_key_source: ApiKeySource::Header,
        cors: None,
        resource_policy: None,
        binary_media_types: Vec::new(),
    };
    GatewayConfig {
        api,
        account: AccountId::parse("123456789012").unwrap(),
        region: Region::parse("eu-west-1").unwrap(),
        usage_plans: Vec::new(),
        hosts: Vec::new(),
        quota_counts: Vec::new(),
    }
}

pub(crate) fn rest(routes: Vec<Route>) -> GatewayConfig {
    config(ApiKind::Rest, "Prod", routes)
}

pub(crate) fn http_api(mut routes: Vec<Route>) -> GatewayConfig {
    for route in &mut routes {
        route.payload_format = PayloadFormat::V2;
    }
    config(ApiKind::Http, "$default", routes)
}

pub(crate) fn authorizer(kind: AuthorizerKind, ttl_secs: u32) -> Authorizer {
    Authorizer { name: "Auth".into(), kind, function: "AuthFn".into(), ttl_secs, span: span() }
}

pub(crate) fn token(validation: Option<&str>) -> AuthorizerKind {
    AuthorizerKind::Token { header: "Authorization".into(), validation: validation.map(str::to_owned) }
}

pub(crate) fn plan(throttle: Option<Throttle>, quota: Option<Quota>) -> PlanInUse {
    PlanInUse {
        plan: UsagePlan {
            logical_id: "Plan".into(),
            id: "plan01".into(),
            name: "plan".into(),
            throttle,
            quota,
            stages: vec![PlanStage { api: "Api".into(), stage: "Prod".into(), method_throttles: Vec::new() }],
            keys: vec!["Key".into()],
            span: span(),
        },
        keys: vec![
            KeyInUse { id: "key01".into(), value: Secret::new("open-sesame".into()), enabled: true },
            KeyInUse { id: "key02".into(), value: Secret::new("switched-off".into()), enabled: false },
        ],
    }
}

pub(crate) fn policy(effect: &str, resource: &str) -> Value {
    json!({
        "principalId": "bob",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}],
        },
        "context": {"tier": "gold", "limit": 5, "beta": true},
    })
}

pub(crate) const MINUTE: Duration = Duration::from_mins(1);
