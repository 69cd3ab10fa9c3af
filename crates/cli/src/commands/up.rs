//! `burgward up`.

use std::process::ExitCode;

use burgward_app::{Job, Source, UpOptions, Workspace};
use burgward_checks::Persona;
use burgward_diag::{escape_terminal, render_human};

use super::{Done, Failure, check, escaped, folder_prefix, source};
use crate::args::UpArgs;
use crate::out;

/// Runs until it is told to stop.
pub(crate) fn run(args: &UpArgs) -> Done {
    let options = UpOptions {
        source: source(&args.app, &args.parameters)?,
        listen: args.listen,
        observe: args.observe,
        permissive: args.permissive,
        allow_unenforced: args.allow_unenforced.clone(),
        runtime_substitutes: args.runtime_substitute.clone(),
        ready_file: args.ready_file.clone(),
    };
    let (template, config, loaded) = burgward_app::load(&options.source)?;
    for refused in &loaded.refused {
        out::tell(&escaped(&refused.to_string()));
    }
    for listed in &loaded.listed {
        out::tell(&format!("note: {}", escaped(&listed.to_string())));
    }
    if args.strict && refused_by_findings(args, &options.source)? {
        return Ok(ExitCode::FAILURE);
    }
    let job = Job { options: &options, template: &template, config: &config, loaded: &loaded };
    let say = |text: &str| out::tell(&escape_terminal(text));
    let runtime = tokio::runtime::Runtime::new().map_err(Failure::internal)?;
    runtime.block_on(burgward_app::up(job, &say, &|state| out::tell(&state.human())))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the findings that `--strict` refuses; true if there are any.
fn refused_by_findings(args: &UpArgs, source: &Source) -> Result<bool, Failure> {
    let workspace = Workspace::open(source)?;
    let mut findings = check::findings(&workspace, Persona::Regular)?;
    findings.retain(|finding| finding.severity >= args.fail_on);
    if findings.is_empty() {
        return Ok(false);
    }
    out::tell(&render_human(&findings, &folder_prefix(&workspace)));
    let (count, level) = (findings.len(), args.fail_on.name());
    out::tell(&format!("error: --strict refuses to start: {count} findings at `{level}` and above\n  hint: mend them"));
    Ok(true)
}
