//! Mending: one fix at a time, each verified by loading and checking again.
//!
//! Pure: whoever calls it reads files before and writes them after, and says how texts become a model and facts.

use std::collections::BTreeMap;

use burgward_diag::{Disposition, Finding, Fix, TextEdit};
use burgward_template::model::App;
use burgward_template::patch::splice;
use burgward_types::Secret;

use crate::codes::Codes;
use crate::rule::Persona;
use crate::run_with;

/// The texts that fixes may change, and what a deployment has to give.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    /// Texts by the names that spans carry.
    pub files: BTreeMap<String, String>,
    /// Values of template parameters without a default that fixes added or took the default from; a value that the caller
    /// has for one of them wins.
    pub values: Vec<(String, Secret<String>)>,
    /// Rules whose findings are accepted, and left alone.
    pub ignored: Vec<String>,
}

/// What a workspace is, read.
#[derive(Clone, Debug, Default)]
pub struct Reloaded {
    /// The model, if there is one.
    pub app: Option<App>,
    /// The code of its functions, as far as it was read.
    pub codes: Codes,
    /// Why the template is refused, without places; empty if it is not.
    pub refused: Vec<String>,
}

/// A fix that was made.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The finding's rule.
    pub rule: &'static str,
    /// The finding's id, with its line before any fix.
    pub id: String,
    /// What was done.
    pub title: String,
    /// What it touched.
    pub disposition: Disposition,
    /// Ids of further findings that went with it.
    pub also: Vec<String>,
}

/// A finding that stays.
#[derive(Clone, Debug)]
pub struct Left {
    /// The finding, in the mended texts.
    pub finding: Finding,
    /// Why.
    pub why: String,
}

/// What came of mending.
#[derive(Clone, Debug)]
pub struct Mended {
    /// The mended texts and the parameter values they need.
    pub workspace: Workspace,
    /// The fixes that were made, in their order.
    pub applied: Vec<Applied>,
    /// What stays.
    pub left: Vec<Left>,
}

impl Mended {
    /// The files that changed: name, text before, text after.
    pub fn changes<'a>(&'a self, before: &'a Workspace) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> {
        self.workspace.files.iter().filter_map(|(name, after)| {
            let before = before.files.get(name)?;
            (before != after).then_some((name.as_str(), before.as_str(), after.as_str()))
        })
    }
}

/// The rule that says that code was not checked.
const UNREAD: &str = "code-unread";

/// More fixes than any app that is read has findings; against fixes that undo each other.
const MOST_FIXES: usize = 500;

/// Mends what can be mended: makes one fix, reads everything again through `reload`, and goes on with what is found then.
///
/// A fix is taken back, and its finding left with the reason, if after it the template is refused for a new reason, if
/// its finding is still there, if there is a new one that matters as much, or if code cannot be read any more. Where a finding has several fixes, the one
/// that may touch more comes first.
pub fn mend(
    workspace: Workspace,
    reload: &dyn Fn(&Workspace) -> Reloaded,
    allowed: Disposition,
    persona: Persona,
) -> Mended {
    let first = State::new(workspace, reload, persona);
    let mut names: BTreeMap<Key, Vec<String>> = BTreeMap::new();
    for finding in &first.findings {
        names.entry(key(finding)).or_default().push(finding.id());
    }
    let mut mender = Mender { reload, allowed, persona, names, failed: BTreeMap::new(), applied: Vec::new() };
    let mut state = first;
    while mender.applied.len() < MOST_FIXES
        && let Some(next) = mender.step(&state)
    {
        state = next;
    }
    let left =
        state.findings.iter().map(|f| Left { why: mender.why(&state.findings, f), finding: f.clone() }).collect();
    Mended { workspace: state.workspace, applied: mender.applied, left }
}

/// A finding's identity while lines move: rule, file, title.
type Key = (&'static str, String, String);

fn key(finding: &Finding) -> Key {
    let file = finding.primary.as_ref().map_or("", |site| site.span.file.name());
    (finding.rule, file.to_owned(), finding.title.clone())
}

struct State {
    workspace: Workspace,
    findings: Vec<Finding>,
    refused: Vec<String>,
}

impl State {
    fn new(workspace: Workspace, reload: &dyn Fn(&Workspace) -> Reloaded, persona: Persona) -> Self {
        let read = reload(&workspace);
        let mut findings = read.app.map_or_else(Vec::new, |app| run_with(&app, &read.codes, persona));
        findings.retain(|finding| !workspace.ignored.iter().any(|rule| rule == finding.rule));
        Self { workspace, findings, refused: read.refused }
    }

    /// How often each finding is there.
    fn counts(&self) -> BTreeMap<Key, usize> {
        self.findings.iter().fold(BTreeMap::new(), |mut counts, finding| {
            *counts.entry(key(finding)).or_default() += 1;
            counts
        })
    }
}

struct Mender<'a> {
    reload: &'a dyn Fn(&Workspace) -> Reloaded,
    allowed: Disposition,
    persona: Persona,
    /// Ids in the texts as they were given, of the findings that are still there; in their order.
    names: BTreeMap<Key, Vec<String>>,
    /// Fixes that were taken back, by the finding's id and the fix's title, and why.
    failed: BTreeMap<(String, String), String>,
    applied: Vec<Applied>,
}

impl Mender<'_> {
    /// Makes the first fix that holds.
    fn step(&mut self, state: &State) -> Option<State> {
        for finding in &state.findings {
            let mut fixes: Vec<_> = finding.fixes.iter().filter(|f| f.disposition <= self.allowed).collect();
            fixes.sort_by_key(|f| std::cmp::Reverse(f.disposition));
            for fix in fixes {
                let attempt = (self.name(&state.findings, finding), fix.title.clone());
                if self.failed.contains_key(&attempt) {
                    continue;
                }
                match self.attempt(state, finding, fix) {
                    Ok(next) => {
                        let told = self.told(state, &next, finding, fix);
                        self.applied.push(told);
                        return Some(next);
                    }
                    Err(why) => drop(self.failed.insert(attempt, why)),
                }
            }
        }
        None
    }

    fn attempt(&self, state: &State, finding: &Finding, fix: &Fix) -> Result<State, String> {
        let mut workspace = edited(&state.workspace, &fix.edits)?;
        workspace.values.extend(fix.values.iter().cloned());
        let next = State::new(workspace, self.reload, self.persona);
        if let Some(new) = next.refused.iter().find(|why| !state.refused.contains(why)) {
            return Err(format!("the template would be refused: {}", new.lines().next().unwrap_or_default()));
        }
        let (before, after) = (state.counts(), next.counts());
        let count = |counts: &BTreeMap<Key, usize>, key: &Key| counts.get(key).copied().unwrap_or(0);
        let own = key(finding);
        let same = |f: &&Finding| key(f) == own && f.severity >= finding.severity;
        if next.findings.iter().any(|f| same(&f)) && count(&after, &own) >= count(&before, &own) {
            return Err("it would still be there".to_owned());
        }
        // Code that cannot be read any more has no findings: that mends nothing.
        let matters = |f: &Finding| f.severity >= finding.severity || f.rule == UNREAD;
        let new = |f: &&Finding| matters(f) && count(&after, &key(f)) > count(&before, &key(f));
        match next.findings.iter().find(new) {
            Some(new) => Err(format!("it would bring `{}`: {}", new.rule, new.title)),
            None => Ok(next),
        }
    }

    fn told(&mut self, before: &State, after: &State, finding: &Finding, fix: &Fix) -> Applied {
        let id = self.name(&before.findings, finding);
        let order: Vec<_> = before.findings.iter().map(|f| self.name(&before.findings, f)).collect();
        let own = key(finding);
        if let Some(ids) = self.names.get_mut(&own) {
            // What is lower now than it was is still there.
            if after.counts().get(&own) < before.counts().get(&own) {
                ids.retain(|known| *known != id);
            }
        }
        let mut also = self.gone(after);
        also.sort_by_key(|id| order.iter().position(|known| known == id));
        Applied { rule: finding.rule, id, title: fix.title.clone(), disposition: fix.disposition, also }
    }

    /// Takes away the ids of findings that are no longer there.
    fn gone(&mut self, after: &State) -> Vec<String> {
        let counts = after.counts();
        let mut gone = Vec::new();
        for (key, ids) in &mut self.names {
            let left = counts.get(key).copied().unwrap_or(0).min(ids.len());
            gone.extend(ids.split_off(left));
        }
        gone
    }

    /// The id that a finding had in the texts as they were given: of several that are alike, the one at its place.
    fn name(&self, all: &[Finding], finding: &Finding) -> String {
        let key_ = key(finding);
        let alike = all.iter().filter(|f| key(f) == key_);
        let at = alike.take_while(|f| !std::ptr::eq(*f, finding)).count();
        self.names.get(&key_).and_then(|ids| ids.get(at)).cloned().unwrap_or_else(|| finding.id())
    }

    fn why(&self, all: &[Finding], finding: &Finding) -> String {
        let name = self.name(all, finding);
        let failed = finding.fixes.iter().find_map(|f| self.failed.get(&(name.clone(), f.title.clone())));
        if let Some(why) = failed {
            return format!("its fix was taken back: {why}");
        }
        match finding.fixes.iter().find(|f| f.disposition > self.allowed) {
            Some(fix) => format!("its fix changes code, which `--fix=all` does: {}", fix.title),
            None => "it has no fix: see its hint".to_owned(),
        }
    }
}

fn edited(workspace: &Workspace, edits: &[TextEdit]) -> Result<Workspace, String> {
    let mut by_file: BTreeMap<&str, Vec<TextEdit>> = BTreeMap::new();
    for edit in edits {
        by_file.entry(edit.span.file.name()).or_default().push(edit.clone());
    }
    let mut next = workspace.clone();
    for (name, edits) in by_file {
        let current = next.files.get_mut(name).ok_or_else(|| format!("`{name}` may not be changed"))?;
        if edits.iter().any(|e| e.span.file.text() != current) {
            return Err(format!("`{name}` is not what was checked"));
        }
        *current = splice(current, &edits).map_err(|error| error.to_string())?;
    }
    Ok(next)
}
