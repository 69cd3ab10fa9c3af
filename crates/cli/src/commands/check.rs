//! `burgward check`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::ExitCode;

use burgward_app::{Analysed, Workspace};
use burgward_checks::{Codes, Mended, Persona, Reloaded, run_with};
use burgward_diag::{
    Disposition, Finding, RuleInfo, Severity, escape_terminal, findings_json, render_github, render_human, render_sarif,
};
use burgward_template::Files as _;
use serde_json::json;

use super::{Done, Failure, diff, folder_prefix, model, tell_gaps, values};
use crate::args::{CheckArgs, CheckFormat, FixLevel};
use crate::out;

/// Finds, and with `--fix` mends. Status 1 if something at `--fail-on` or above is left.
pub(crate) fn run(args: &CheckArgs) -> Done {
    let source =
        burgward_app::Source { path: args.app.path.clone(), parameters: values(&args.parameters)?, data: None };
    let mut workspace = Workspace::open(&source)?;
    if let Some(level) = args.fix {
        let disposition = if level == FixLevel::Safe { Disposition::Safe } else { Disposition::All };
        let mended = mend(&mut workspace, disposition, args.persona)?;
        out::tell(told(&mended, &workspace.changes()).trim_end());
        if !args.dry_run {
            workspace.write()?;
        }
    }
    let findings = findings(&workspace, args.persona)?;
    let prefix = folder_prefix(&workspace);
    match args.format {
        CheckFormat::Human => out::data(&human(&findings, &prefix)),
        CheckFormat::Json => out::data(&json(&findings, &prefix)),
        CheckFormat::Sarif => out::data(&render_sarif(&findings, &rules(), &prefix, env!("CARGO_PKG_VERSION"))),
        CheckFormat::Github => out::data(&render_github(&findings, &prefix)),
    }
    let fails = findings.iter().any(|finding| finding.severity >= args.fail_on);
    Ok(ExitCode::from(u8::from(fails)))
}

/// What this persona wants to know of an app, as a workspace holds it.
pub(super) fn findings(workspace: &Workspace, persona: Persona) -> Result<Vec<Finding>, Failure> {
    let loaded = workspace.load();
    let app = model(workspace, &loaded)?;
    let analysed = workspace.analyse(app)?;
    tell_gaps(&loaded, &analysed);
    let codes = codes_of(analysed);
    let mut findings = run_with(app, &codes, persona);
    accepted(workspace, &mut findings)?;
    Ok(findings)
}

/// Takes out what the app's owner has accepted, and says how much that is.
pub(super) fn accepted(workspace: &Workspace, findings: &mut Vec<Finding>) -> Result<(), Failure> {
    for rule in &workspace.config.check.ignore {
        if burgward_checks::rule(rule).is_none() {
            return Err(Failure::unusable(format!(
                "`burgward.toml` ignores `{rule}`, which is no rule\n  hint: `burgward check --format json` names them"
            )));
        }
        let before = findings.len();
        findings.retain(|finding| finding.rule != rule);
        if findings.len() < before {
            out::tell(&format!("note: {} findings of `{rule}` are ignored by burgward.toml", before - findings.len()));
        }
    }
    Ok(())
}

fn codes_of(analysed: BTreeMap<String, Analysed>) -> Codes {
    let mut codes = Codes::default();
    for (function, Analysed { code, files, .. }) in analysed {
        codes.insert(function, code, files);
    }
    codes
}

/// Mends what can be mended, in memory.
pub(super) fn mend(workspace: &mut Workspace, allowed: Disposition, persona: Persona) -> Result<Mended, Failure> {
    let loaded = workspace.load();
    let app = model(workspace, &loaded)?;
    let template = workspace.template_name();
    let text = workspace.read(&template).map_err(Failure::unusable)?;
    let analysed = workspace.analyse(app)?;
    let files = analysed.values().flat_map(|of| &of.files).map(|file| (file.name().to_owned(), file.text().to_owned()));
    let mut start = burgward_checks::Workspace {
        files: files.collect(),
        values: Vec::new(),
        ignored: workspace.config.check.ignore.clone(),
    };
    start.files.insert(template, text);
    let mended = {
        let base = &*workspace;
        burgward_checks::mend(start, &|now| reload(base, now), allowed, persona)
    };
    for (name, text) in &mended.workspace.files {
        if workspace.read(name).ok().as_ref() != Some(text) {
            workspace.set(name, text.clone());
        }
    }
    Ok(mended)
}

/// What the texts are by now.
fn reload(base: &Workspace, now: &burgward_checks::Workspace) -> Reloaded {
    let mut workspace = base.clone();
    now.files.iter().for_each(|(name, text)| workspace.set(name, text.clone()));
    // A value that the user gave wins over what stood in the template.
    let known = &base.parameters.values;
    let new = now.values.iter().filter(|(name, _)| !known.iter().any(|(other, _)| other == name));
    workspace.parameters.values.extend(new.map(|(name, value)| (name.clone(), value.expose().clone())));
    let loaded = workspace.load();
    let mut refused: Vec<String> = loaded.refused.iter().map(|fault| fault.message.clone()).collect();
    let analysed = loaded.app.as_ref().map(|app| workspace.analyse(app)).transpose();
    let analysed = analysed.unwrap_or_else(|error| {
        refused.push(error.to_string());
        None
    });
    Reloaded { codes: codes_of(analysed.unwrap_or_default()), app: loaded.app, refused }
}

/// What was mended and what was not, in the words of a person.
fn told(mended: &Mended, changes: &[(String, String, String)]) -> String {
    let mut out = diff::shown(changes);
    for fix in &mended.applied {
        let _ = writeln!(out, "mended {}: {}", escape_terminal(&fix.id), escape_terminal(&fix.title));
    }
    for (name, _) in &mended.workspace.values {
        let _ = writeln!(
            out,
            "the template has a parameter `{}` now, without a default: give it with `--parameter-file`, and give it a \
             new value, since the old one is in the history of the template",
            escape_terminal(name)
        );
    }
    for left in mended.left.iter().filter(|left| !left.finding.fixes.is_empty()) {
        let _ = writeln!(out, "not mended {}: {}", escape_terminal(&left.finding.id()), escape_terminal(&left.why));
    }
    if mended.applied.is_empty() {
        out.push_str("nothing to mend\n");
    }
    out
}

fn human(findings: &[Finding], prefix: &str) -> String {
    let mut out = render_human(findings, prefix);
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let counts = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info]
        .map(|severity| (count(severity), severity.name()));
    let counted: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}")).collect();
    let fixable = findings.iter().filter(|finding| !finding.fixes.is_empty()).count();
    let _ = match (findings.len(), fixable) {
        (0, _) => writeln!(out, "nothing found"),
        (all, 0) => writeln!(out, "{all} findings: {}", counted.join(", ")),
        (all, some) => {
            writeln!(out, "{all} findings: {}; {some} can be mended by `--fix` or `--fix=all`", counted.join(", "))
        }
    };
    out
}

fn json(findings: &[Finding], prefix: &str) -> String {
    let document = json!({"schema": "burgward/check-v1", "findings": findings_json(findings, prefix)});
    format!("{document:#}\n")
}

fn rules() -> Vec<RuleInfo> {
    let info = |rule: &burgward_checks::Rule| RuleInfo {
        id: rule.id,
        summary: rule.summary(),
        page: rule.page(),
        tags: rule.meta.tags.to_vec(),
        severity: rule.meta.severity,
    };
    burgward_checks::rules().iter().map(info).collect()
}
