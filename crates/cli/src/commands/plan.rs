//! `burgward plan`.

use std::process::ExitCode;

use burgward_deploy::plan;

use super::{Done, source};
use crate::args::{Format, PlanArgs};
use crate::out;

/// Status 0 if `up` would run the app, 2 if it would refuse it.
pub(crate) fn run(args: &PlanArgs) -> Done {
    let (_, _, loaded) = burgward_app::load(&source(&args.app, &args.parameters))?;
    match args.format {
        Format::Human => out::data(&plan::human(&loaded)),
        Format::Json => out::data(&format!("{:#}\n", plan::json(&loaded))),
    }
    Ok(if plan::is_runnable(&loaded) { ExitCode::SUCCESS } else { ExitCode::from(2) })
}
