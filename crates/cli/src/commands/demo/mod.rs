//! `burgward demo`: find, attack, mend, attack again, on a copy of an app.

mod copy;
mod phase;
mod table;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use burgward_app::Workspace;
use burgward_checks::Persona;
use burgward_diag::{Disposition, Finding};
use burgward_fit::From;
use burgward_types::{RecordKind, Secret};

use self::copy::copied;
use self::phase::{Phase, Runs};
use self::table::Told;
use super::started::Scratch;
use super::{Done, Failure, check, diff, explain, fit, values};
use crate::args::{DemoArgs, Format};
use crate::out;

/// Runs the loop. Status 1 if something got through in the end, or a normal request no longer passes.
pub(crate) fn run(args: &DemoArgs) -> Done {
    let begun = Instant::now();
    let scratch = Scratch::new("burgward-demo")?;
    let copy = copied(args.path.as_deref(), scratch.path())?;
    let mut given = values(&args.parameters)?;
    let steps = Steps { begun };
    let mut told = Told::default();

    steps.say("check: what would an attacker use?");
    let before = workspace(&copy, &given)?;
    let findings = check::findings(&before, Persona::Regular)?;
    told.findings_before = findings.len();
    Steps::note(&count_of(&findings));

    let runs = Runs { copy: &copy, scratch: scratch.path(), substitutes: &args.runtime_substitute };
    steps.say("up --observe: the app as it is, every control enforced; its normal requests, then attacks");
    let first = runs.phase("before", &given, true);
    let seen = first.as_ref().ok().map(|phase| fit::seen(&phase.paths)).transpose()?;

    steps.say("check --fix=all, fit --write: what can be mended is mended");
    let mut mended = before;
    let done = check::mend(&mut mended, Disposition::All, Persona::Regular)?;
    // A value that the user gave wins over what stood in the template.
    let new = done.workspace.values.iter().filter(|(name, _)| !given.iter().any(|(known, _)| known == name));
    let new: Vec<_> = new.map(|(name, value)| (name.clone(), Secret::expose(value).clone())).collect();
    given.extend(new);
    mended.parameters.values.clone_from(&given);
    let fitted = fit::fit(&mended, seen.as_deref().unwrap_or_default(), From::Both, &[])?;
    mended.edit(&fitted.edits).map_err(Failure::internal)?;
    let changes = mended.changes();
    mended.write()?;
    #[cfg(feature = "test-without-layers")]
    sabotaged(&copy)?;
    told.findings_after = check::findings(&mended, Persona::Regular)?.len();
    told.mended(&done, &fitted, &changes);
    Steps::note(&format!("{} fixes, {} functions with a role of their own size", done.applied.len(), told.fitted));

    steps.say("up: the mended app; the same requests, the same attacks");
    let second = if first.is_ok() { Some(runs.phase("after", &given, false)) } else { None };
    match (first, second) {
        (Ok(first), Some(Ok(second))) => finish(&mut told, &steps, &mended, first, second)?,
        (Err(why), _) | (_, Some(Err(why))) => told.skipped(&why.message),
        (Ok(_), None) => {}
    }
    keep(args.keep.as_deref(), &copy)?;
    told.took = begun.elapsed();
    match args.format {
        Format::Human => out::data(&told.human(&diff::shown(&changes))),
        Format::Json => out::data(&format!("{}\n", told.json())),
    }
    Ok(ExitCode::from(u8::from(!told.is_good())))
}

/// Lets a test change the mended copy, to prove that the second half notices. Never part of a release.
#[cfg(feature = "test-without-layers")]
fn sabotaged(copy: &Path) -> Result<(), Failure> {
    let Some(program) = std::env::var_os("BURGWARD_TEST_BETWEEN") else { return Ok(()) };
    let folder = if copy.is_dir() { copy } else { copy.parent().unwrap_or(copy) };
    let status = std::process::Command::new(program).arg(folder).status().map_err(Failure::internal)?;
    if status.success() { Ok(()) } else { Err(Failure::internal(format!("the test's program: {status}"))) }
}

/// Compares both phases, explains one denial and verifies both logs.
fn finish(told: &mut Told, steps: &Steps, mended: &Workspace, first: Phase, second: Phase) -> Result<(), Failure> {
    steps.say("explain, audit verify: why one attack was denied, and is every decision on record?");
    let denied = explain::records(&second.paths, |record| {
        record.kind == RecordKind::AwsApiCall && record.decisions.iter().any(|decision| decision.effect != "Allow")
    })?;
    let loaded = mended.load();
    // A denial that a policy of the app made tells more than one of the house's own.
    let chosen = denied.iter().find(|record| record.event_name.starts_with("Delete")).or_else(|| denied.first());
    told.denial = chosen.map(|record| (record.request_id.clone(), explain::story(record, loaded.app.as_ref())));
    told.audit = Some((first.verified()?, second.verified()?));
    told.compare(first, second);
    Ok(())
}

fn workspace(copy: &Path, given: &[(String, String)]) -> Result<Workspace, Failure> {
    let source = burgward_app::Source { path: copy.to_owned(), parameters: given.to_vec(), data: None };
    Ok(Workspace::open(&source)?)
}

fn count_of(findings: &[Finding]) -> String {
    let mut worst: Vec<&Finding> = findings.iter().collect();
    worst.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let first = worst.first().map_or_else(String::new, |finding| format!("; such as: {}", finding.title));
    format!("{} findings{first}", findings.len())
}

/// The mended copy, for its owner.
fn keep(to: Option<&Path>, copy: &Path) -> Result<(), Failure> {
    let Some(to) = to else { return Ok(()) };
    if to.exists() {
        return Err(Failure::unusable(format!("`{}` exists\n  hint: `--keep` takes a new folder", to.display())));
    }
    let folder = if copy.is_dir() { copy } else { copy.parent().unwrap_or(copy) };
    copy::tree(folder, to)?;
    out::tell(&format!("the mended app is in `{}`", to.display()));
    Ok(())
}

/// Progress on standard error.
struct Steps {
    begun: Instant,
}

impl Steps {
    fn say(&self, text: &str) {
        out::tell(&format!("[{:5.1} s] {text}", self.begun.elapsed().as_secs_f64()));
    }

    fn note(text: &str) {
        out::tell(&format!("          {}", burgward_diag::escape_terminal(text)));
    }
}
