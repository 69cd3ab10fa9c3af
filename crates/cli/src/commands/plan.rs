//! `burgward plan`.

use std::path::Path;
use std::process::ExitCode;

use burgward_deploy::plan::{self, Plan};

use super::{Done, source};
use crate::args::{Format, PlanArgs};
use crate::out;

/// Status 0 if `up` would run the app, 2 if it would refuse it.
pub(crate) fn run(args: &PlanArgs) -> Done {
    let (template, _, loaded) = burgward_app::load(&source(&args.app, &args.parameters)?)?;
    let found = Plan::new(&loaded, &args.runtime_substitute);
    let found = found.with_code_in(template.parent().unwrap_or(Path::new(".")));
    match args.format {
        Format::Human => out::data(&plan::human(&found)),
        Format::Json => out::data(&format!("{:#}\n", plan::json(&found))),
    }
    Ok(if found.is_runnable() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}
