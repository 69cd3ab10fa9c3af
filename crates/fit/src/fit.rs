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
/// What cannot be proven is not proposed: a function whose edits fail is left as it is, with the reason, and if the whole
/// still fails there are no edits at all and [`Fit::proof`] says why.
#[must_use]
pub fn fit(input: &Input<'_>) -> Fit {
    let scene = Scene { input, source: Source::of(input.app), stores: stores::of(input.app) };
    let mut left = BTreeMap::new();
    // Each round leaves at least one function aside.
    for _ in 0..=input.app.functions.len() {
        let attempt = Attempt::new(&scene, &mut left);
        let before = left.len();
        let edits = attempt.edits(&mut left);
        if left.len() > before {
            continue;
        }
        let mut fit = attempt.told(&left);
        fit.proof = attempt.proven(&fit, &edits);
        let failed = attempt.failed(&fit.proof);
        if failed.is_empty() || failed.keys().all(|f| left.contains_key(f)) {
            fit.edits = if fit.proof.failures.is_empty() { edits } else { Vec::new() };
            return fit;
        }
        left.extend(failed);
    }
    let mut fit = Attempt::new(&scene, &mut left).told(&left);
    fit.proof.failures.push("no edits could be proven".to_owned());
    fit
}

struct Attempt<'a> {
    scene: &'a Scene<'a>,
    planned: Vec<Planned<'a>>,
}

impl<'a> Attempt<'a> {
    fn new(scene: &'a Scene<'a>, left: &mut BTreeMap<String, String>) -> Self {
        let app = scene.input.app;
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
        Self { scene, planned }
    }

    /// The edits; functions whose place cannot be edited are left.
    fn edits(&self, left: &mut BTreeMap<String, String>) -> Vec<TextEdit> {
        let Some(mut editor) = Editor::new(self.scene) else { return Vec::new() };
        for planned in &self.planned {
            if let Err(why) = editor.function(planned) {
                left.insert(planned.function.logical_id.clone(), first_line(&why));
            }
        }
        // A role that cannot be removed stays: it harms nobody.
        let _ = editor.remove(&orphans(self.scene, &self.planned));
        editor.finish()
    }

    fn told(&self, left: &BTreeMap<String, String>) -> Fit {
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
            fit.functions.push(fitted);
        }
        for role in orphans(self.scene, &self.planned) {
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

    /// Edits, loads and decides.
    fn proven(&self, fit: &Fit, edits: &[TextEdit]) -> Proof {
        let (input, source) = (self.scene.input, &self.scene.source);
        let Some(file) = &source.file else { return Proof::default() };
        let failed = |why: String| Proof { checked: 0, failures: vec![why] };
        let text = match apply(file, edits) {
            Ok(text) => text,
            Err(why) => return failed(first_line(&why)),
        };
        let after = loaded(file, text, input);
        let before =
            if after.refused.is_empty() { Loaded::default() } else { loaded(file, file.text().to_owned(), input) };
        // A message may name a line, and lines move.
        let plain = |message: &str| message.replace(|c: char| c.is_ascii_digit(), "");
        let known: Vec<_> = before.refused.iter().map(|d| plain(&d.message)).collect();
        if let Some(new) = after.refused.iter().find(|d| !known.contains(&plain(&d.message))) {
            return failed(format!("the edited template would be refused: {}", new.message));
        }
        let Some(patched) = after.app else { return failed("the edited template has no model".to_owned()) };
        let mut proof = prove(fit, &patched);
        proof.failures.extend(self.planned.iter().filter_map(|p| exactly(p, &patched)));
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
    let may = |t: &&crate::prove::Try| planned.today.may(&t.action, &t.resource);
    fitted.operations =
        Operations { today: tries.iter().filter(may).count(), fitted: tries.iter().filter(needed).count() };
    if planned.way == Way::Keep {
        return;
    }
    fitted.role.beyond = beyond(planned);
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

fn first_line(error: &PatchError) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
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
