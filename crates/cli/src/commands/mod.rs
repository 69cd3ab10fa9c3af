//! One file a verb: typed input becomes resolved input, a result becomes output and an exit status.

pub(crate) mod attack;
pub(crate) mod audit;
pub(crate) mod check;
pub(crate) mod credentials;
pub(crate) mod demo;
mod diff;
pub(crate) mod explain;
pub(crate) mod fit;
pub(crate) mod iam;
pub(crate) mod plan;
pub(crate) mod selftest;
mod started;
pub(crate) mod up;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::path::PathBuf;
use std::process::ExitCode;

use burgward_app::{Analysed, AppError, Paths, Source, Workspace, find_template};
use burgward_diag::escape_terminal;
use burgward_template::Loaded;
use burgward_template::model::App;

use crate::args::{AppArgs, ParameterArgs};
use crate::out;

/// Unusable input or usage.
const UNUSABLE: u8 = 2;
/// An error of ours (`EX_SOFTWARE` of sysexits.h).
const INTERNAL: u8 = 70;

/// Why a command ends without having done its work.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) status: u8,
}

pub(crate) type Done = Result<ExitCode, Failure>;

impl Failure {
    pub(crate) fn unusable(message: impl Display) -> Self {
        Self { message: format!("{message}"), status: UNUSABLE }
    }

    pub(crate) fn internal(message: impl Display) -> Self {
        Self { message: format!("{message}"), status: INTERNAL }
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        if error.is_internal() { Self::internal(error) } else { Self::unusable(error) }
    }
}

fn source(app: &AppArgs, parameters: &ParameterArgs) -> Result<Source, Failure> {
    Ok(Source { path: app.path.clone(), parameters: values(parameters)?, data: app.data.clone() })
}

/// Values of parameters: those of the file, then those of the command line, which win.
fn values(given: &ParameterArgs) -> Result<Vec<(String, String)>, Failure> {
    let Some(path) = &given.parameter_file else { return Ok(given.parameters.clone()) };
    let bad = |why: &dyn Display| {
        let hint = "hint: it holds one JSON object, such as {\"Name\": \"value\"}";
        Failure::unusable(format!("`{}`: {why}\n  {hint}", path.display()))
    };
    let text = std::fs::read_to_string(path).map_err(|error| bad(&error))?;
    let of_file: BTreeMap<String, String> = serde_json::from_str(&text).map_err(|error| bad(&error))?;
    let named = |name: &String| given.parameters.iter().any(|(other, _)| other == name);
    let mut values: Vec<(String, String)> = of_file.into_iter().filter(|(name, _)| !named(name)).collect();
    values.extend(given.parameters.iter().cloned());
    Ok(values)
}

/// The folders of an app that is named by its path, its data folder or both.
fn paths(app: &AppArgs) -> Result<Paths, Failure> {
    // With `--data` the template is not needed, and may be gone.
    let template = match (&app.data, find_template(&app.path)) {
        (_, Ok(template)) => template,
        (Some(_), Err(_)) => PathBuf::from("/"),
        (None, Err(error)) => return Err(error.into()),
    };
    Ok(Paths::new(&template, app.data.as_deref())?)
}

/// The model of a workspace's template; what it could not be made of is said.
fn model<'a>(workspace: &Workspace, loaded: &'a Loaded) -> Result<&'a App, Failure> {
    match &loaded.app {
        Some(app) if !loaded.plan.is_empty() => Ok(app),
        _ => {
            let words = loaded.refused.iter().map(|fault| format!("\n{}", escaped(&fault.to_string())));
            let words: Vec<String> = words.collect();
            let name = workspace.template.display();
            Err(Failure::unusable(format!("`{name}` cannot be read as a template{}", words.concat())))
        }
    }
}

/// What stands in front of file names, so that they lead to the file from the working directory.
fn folder_prefix(workspace: &Workspace) -> String {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    let folder = workspace.folder().canonicalize();
    let (Ok(here), Ok(folder)) = (here, folder) else { return String::new() };
    let shown = folder.strip_prefix(&here).unwrap_or(&folder).to_string_lossy().into_owned();
    if shown.is_empty() { shown } else { format!("{shown}/") }
}

/// Says what of the template `up` would refuse, and what of the code is not read.
fn tell_gaps(loaded: &Loaded, analysed: &BTreeMap<String, Analysed>) {
    if !loaded.refused.is_empty() {
        let count = loaded.refused.len();
        out::tell(&format!("note: `up` would refuse {count} things of this template: `burgward plan` lists them"));
    }
    let notes: BTreeSet<&String> = analysed.values().flat_map(|of| &of.notes).collect();
    for note in notes {
        out::tell(&format!("note: {}", escape_terminal(note)));
    }
}

/// Escapes each line of a text apart, so that its line breaks stay.
fn escaped(text: &str) -> String {
    text.lines().map(escape_terminal).collect::<Vec<_>>().join("\n")
}
