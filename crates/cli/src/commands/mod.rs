//! One file a verb: typed input becomes resolved input, a result becomes output and an exit status.

pub(crate) mod attack;
pub(crate) mod audit;
pub(crate) mod credentials;
pub(crate) mod iam;
pub(crate) mod plan;
pub(crate) mod selftest;
pub(crate) mod up;

use std::fmt::Display;
use std::path::PathBuf;
use std::process::ExitCode;

use burgward_app::{AppError, Paths, Source, find_template};

use crate::args::{AppArgs, ParameterArgs};

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

fn source(app: &AppArgs, parameters: &ParameterArgs) -> Source {
    Source { path: app.path.clone(), parameters: parameters.parameters.clone(), data: app.data.clone() }
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
