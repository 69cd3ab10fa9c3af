//! Everything that listens: gateways and the AWS endpoint.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use burgward_deploy::Deployed;
use burgward_edge::{
    AccountLimits, Gateway, GatewayConfig, KeyInUse, KeyStore, ListenLimits, LocalCa, Parts, PlanInUse, ServerTls,
    Serving, serve_aws,
};
use burgward_template::model::{Api, ApiKind, App, UsagePlan};
use burgward_types::{AccountId, Clock, Region, Secret};
use burgward_vault::Vault;
use tokio::net::TcpListener;

use crate::foundation::Foundation;
use crate::state::RunningApi;
use crate::{AppError, Paths, endpoint};

/// The SDKs' shared configuration for operators, in the data folder.
pub(crate) const SDK_CONFIG: &str = "aws-config";
/// Presigned URLs by SigV4: the SDK for Python would presign with `SigV2` against an endpoint of one's own.
const SDK_CONFIG_TEXT: &str = "[default]\ns3 =\n    signature_version = s3v4\n";
/// How long requests under way may take when the app stops.
const GRACE: Duration = Duration::from_secs(5);

/// The sockets, bound before anything is built on their addresses.
pub(crate) struct Sockets {
    pub(crate) apis: Vec<TcpListener>,
    pub(crate) aws: TcpListener,
}

impl Sockets {
    /// The first API at the address given, further ones and the AWS endpoint at the ports that follow; port 0 picks
    /// free ones.
    pub(crate) async fn bind(listen: SocketAddr, apis: usize) -> Result<Self, AppError> {
        let mut bound = Vec::with_capacity(apis);
        let mut next = listen;
        for _ in 0..apis {
            bound.push(bind(next).await?);
            next = following(next);
        }
        let aws = bind(next).await?;
        Ok(Self { apis: bound, aws })
    }

    pub(crate) fn aws_port(&self) -> Result<u16, AppError> {
        self.aws.local_addr().map(|address| address.port()).map_err(AppError::part("AWS endpoint"))
    }
}

fn following(address: SocketAddr) -> SocketAddr {
    let port = if address.port() == 0 { 0 } else { address.port().saturating_add(1) };
    SocketAddr::new(address.ip(), port)
}

async fn bind(address: SocketAddr) -> Result<TcpListener, AppError> {
    let listening = TcpListener::bind(address).await;
    listening.map_err(|source| AppError::Listen { address: address.to_string(), source })
}

/// The local authority and the certificate of this run.
pub(crate) struct Trust {
    pub(crate) tls: ServerTls,
    pub(crate) pem: String,
}

impl Trust {
    pub(crate) fn open(paths: &Paths, vault: &Vault, clock: &dyn Clock) -> Result<Self, AppError> {
        let keys = SealedKeys { paths, vault };
        let ca = LocalCa::open(&keys, clock).map_err(AppError::part("local CA"))?;
        let tls = ca.server_tls(&[], clock).map_err(AppError::part("TLS"))?;
        let pem = ca.certificate_pem();
        let sdk = paths.data.join(SDK_CONFIG);
        let written = burgward_vault::write_atomically(&sdk, SDK_CONFIG_TEXT.as_bytes());
        written.map_err(AppError::io(&sdk, "SDKs find their configuration here"))?;
        let path = paths.data.join("ca.pem");
        std::fs::write(&path, &pem).map_err(AppError::io(&path, "the CA's certificate is shown to clients here"))?;
        Ok(Self { tls, pem })
    }
}

/// The authority's key, sealed by the vault.
struct SealedKeys<'a> {
    paths: &'a Paths,
    vault: &'a Vault,
}

impl SealedKeys<'_> {
    fn path(&self, name: &str) -> std::path::PathBuf {
        self.paths.data.join(format!("{}.sealed", name.replace('/', "-")))
    }
}

impl KeyStore for SealedKeys<'_> {
    fn load(&self, name: &str) -> Result<Option<Secret<Vec<u8>>>, String> {
        match std::fs::read(self.path(name)) {
            Ok(sealed) => {
                let opened =
                    self.vault.open("local-ca", name.as_bytes(), &sealed).map_err(|error| error.to_string())?;
                Ok(Some(Secret::new(opened)))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    fn save(&self, name: &str, bytes: &[u8]) -> Result<(), String> {
        let sealed = self.vault.seal("local-ca", name.as_bytes(), bytes).map_err(|error| error.to_string())?;
        burgward_vault::write_atomically(&self.path(name), &sealed).map_err(|error| error.to_string())
    }
}

/// All listeners at work.
pub(crate) struct Doors {
    serving: Vec<Serving>,
    quotas: Quotas,
    pub(crate) apis: Vec<RunningApi>,
}

/// The gateways' counts of quotas.
#[derive(Clone, Default)]
pub(crate) struct Quotas(Vec<(String, Arc<Gateway>)>);

impl Quotas {
    /// What to keep: keys of the control store and values.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
        let counts = self.0.iter().map(|(api, gateway)| (api, gateway.quota_snapshot()));
        counts.filter_map(|(api, counts)| Some((quota_key(api), serde_json::to_vec(&counts).ok()?)))
    }
}

fn quota_key(api: &str) -> Vec<u8> {
    format!("gateway-quotas/{api}").into_bytes()
}

/// The counts of a former run. Counts that cannot be read would reset every quota: then nothing starts.
fn kept_counts(foundation: &Foundation, api: &str) -> Result<Vec<(String, u64)>, AppError> {
    match foundation.store.get(&quota_key(api)).map_err(AppError::part("quotas"))? {
        Some(bytes) => serde_json::from_slice(&bytes).map_err(AppError::part("quotas")),
        None => Ok(Vec::new()),
    }
}

impl Doors {
    pub(crate) fn open(
        sockets: Sockets,
        app: &App,
        deployed: &Deployed,
        foundation: &Foundation,
        parts: &Parts,
        tls: &ServerTls,
    ) -> Result<Self, AppError> {
        let limits = ListenLimits::default();
        let front = &foundation.front;
        let handler = endpoint::from_outside(Arc::clone(front));
        let aws = serve_aws(sockets.aws, tls, limits, handler).map_err(AppError::part("AWS endpoint"))?;
        let mut doors = Self { serving: vec![aws], quotas: Quotas::default(), apis: Vec::new() };
        // One account, one rate and one share of memory, whatever the number of APIs.
        let account = Arc::<AccountLimits>::default();
        for (api, listener) in app.apis.iter().zip(sockets.apis) {
            let scope = front.guard().scope();
            let mut config = gateway_config(app, api, deployed, &scope.account, &scope.region);
            config.quota_counts = kept_counts(foundation, &api.id)?;
            #[cfg(not(feature = "test-without-layers"))]
            let gateway = Gateway::sharing(config, parts.clone(), Arc::clone(&account));
            #[cfg(feature = "test-without-layers")]
            let gateway = Gateway::lacking(config, parts.clone(), Arc::clone(&account), foundation.vault.without());
            let gateway = gateway.map_err(AppError::refusal("gateway"))?;
            let serving = gateway.serve(listener, tls, limits).map_err(AppError::part("gateway"))?;
            doors.apis.push(running(api, serving.local_addr()));
            doors.serving.push(serving);
            doors.quotas.0.push((api.id.clone(), gateway));
        }
        Ok(doors)
    }

    pub(crate) fn quotas(&self) -> Quotas {
        self.quotas.clone()
    }

    pub(crate) async fn close(self) {
        for serving in self.serving {
            serving.stop(GRACE).await;
        }
    }
}

fn gateway_config(app: &App, api: &Api, deployed: &Deployed, account: &AccountId, region: &Region) -> GatewayConfig {
    let covers = |plan: &&UsagePlan| plan.stages.iter().any(|stage| stage.api == api.logical_id);
    let key = |id: &String| {
        let key = app.api_keys.iter().find(|key| key.logical_id == *id)?;
        let value = deployed.api_keys.get(id)?.clone();
        Some(KeyInUse { id: key.id.clone(), value, enabled: key.enabled })
    };
    let usage_plans = app
        .usage_plans
        .iter()
        .filter(covers)
        .map(|plan| PlanInUse { plan: plan.clone(), keys: plan.keys.iter().filter_map(key).collect() });
    GatewayConfig {
        api: api.clone(),
        account: account.clone(),
        region: region.clone(),
        usage_plans: usage_plans.collect(),
        hosts: Vec::new(),
        quota_counts: Vec::new(),
    }
}

fn running(api: &Api, address: SocketAddr) -> RunningApi {
    let stage = if api.stage.name == "$default" { String::new() } else { format!("/{}", api.stage.name) };
    let kind = match api.kind {
        ApiKind::Rest => "REST",
        ApiKind::Http => "HTTP",
    };
    RunningApi {
        logical_id: api.logical_id.clone(),
        kind: kind.to_owned(),
        url: format!("https://localhost:{}{stage}", address.port()),
        routes: api.routes.iter().map(|route| format!("{} {}", route.method, route.path)).collect(),
    }
}
