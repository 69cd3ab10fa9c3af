//! All functions, and the edits that are proven.

use std::collections::BTreeMap;
use std::sync::Arc;

use burgward_diag::{SourceFile, TextEdit};
use burgward_template::model::{App, Function};
use burgward_template::patch::{PatchError, apply};
use burgward_template::{FileError, Files, Loaded, load};

use crate::derive::{Derived, Scene, derive};
use crate::plan::{Planned, Way, is_log, is_same, orphans, plan, sharers};
use crate::prove::{prove, tries};
use crate::source::Source;
use crate::stores;
use crate::today::{Today, texts};
use crate::write::Editor;
use crate::{Fit, Fitted, Input, Operations, Proof};

/// Fits every function of the app.
///
/// What cannot be proven is not proposed: a function whose edits fail is left as it is, with the reason, and the others are
/// fitted without it. If the whole still fails there are no edits at all and [`Fit::proof`] says why.
#[must_use]
pub fn fit(input: &Input<'_>) -> Fit {
    let scene = Scene { input, source: Source::of(input.app), stores: stores::of(input.app) };
    let mut aside = Aside::default();
    // Each round leaves something more aside: a function, or the roles that could go.
    for _ in 0..=input.app.functions.len() + 1 {
        let attempt = Attempt::new(&scene, &mut aside);
        let before = aside.clone();
        let parts = attempt.parts(&mut aside);
        if aside != before {
            continue;
        }
        let edits = parts.all();
        let mut fit = attempt.told(&aside);
        match patched(input, &scene.source, &edits) {
            Ok(app) => fit.proof = attempt.proven(&fit, app.as_ref().unwrap_or(input.app)),
            Err(why) => {
                attempt.isolate(&parts, &mut aside);
                if aside != before {
                    continue;
                }
                fit.proof.failures.push(why);
            }
        }
        aside.left.extend(attempt.failed(&fit.proof));
        if aside == before {
            fit.edits = if fit.proof.failures.is_empty() { edits } else { Vec::new() };
            return fit;
        }
    }
    let mut fit = Attempt::new(&scene, &mut aside).told(&aside);
    fit.proof.failures.push("no edits could be proven".to_owned());
    fit
}

/// What is not edited.
#[derive(Clone, Debug, Default, PartialEq)]
struct Aside {
    /// Functions, and why.
    left: BTreeMap<String, String>,
    /// Roles that nothing uses any more stay.
    roles: bool,
}

/// The edits of an attempt.
struct Parts {
    /// Function by function: which of the planned, and its edits.
    functions: Vec<(usize, Vec<TextEdit>)>,
    /// The removal of roles that nothing uses any more.
    roles: Vec<TextEdit>,
}

impl Parts {
    fn all(&self) -> Vec<TextEdit> {
        self.functions.iter().flat_map(|(_, edits)| edits).chain(&self.roles).cloned().collect()
    }
}

struct Attempt<'a> {
    scene: &'a Scene<'a>,
    planned: Vec<Planned<'a>>,
    orphans: Vec<String>,
}

impl<'a> Attempt<'a> {
    fn new(scene: &'a Scene<'a>, aside: &mut Aside) -> Self {
        let (app, left) = (scene.input.app, &mut aside.left);
        let mut derived = BTreeMap::new();
        for function in &app.functions {
            if left.contains_key(&function.logical_id) {
                continue;
            }
            match one(scene, function) {
                Ok(found) => {
                    derived.insert(function.logical_id.clone(), found);
                }
                Err(why) => {
                    left.insert(function.logical_id.clone(), why);
                }
            }
        }
        let planned = plan(scene, derived, left);
        let orphans = if aside.roles { Vec::new() } else { orphans(scene, &planned) };
        Self { scene, planned, orphans }
    }

    /// The edits; functions whose place cannot be edited are left.
    fn parts(&self, aside: &mut Aside) -> Parts {
        let mut parts = Parts { functions: Vec::new(), roles: Vec::new() };
        let Some(mut editor) = Editor::new(self.scene) else { return parts };
        for (at, planned) in self.planned.iter().enumerate() {
            match editor.function(planned) {
                Ok(edits) => parts.functions.push((at, edits)),
                Err(why) => self.leave(planned, &reason(&why), aside),
            }
        }
        // A role that cannot be removed stays: it harms nobody.
        match editor.remove(&self.orphans) {
            Ok(edits) => parts.roles = edits,
            Err(_) => aside.roles = true,
        }
        parts
    }

    fn leave(&self, planned: &Planned<'_>, why: &str, aside: &mut Aside) {
        let why = format!(
            "{}: its permissions cannot be rewritten where they stand: {why}; change them by hand",
            self.scene.written_at(planned)
        );
        aside.left.insert(planned.function.logical_id.clone(), why);
    }

    /// Finds the functions whose edits the template does not take, by halves: all the others' go together.
    fn isolate(&self, parts: &Parts, aside: &mut Aside) {
        let mut good: Vec<TextEdit> = Vec::new();
        let mut open = vec![parts.functions.as_slice()];
        let before = aside.left.len();
        while let Some(some) = open.pop() {
            let edits: Vec<_> = good.iter().chain(some.iter().flat_map(|(_, edits)| edits)).cloned().collect();
            let Err(why) = patched(self.scene.input, &self.scene.source, &edits) else {
                good = edits;
                continue;
            };
            if let [(at, _)] = some {
                if let Some(planned) = self.planned.get(*at) {
                    self.leave(planned, &why, aside);
                }
            } else {
                // The later half is next: what uses an anchor stands behind it, and may be edited for it to go.
                let (earlier, later) = some.split_at(some.len() / 2);
                open.extend([earlier, later].into_iter().filter(|half| !half.is_empty()));
            }
        }
        // Without a function at fault it is the removal of the roles.
        aside.roles |= aside.left.len() == before && !parts.roles.is_empty();
    }

    fn told(&self, aside: &Aside) -> Fit {
        let left = &aside.left;
        let app = self.scene.input.app;
        let mut fit = Fit::default();
        let all = tries(&self.scene.stores);
        for function in &app.functions {
            let planned = self.planned.iter().find(|p| p.function.logical_id == function.logical_id);
            let mut fitted = Fitted { function: function.logical_id.clone(), ..Fitted::default() };
            fitted.role.logical_id.clone_from(&function.role);
            fitted.role.shared_with = sharers(self.scene, function);
            match (left.get(&function.logical_id), planned) {
                (None, Some(planned)) => {
                    fill(&mut fitted, planned, &all);
                    fitted.notes.extend(self.log_note(planned));
                    fit.unexplained.extend(planned.derived.unexplained.iter().cloned());
                }
                (Some(why), _) => fitted.left = Some(why.clone()),
                (None, None) => fitted.left = Some("its role is not in the template".to_owned()),
            }
            if fitted.left.is_some() {
                // What it may do today is what it may do then.
                let role = app.role(&function.role).and_then(|role| Today::of(role, app).ok());
                let today = role.map_or(0, |today| counted(&today, &all));
                fitted.operations = Operations { today, fitted: today };
            }
            fit.functions.push(fitted);
        }
        for role in &self.orphans {
            fit.notes.push(format!("the role `{role}` is used by nothing any more and goes"));
        }
        fit
    }

    /// What a role of one's own allows and today's does not: writing the function's log.
    fn log_note(&self, planned: &Planned<'_>) -> Option<String> {
        let app = self.scene.input.app;
        let log = format!("arn:aws:logs:{}:{}:log-group:{}:*", app.region, app.account, planned.function.log_group);
        let moves = matches!(planned.way, Way::DropRole | Way::InPlace | Way::NewRole);
        let note = "its role gets AWSLambdaBasicExecutionRole, which today's does not amount to: it writes the log";
        (moves && !planned.today.may("logs:PutLogEvents", &log)).then(|| note.to_owned())
    }

    /// Decides, as the edited template's roles do.
    fn proven(&self, fit: &Fit, patched: &App) -> Proof {
        let mut proof = prove(fit, patched);
        proof.failures.extend(self.planned.iter().filter_map(|p| exactly(p, patched)));
        proof
    }

    /// The functions that a proof's failures name.
    fn failed(&self, proof: &Proof) -> BTreeMap<String, String> {
        let named = |failure: &String| {
            let (name, why) = failure.split_once(": ")?;
            let planned = self.planned.iter().any(|p| p.function.logical_id == name);
            planned.then(|| (name.to_owned(), format!("the proof fails: {why}")))
        };
        proof.failures.iter().rev().filter_map(named).collect()
    }
}

/// The app of the edited template; none if there is nothing to edit.
fn patched(input: &Input<'_>, source: &Source, edits: &[TextEdit]) -> Result<Option<App>, String> {
    let Some(file) = source.file.as_ref().filter(|_| !edits.is_empty()) else { return Ok(None) };
    let text = apply(file, edits).map_err(|why| reason(&why))?;
    let after = loaded(file, text, input);
    let before = if after.refused.is_empty() { Loaded::default() } else { loaded(file, file.text().to_owned(), input) };
    // A message may name a line, and lines move.
    let plain = |message: &str| message.replace(|c: char| c.is_ascii_digit(), "");
    let known: Vec<_> = before.refused.iter().map(|d| plain(&d.message)).collect();
    if let Some(new) = after.refused.iter().find(|d| !known.contains(&plain(&d.message))) {
        return Err(format!("the edited template would be refused: {}", new.message));
    }
    after.app.map(Some).ok_or_else(|| "the edited template would not be understood".to_owned())
}

/// The role of the edited template says just what was wanted, denials included.
fn exactly(planned: &Planned<'_>, patched: &App) -> Option<String> {
    let id = &planned.function.logical_id;
    let role = patched.function(id).and_then(|f| patched.role(&f.role))?;
    let same = Today::of(role, patched).is_ok_and(|now| is_same(&now, &planned.derived.statements, &planned.carried()));
    let bounded = role.boundary.as_ref().map(|b| &b.document) == planned.role.boundary.as_ref().map(|b| &b.document);
    (!same || !bounded).then(|| format!("{id}: the edited role does not say what was derived"))
}

fn one(scene: &Scene<'_>, function: &Function) -> Result<(Today, Derived), String> {
    let role = scene.input.app.role(&function.role);
    let role = role.ok_or("its role is not in the template: what it allows is not known")?;
    let today = Today::of(role, scene.input.app)?;
    let derived = derive(scene, function, &today)?;
    Ok((today, derived))
}

fn fill(fitted: &mut Fitted, planned: &Planned<'_>, tries: &[crate::prove::Try]) {
    let derived = &planned.derived;
    fitted.statements.clone_from(&derived.statements);
    fitted.denied.clone_from(&derived.denied);
    fitted.dropped.clone_from(&derived.dropped);
    fitted.notes.clone_from(&derived.notes);
    let needed = |t: &&crate::prove::Try| {
        derived.statements.iter().any(|s| {
            let on = |r: &crate::Resource| crate::glob::covers(&r.arn, &t.resource) || r.arn.starts_with(&t.resource);
            s.actions.iter().any(|a| a.eq_ignore_ascii_case(&t.action)) && s.resources.iter().any(on)
        })
    };
    fitted.operations =
        Operations { today: counted(&planned.today, tries), fitted: tries.iter().filter(needed).count() };
    if planned.way == Way::Keep {
        return;
    }
    fitted.role.beyond = beyond(planned);
}

/// How many operations on the app's stores a role allows.
fn counted(today: &Today, tries: &[crate::prove::Try]) -> usize {
    tries.iter().filter(|t| today.may(&t.action, &t.resource)).count()
}

/// Today's statements that are not needed as they are.
fn beyond(planned: &Planned<'_>) -> Vec<String> {
    let carried = planned.carried();
    let one = |w: &&crate::today::Written| {
        let list = |key: &str| {
            let all = texts(&w.value, key);
            if all.is_empty() {
                format!("all but {}", texts(&w.value, &format!("Not{key}")).join(", "))
            } else {
                all.join(", ")
            }
        };
        format!("{} on {} ({})", list("Action"), list("Resource"), w.span.place())
    };
    let own = planned.today.allows.iter().filter(|w| !w.kept && !is_log(w));
    own.filter(|w| !carried.iter().any(|c| c.value == w.value)).map(|w| one(&w)).collect()
}

/// Why edits are not made, without the places of a text that the user does not have.
fn reason(error: &PatchError) -> String {
    let full = match error {
        PatchError::Invalid(why) => why
            .strip_prefix("edited:")
            .map_or(why.as_str(), |why| why.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':').trim_start()),
        PatchError::Place(why) => why.strip_prefix("it cannot be written there: ").unwrap_or(why),
        PatchError::Overlap(_) => "other edits touch the same lines",
        PatchError::Range(..) => "the text is not what was read",
    };
    full.lines().next().unwrap_or_default().to_owned()
}

/// One file that is at hand.
struct OneFile(String);

impl Files for OneFile {
    fn read(&self, _relative: &str) -> Result<String, FileError> {
        Ok(self.0.clone())
    }

    fn exists_dir(&self, _relative: &str) -> bool {
        true
    }
}

fn loaded(file: &Arc<SourceFile>, text: String, input: &Input<'_>) -> Loaded {
    load(file.name(), &OneFile(text), input.parameters)
}
