//! `up`: from a template to a running app, and back to nothing when it is told to stop.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use burgward_deploy::{
    Deployed, Deployment, Interpreters, Made, Tools, policy_set, refused_code, refused_environments, refused_stores,
};
use burgward_edge::Parts;
use burgward_runtime::{FunctionConfig, Limits, Runtime};
use burgward_service::Scope;
use burgward_template::Loaded;
use burgward_template::model::App;
use burgward_types::{AccountId, Clock, Region, SystemClock};
use tokio::signal::unix::{SignalKind, signal};

use crate::code_folder::CodeFolder;
use crate::doors::{Doors, Quotas, Sockets, Trust};
use crate::foundation::Foundation;
use crate::functions::Builder;
use crate::made::Record;
use crate::observed::Keeper;
use crate::state::{Enforcement, LayerState};
use crate::{AppError, Config, Paths, Ready, UpOptions, assemble, control, describe, sandboxes};

/// How often DynamoDB's expired items are swept and observations are kept.
const UPKEEP: Duration = Duration::from_secs(5);

/// Tells the person what is going on, a line each.
pub type Say<'a> = &'a (dyn Fn(&str) + Sync);

/// What `up` works on: the command's options and the app that was read.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// What the command was given.
    pub options: &'a UpOptions,
    /// The template's path.
    pub template: &'a Path,
    /// `burgward.toml`.
    pub config: &'a Config,
    /// What [`crate::load`] gave; it must hold no refusal.
    pub loaded: &'a Loaded,
}

/// Runs an app until SIGINT or SIGTERM. `ready` is called once requests are served.
pub async fn up(job: Job<'_>, say: Say<'_>, ready: &(dyn Fn(&Ready) + Sync)) -> Result<(), AppError> {
    let app = job.loaded.app.as_ref().filter(|_| job.loaded.refused.is_empty());
    let app = app.ok_or_else(|| AppError::refused(&job.loaded.refused))?;
    relaxed_only_on_loopback(job.options)?;
    job.options.ready_file.as_deref().map_or(Ok(()), crate::state::check_ready_file)?;
    if job.options.permissive {
        say("WARNING: --permissive lets calls through that IAM denies");
    }
    let folder = job.template.parent().unwrap_or(Path::new("."));
    let unfit = refused_environments(app).into_iter().chain(refused_stores(app)).chain(refused_code(app, folder));
    let unfit: Vec<_> = unfit.map(|resource| resource.why.to_string()).collect();
    if !unfit.is_empty() {
        return Err(AppError::Unfit(unfit.join("\n")));
    }
    let interpreters = burgward_deploy::interpreters(app, &job.options.runtime_substitutes)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(AppError::part("signals"))?;
    let running = Running::start(Judged { job, app, interpreters: &interpreters, say }).await?;
    if let Some(path) = &job.options.ready_file {
        running.state.write(path)?;
    }
    ready(&running.state);
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
        () = tell_trouble(&running.foundation, say) => {}
    }
    say("stopping: requests under way are finished");
    running.stop().await
}

/// What can be run, as far as it is known before anything is touched.
#[derive(Clone, Copy)]
struct Judged<'a> {
    job: Job<'a>,
    app: &'a App,
    interpreters: &'a Interpreters,
    say: Say<'a>,
}

/// A running app.
struct Running {
    state: Ready,
    doors: Doors,
    runtime: Arc<Runtime>,
    foundation: Arc<Foundation>,
    observed: Arc<Keeper>,
    upkeep: tokio::task::JoinHandle<()>,
    _control: control::Control,
    _code: CodeFolder,
}

impl Running {
    async fn start(judged: Judged<'_>) -> Result<Self, AppError> {
        let Judged { job, app, say, .. } = judged;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let scope = scope(app)?;
        let policies = policy_set(app, &scope)?;
        let paths = Paths::new(job.template, job.options.source.data.as_deref())?;
        let sockets = Sockets::bind(job.options.listen, app.apis.len()).await?;
        let foundation = Arc::new(Foundation::open(&paths, job.options, &scope, &clock)?);
        foundation.front.guard().policies().replace(policies);
        #[cfg(feature = "test-without-layers")]
        say(&format!("WARNING: {}", crate::without::warning(foundation.vault.without())));
        say("checking every layer of the sandbox");
        let spawner = sandboxes::start_spawner(&job.options.allow_unenforced)?;
        let layers = sandboxes::proven(&spawner, &job.options.allow_unenforced)?;
        let trust = Trust::open(&paths, &foundation.vault, clock.as_ref())?;
        say("deploying");
        let digest = describe::keyed_digest(&foundation.vault)?;
        let record = Record::open(&foundation)?;
        record.begin(app).await?;
        let tools = Tools { random: describe::random_text, digest: &digest, former: record.former() };
        let deployment = Deployment::new(app, &foundation.front, tools);
        let deployed = deployment.run().await?;
        let orphans = record.end(app, &deployment).await?;
        deployed.said.iter().cloned().chain(orphans.iter().map(Made::orphaned)).for_each(|line| say(&line));
        let code = CodeFolder::make(&paths)?;
        let functions = build(judged, &deployment, &deployed, &paths, &code).await?;
        #[cfg(feature = "test-without-layers")]
        crate::without::open_packages(&foundation);
        let port = sockets.aws_port()?;
        let host = assemble::platform(app, &foundation, &trust, port, &scope)?;
        let limits = Limits::default();
        #[cfg(feature = "test-without-layers")]
        let limits = Limits { without: foundation.vault.without(), ..limits };
        let runtime = Runtime::with_limits(spawner, Arc::new(host), Arc::clone(&clock), functions, limits);
        let runtime = Arc::new(runtime.map_err(AppError::refusal("function"))?);
        let parts = Parts {
            invoke: Arc::new(assemble::invoker(app, &runtime, &foundation, &clock)?),
            recorder: Arc::clone(&foundation.audit) as _,
            clock: Arc::clone(&clock),
        };
        let doors = Doors::open(sockets, app, &deployed, &foundation, &parts, &trust.tls)?;
        let built = Built { app, deployed: &deployed, foundation: &foundation, paths: &paths, orphans: &orphans };
        let state = state(job, &built, &doors, port, layers);
        let operator = assemble::operator(app, &foundation, &runtime, &clock, &state, &scope);
        let control = control::serve(&paths.control, operator)?;
        let observed = Arc::new(Keeper::open(&paths, &foundation.vault)?);
        let upkeep = tokio::spawn(upkeep(Arc::clone(&foundation), doors.quotas(), Arc::clone(&observed)));
        Ok(Self { state, doors, runtime, foundation, observed, upkeep, _control: control, _code: code })
    }

    async fn stop(self) -> Result<(), AppError> {
        self.upkeep.abort();
        let quotas = self.doors.quotas();
        self.doors.close().await;
        self.runtime.drain().await;
        self.foundation.logs.flush().await;
        keep_quotas(&self.foundation, &quotas).await;
        self.observed.keep(self.foundation.front.guard())
    }
}

async fn build(
    judged: Judged<'_>,
    deployment: &Deployment<'_>,
    deployed: &Deployed,
    paths: &Paths,
    code: &CodeFolder,
) -> Result<Vec<FunctionConfig>, AppError> {
    let Judged { job, app, interpreters, say } = judged;
    let span = app.functions.first().map(|function| &function.span);
    if let Some(span) = span {
        deployment.package_bucket(span).await?;
    }
    let builder = Builder {
        app,
        deployment,
        deployed,
        config: job.config,
        paths,
        folder: job.template.parent().unwrap_or(Path::new(".")),
        code: code.path(),
        interpreters,
        progress: say,
    };
    builder.functions().await
}

/// What a running app was built from.
struct Built<'a> {
    app: &'a App,
    deployed: &'a Deployed,
    foundation: &'a Foundation,
    paths: &'a Paths,
    orphans: &'a [Made],
}

fn state(job: Job<'_>, built: &Built<'_>, doors: &Doors, port: u16, layers: Vec<LayerState>) -> Ready {
    let Built { app, deployed, foundation, paths, orphans } = built;
    Ready {
        schema: "burgward/up-v1".into(),
        pid: std::process::id(),
        url: doors.apis.first().map(|api| api.url.clone()),
        apis: doors.apis.clone(),
        aws_endpoint: format!("https://localhost:{port}"),
        ca_file: paths.data.join("ca.pem").to_string_lossy().into_owned(),
        sdk_config_file: paths.data.join(crate::doors::SDK_CONFIG).to_string_lossy().into_owned(),
        region: app.region.clone(),
        account: app.account.clone(),
        resources: describe::resources(app),
        api_keys: describe::api_keys(deployed),
        outputs: describe::outputs(app, &doors.apis),
        data: paths.data.to_string_lossy().into_owned(),
        enforcement: Enforcement {
            orphans: orphans.iter().map(Into::into).collect(),
            ..describe::enforcement(job.options, job.config, app, foundation, layers)
        },
    }
}

fn scope(app: &App) -> Result<Scope, AppError> {
    let account = AccountId::parse(&app.account).map_err(AppError::refusal("account"))?;
    let region = Region::parse(&app.region).map_err(AppError::refusal("region"))?;
    Ok(Scope { account, region })
}

/// What opens something is for this machine alone (law 1).
fn relaxed_only_on_loopback(options: &UpOptions) -> Result<(), AppError> {
    let relaxed = options.permissive || !options.allow_unenforced.is_empty();
    #[cfg(feature = "test-without-layers")]
    let relaxed = relaxed || crate::without::named()?.0.is_some();
    if !relaxed || options.listen.ip().is_loopback() {
        return Ok(());
    }
    let flag = if options.permissive { "--permissive" } else { "--allow-unenforced" };
    Err(AppError::Exposed { flag, listen: options.listen.to_string() })
}

/// Says why every call is refused, once, and that it is over, once. Never ends.
async fn tell_trouble(foundation: &Foundation, say: Say<'_>) {
    let mut trouble = foundation.audit.trouble();
    let mut told: Option<String> = None;
    loop {
        let now = trouble.borrow_and_update().clone();
        match &now {
            Some(why) if now != told => {
                say(&format!("the audit log cannot be written: {why}; every call is refused until it can"));
            }
            None if told.is_some() => say("the audit log can be written again: calls are served"),
            _ => {}
        }
        told = now;
        // A disk that is full now and then is not told of with every call.
        tokio::time::sleep(UPKEEP).await;
        if trouble.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

async fn upkeep(foundation: Arc<Foundation>, quotas: Quotas, observed: Arc<Keeper>) {
    loop {
        tokio::time::sleep(UPKEEP).await;
        // A sweep that fails is tried again; expired items stay hidden from nobody on AWS either until they are swept.
        let _ = foundation.dynamodb.sweep_expired().await;
        // What could not be kept now is kept a few seconds later, and at the end an error says so.
        drop(observed.keep(foundation.front.guard()));
        keep_quotas(&foundation, &quotas).await;
    }
}

/// Keeps the counts of quotas, so that a restart does not fill them anew.
async fn keep_quotas(foundation: &Foundation, quotas: &Quotas) {
    for (key, counts) in quotas.counts() {
        // A count that could not be kept is kept a few seconds later.
        drop(foundation.store.put(key, counts).await);
    }
}
