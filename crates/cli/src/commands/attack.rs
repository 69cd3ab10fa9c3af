//! `burgward attack`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use burgward_app::control::{Ask, Client};
use burgward_app::{Paths, Ready};
use burgward_attack::{Breach, Report, Suite, Target, TargetApi};
use burgward_deploy::identity::deployment_bucket;
use burgward_template::model::App;
use burgward_types::{AccountId, SystemClock};
use serde_json::Value;

use super::started::{Scratch, Start, Started};
use super::{Done, Failure, paths, source};
use crate::args::{AttackArgs, Format};
use crate::out;

/// Attacks the running app, or one started for it. Status 1 if something got through.
pub(crate) fn run(args: &AttackArgs) -> Done {
    let (template, _, loaded) = burgward_app::load(&source(&args.app, &args.parameters)?)?;
    let Some(app) = loaded.app.as_ref().filter(|_| loaded.refused.is_empty()) else {
        return Err(Failure::unusable(format!(
            "`{}` is refused and cannot be attacked\n  hint: `burgward plan` shows what is refused, with lines",
            template.display()
        )));
    };
    let (running, _started) = if let Ok(client) = Client::connect(&paths(&args.app)?) {
        (client, None)
    } else {
        out::tell("no app is running here: one is started for the attack, with a state of its own");
        let scratch = Scratch::new("burgward-attack")?;
        let start = Start { parameters: &args.parameters.parameters, ..Start::new(&args.app.path) };
        let started = Started::new(&start, &scratch.path().join("data"))?;
        (Client::connect(&started.paths)?, Some((started, scratch)))
    };
    let folder = template.parent().unwrap_or(Path::new("."));
    let report = report(app, folder, running)?;
    match args.format {
        Format::Human => out::data(&report.human()),
        Format::Json => out::data(&format!("{:#}\n", report.json())),
    }
    Ok(ExitCode::from(u8::from(report.through() > 0)))
}

/// Attacks an app that runs.
pub(super) fn report(app: &App, folder: &Path, running: Client) -> Result<Report, Failure> {
    let target = target(app, folder, &running)?;
    let breach: Arc<dyn Breach> = Arc::new(Inside(running));
    let suite = Suite { app, folder, target, breach: Some(breach), clock: Arc::new(SystemClock) };
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::internal)?;
    runtime.block_on(burgward_attack::run(suite)).map_err(Failure::unusable)
}

/// The control socket's way into a function's sandbox.
struct Inside(Client);

impl Breach for Inside {
    fn probe(&self, function: &str, code: &str, event: &Value) -> Result<Value, String> {
        let ask = Ask::Probe { function: function.to_owned(), code: code.to_owned(), event: event.clone() };
        self.0.ask(&ask).map_err(|error| error.to_string())
    }
}

/// The running app as its clients see it.
pub(super) fn target(app: &App, folder: &Path, running: &Client) -> Result<Target, Failure> {
    let state: Ready = running.ask(&Ask::State).map_err(Failure::unusable)?;
    // Where the control socket lies follows from the state folder.
    let places = Paths::new(&folder.join("template"), Some(Path::new(&state.data)))?;
    let ca_file = Path::new(&state.ca_file);
    let ca_pem = std::fs::read_to_string(ca_file);
    let ca_pem = ca_pem.map_err(|error| Failure::unusable(format!("`{}`: {error}", ca_file.display())))?;
    let account = AccountId::parse(&app.account).map_err(Failure::internal)?;
    let apis = state.apis.iter().map(|api| TargetApi { logical_id: api.logical_id.clone(), url: api.url.clone() });
    let keys = state.api_keys.as_object().into_iter().flatten();
    let isolated = state.enforcement.isolation.iter().filter(|(_, level)| level == "invocation");
    Ok(Target {
        apis: apis.collect(),
        aws_endpoint: state.aws_endpoint.clone(),
        ca_pem,
        region: state.region.clone(),
        api_keys: keys.filter_map(|(_, key)| key.as_str().map(ToOwned::to_owned)).collect(),
        package_bucket: deployment_bucket(&account, &state.region),
        isolated: isolated.map(|(function, _)| function.clone()).collect(),
        host_places: vec![PathBuf::from(&state.data), folder.to_owned(), places.control.clone()],
    })
}
