//! `burgward fit`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use burgward_app::{Analysed, Paths, Workspace, observed};
use burgward_diag::escape_terminal;
use burgward_fit::{Fit, Fitted, From, FunctionCode, Input, Seen, Unexplained};
use burgward_template::model::App;

use super::{Done, Failure, diff, paths, source, tell_gaps};
use crate::args::{FitArgs, FitFormat, FitFrom};
use crate::out;

/// Derives the smallest permissions; with `--write` the template gets them.
pub(crate) fn run(args: &FitArgs) -> Done {
    let mut workspace = Workspace::open(&source(&args.app, &args.parameters)?)?;
    let from = match args.from {
        FitFrom::Static => From::Static,
        FitFrom::Observed => From::Observed,
        FitFrom::Both => From::Both,
    };
    let seen = if from == From::Static { Vec::new() } else { seen(&paths(&args.app)?)? };
    if from == From::Observed && seen.is_empty() {
        return Err(Failure::unusable(
            "nothing was observed\n  hint: run the app with `burgward up --observe` and send it its normal requests",
        ));
    }
    let fit = fit(&workspace, &seen, from, &args.accept)?;
    workspace.edit(&fit.edits).map_err(Failure::internal)?;
    let changes = workspace.changes();
    match args.format {
        FitFormat::Json => out::data(&format!("{:#}\n", fit.to_json())),
        FitFormat::Diff if std::io::stdout().is_terminal() => out::data(&diff::shown(&changes)),
        FitFormat::Diff => out::data(&diff::unified(&changes)),
    }
    out::tell(summary(&fit).trim_end());
    if !fit.proof.failures.is_empty() {
        let failures = fit.proof.failures.iter().map(|failure| format!("\n  {}", escape_terminal(failure)));
        return Err(Failure::internal(format!(
            "nothing is proposed: the proof failed:{}",
            failures.collect::<String>()
        )));
    }
    match (args.write, changes.is_empty()) {
        (_, true) => match fit.functions.iter().filter(|function| function.left.is_some()).count() {
            0 => out::tell("nothing to change: every function has what it needs and no more"),
            left => out::tell(&format!(
                "nothing to change, but {left} functions are left as they are, for the reasons above"
            )),
        },
        (true, false) => {
            workspace.write()?;
            out::tell(&format!("`{}` is changed", workspace.template.display()));
        }
        (false, false) => out::tell("nothing is written: `--write` changes the template"),
    }
    Ok(ExitCode::SUCCESS)
}

/// Fits the app as a workspace holds it.
pub(super) fn fit(workspace: &Workspace, seen: &[Seen], from: From, accepted: &[String]) -> Result<Fit, Failure> {
    let loaded = workspace.load();
    let app = super::model(workspace, &loaded)?;
    let analysed = workspace.analyse(app)?;
    tell_gaps(&loaded, &analysed);
    let code = codes(app, &analysed);
    Ok(burgward_fit::fit(&Input { app, parameters: &workspace.parameters, code: &code, seen, from, accepted }))
}

fn codes<'a>(app: &'a App, analysed: &'a BTreeMap<String, Analysed>) -> Vec<FunctionCode<'a>> {
    let of = |id: &'a String| {
        let found = analysed.get(id)?;
        Some(FunctionCode { function: id, code: &found.code, files: &found.files })
    };
    app.functions.iter().filter_map(|function| of(&function.logical_id)).collect()
}

/// What was observed in all runs with `--observe`.
pub(super) fn seen(paths: &Paths) -> Result<Vec<Seen>, Failure> {
    // An app that never ran has no state, and gets none by being asked.
    if !paths.data.is_dir() {
        return Ok(Vec::new());
    }
    let calls = observed(paths, &burgward_app::unlock(paths)?)?;
    let seen = |call: burgward_app::ObservedCall| Seen {
        principal: call.principal,
        action: call.action,
        resource: call.resource,
        allowed: call.allowed,
        count: call.count,
    };
    Ok(calls.into_iter().map(seen).collect())
}

/// Function by function: what it needs and why, in the words of a person.
pub(super) fn summary(fit: &Fit) -> String {
    let mut out = String::new();
    for fitted in &fit.functions {
        function(&mut out, fitted);
    }
    for call in &fit.unexplained {
        unexplained(&mut out, call);
    }
    for note in &fit.notes {
        let _ = writeln!(out, "note: {}", escape_terminal(note));
    }
    out
}

fn function(out: &mut String, fitted: &Fitted) {
    let shared = match fitted.role.shared_with.len() {
        0 => String::new(),
        others => format!(", whose role {others} others have as well"),
    };
    let count = fitted.operations;
    let _ = writeln!(
        out,
        "{}{shared}: {} operations on the app's stores are allowed, {} are needed",
        escape_terminal(&fitted.function),
        count.today,
        count.fitted
    );
    if let Some(why) = &fitted.left {
        let _ = writeln!(out, "  left as it is: {}", escape_terminal(why));
    }
    for statement in &fitted.statements {
        let resources: Vec<&str> = statement.resources.iter().map(|resource| resource.written.as_str()).collect();
        for evidence in &statement.evidence {
            let seen = match evidence.observed {
                0 => "not observed".to_owned(),
                times => format!("observed {times} times"),
            };
            let places = evidence.places.join(", ");
            let line = format!("{} on {}  ({places}; {seen})", evidence.action, resources.join(", "));
            let _ = writeln!(out, "  {}", escape_terminal(&line));
            for remark in &evidence.remarks {
                let _ = writeln!(out, "    {}", escape_terminal(remark));
            }
        }
    }
    for denied in &fitted.denied {
        let line = format!("{} on {}  ({})", denied.action, denied.resource, denied.places.join(", "));
        let _ = writeln!(out, "  denied today, and not granted: {}", escape_terminal(&line));
    }
    for dropped in &fitted.dropped {
        let _ = writeln!(out, "  in the code but not observed, and dropped: {}", escape_terminal(dropped));
    }
    for note in &fitted.notes {
        let _ = writeln!(out, "  note: {}", escape_terminal(note));
    }
}

fn unexplained(out: &mut String, call: &Unexplained) {
    let what = format!("{}: {} on {}, {} times", call.function, call.action, call.resource, call.count);
    let verdict = if call.accepted {
        "accepted".to_owned()
    } else {
        format!("no code asks for it: not granted; `--accept {}` would grant it", call.id)
    };
    let _ = writeln!(out, "unexplained {}  {}", call.id, escape_terminal(&what));
    let _ = writeln!(out, "  {verdict}");
    if !call.remark.is_empty() {
        let _ = writeln!(out, "  {}", escape_terminal(&call.remark));
    }
}
