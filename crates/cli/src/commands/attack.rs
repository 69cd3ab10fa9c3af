//! `burgward attack`.

use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use burgward_app::control::{Ask, Client};
use burgward_app::{Paths, Ready, find_template};
use burgward_attack::{Breach, Suite, Target, TargetApi};
use burgward_deploy::identity::deployment_bucket;
use burgward_template::model::App;
use burgward_types::{AccountId, RequestId, SystemClock};
use serde_json::Value;

use super::{Done, Failure, paths, source};
use crate::args::{AttackArgs, Format};
use crate::out;

/// The first start of an app may have to fetch its packages.
const START: Duration = Duration::from_mins(5);
const STOP: Duration = Duration::from_secs(15);
const STEP: Duration = Duration::from_millis(50);

/// Attacks the running app, or one started for it. Status 1 if something got through.
pub(crate) fn run(args: &AttackArgs) -> Done {
    let (template, _, loaded) = burgward_app::load(&source(&args.app, &args.parameters))?;
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
        let started = Started::new(args)?;
        (Client::connect(&started.paths)?, Some(started))
    };
    let state: Ready = running.ask(&Ask::State).map_err(Failure::unusable)?;
    // Where the control socket lies follows from the state folder.
    let places = Paths::new(&template, Some(Path::new(&state.data)))?;
    let folder = template.parent().unwrap_or(Path::new("."));
    let suite = Suite {
        app,
        folder,
        target: target(app, folder, &state, &places)?,
        breach: Some(Arc::new(Inside(running))),
        clock: Arc::new(SystemClock),
    };
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::internal)?;
    let report = runtime.block_on(burgward_attack::run(suite)).map_err(Failure::unusable)?;
    match args.format {
        Format::Human => out::data(&report.human()),
        Format::Json => out::data(&format!("{:#}\n", report.json())),
    }
    Ok(ExitCode::from(u8::from(report.through() > 0)))
}

/// The control socket's way into a function's sandbox.
struct Inside(Client);

impl Breach for Inside {
    fn probe(&self, function: &str, code: &str, event: &Value) -> Result<Value, String> {
        let ask = Ask::Probe { function: function.to_owned(), code: code.to_owned(), event: event.clone() };
        self.0.ask(&ask).map_err(|error| error.to_string())
    }
}

fn target(app: &App, folder: &Path, state: &Ready, places: &Paths) -> Result<Target, Failure> {
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

/// An `up` of our own, stopped when dropped, with a state that is thrown away.
struct Started {
    child: Child,
    paths: Paths,
    folder: PathBuf,
}

impl Started {
    fn new(args: &AttackArgs) -> Result<Self, Failure> {
        let folder = std::env::temp_dir().join(format!("burgward-attack-{}", RequestId::random()));
        private_folder(&folder).map_err(|error| Failure::unusable(format!("`{}`: {error}", folder.display())))?;
        let (data, ready) = (folder.join("data"), folder.join("ready.json"));
        let program = std::env::current_exe().map_err(Failure::internal)?;
        let mut command = std::process::Command::new(program);
        command.arg("up").arg(&args.app.path).arg("--data").arg(&data);
        command.args(["--listen", "127.0.0.1:0"]).arg("--ready-file").arg(&ready);
        for (name, value) in &args.parameters.parameters {
            command.arg("--parameter").arg(format!("{name}={value}"));
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().map_err(Failure::internal)?;
        let paths = Paths::new(&find_template(&args.app.path)?, Some(&data))?;
        let mut started = Self { child, paths, folder };
        started.wait_for(&ready)?;
        Ok(started)
    }

    fn wait_for(&mut self, ready: &Path) -> Result<(), Failure> {
        let begun = Instant::now();
        while !ready.exists() {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(Failure::unusable(format!("the app did not start: {status}\n  hint: see its words above")));
            }
            if begun.elapsed() > START {
                return Err(Failure::unusable("the app was not ready in time\n  hint: start it with `burgward up`"));
            }
            std::thread::sleep(STEP);
        }
        Ok(())
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let pid = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid {
            // A child that has ended by itself is what is wanted.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let begun = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if begun.elapsed() > STOP {
                drop(self.child.kill());
                drop(self.child.wait());
                break;
            }
            std::thread::sleep(STEP);
        }
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

fn private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().mode(0o700).create(folder)
}
