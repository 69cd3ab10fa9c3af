//! What came of it: for a person a table and the change to take home, for a program one line.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use burgward_attack::{Attack, Attacker, NormalRequests, Report, StoppedBy};
use burgward_checks::Mended;
use burgward_diag::escape_terminal;
use burgward_fit::Fit;
use burgward_types::RequestId;
use serde_json::{Value, json};

use super::phase::Phase;

/// A number before and after.
type Pair = (usize, usize);

/// Everything there is to tell.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) findings_before: usize,
    pub(super) findings_after: usize,
    pub(super) fitted: usize,
    pub(super) denial: Option<(RequestId, String)>,
    /// Records of both logs; none where a log is not whole.
    pub(super) audit: Option<(Option<u64>, Option<u64>)>,
    pub(super) took: Duration,
    fixes: Vec<String>,
    left: Vec<String>,
    values: Vec<String>,
    operations: Pair,
    unexplained: Vec<String>,
    requests: Option<(NormalRequests, NormalRequests)>,
    attacks: Option<Compared>,
    skipped: Option<String>,
}

/// The attacks of both phases, side by side.
#[derive(Debug, Default)]
struct Compared {
    /// Those that are no matter of the platform alone.
    of: usize,
    through: Pair,
    by_attacker: Vec<(&'static str, Pair)>,
    platform: usize,
    still: Vec<String>,
    layers: BTreeMap<&'static str, usize>,
    notes: BTreeSet<String>,
}

impl Told {
    /// What was mended, and what is left to a person.
    pub(super) fn mended(&mut self, done: &Mended, fit: &Fit, changes: &[(String, String, String)]) {
        self.fixes = done.applied.iter().map(|fix| format!("{}: {}", fix.id, fix.title)).collect();
        self.left = done
            .left
            .iter()
            .map(|left| format!("{}: {}; {}", left.finding.id(), left.finding.title, left.why))
            .collect();
        self.values = done.workspace.values.iter().map(|(name, _)| name.clone()).collect();
        self.fitted = fit.functions.iter().filter(|function| function.left.is_none()).count();
        self.operations = fit.functions.iter().fold((0, 0), |(today, fitted), function| {
            (today + function.operations.today, fitted + function.operations.fitted)
        });
        let kept = fit.functions.iter().filter_map(|function| Some((function, function.left.as_ref()?)));
        self.left.extend(kept.map(|(function, why)| format!("the permissions of `{}`: {why}", function.function)));
        let failed = fit.proof.failures.iter();
        self.left
            .extend(failed.map(|failure| format!("permissions: nothing is proposed, the proof failed: {failure}")));
        let unexplained = fit.unexplained.iter();
        self.unexplained =
            unexplained.map(|call| format!("{} {} on {}", call.function, call.action, call.resource)).collect();
        if changes.is_empty() {
            self.left.push("nothing could be mended by a program".to_owned());
        }
    }

    /// The phases that ran.
    pub(super) fn compare(&mut self, first: Phase, second: Phase) {
        self.attacks = Some(Compared::of(&first.attacks, &second.attacks));
        self.requests = Some((first.requests, second.requests));
    }

    /// `up` could not run, and why.
    pub(super) fn skipped(&mut self, why: &str) {
        self.skipped = Some(why.to_owned());
    }

    fn ok(&self) -> (Pair, Pair) {
        let counts = |requests: &NormalRequests| (requests.ok(), requests.requests.len());
        self.requests.as_ref().map_or(((0, 0), (0, 0)), |(first, second)| (counts(first), counts(second)))
    }

    fn verified(&self) -> bool {
        matches!(self.audit, Some((Some(_), Some(_))))
    }

    /// True if nothing gets through any more and everything that worked still works.
    pub(super) fn is_good(&self) -> bool {
        let ((before, _), (after, _)) = self.ok();
        let through = self.attacks.as_ref().map_or(0, |attacks| attacks.through.1);
        through == 0 && after >= before && (self.skipped.is_some() || self.verified())
    }

    /// `burgward/demo-v1`, one line.
    pub(super) fn json(&self) -> Value {
        let (before, after) = self.ok();
        let (of, through) = self.attacks.as_ref().map_or((0, (0, 0)), |attacks| (attacks.of, attacks.through));
        let mut line = json!({
            "schema": "burgward/demo-v1",
            "requests_before": { "ok": before.0, "of": before.1 },
            "attacks_before": { "through": through.0, "of": of },
            "requests_after": { "ok": after.0, "of": after.1 },
            "attacks_after": { "through": through.1, "of": of },
            "findings": { "before": self.findings_before, "after": self.findings_after },
            "audit_verified": self.verified(),
        });
        if let (Some(why), Some(fields)) = (&self.skipped, line.as_object_mut()) {
            fields.insert("skipped".to_owned(), why.clone().into());
        }
        line
    }

    /// The change first, as the thing to take home; then the table.
    pub(super) fn human(&self, diff: &str) -> String {
        let mut out = format!("THE CHANGE\n\n{diff}\n");
        list(&mut out, "MENDED", &self.fixes);
        list(&mut out, "LEFT TO YOU", &self.left);
        list(
            &mut out,
            "VALUES TO GIVE FROM NOW ON, with `--parameter-file`: replace them, they were in the template",
            &self.values,
        );
        list(&mut out, "SEEN WHILE OBSERVING, ASKED FOR BY NO CODE, NOT GRANTED", &self.few_unexplained());
        if let Some((id, story)) = &self.denial {
            let _ = writeln!(out, "ONE DENIAL, as `burgward explain {id}` tells it\n");
            for line in story.lines() {
                let _ = writeln!(out, "  {line}");
            }
            out.push('\n');
        }
        self.notes(&mut out);
        self.table(&mut out);
        out
    }

    fn few_unexplained(&self) -> Vec<String> {
        let mut few: Vec<String> = self.unexplained.iter().take(3).cloned().collect();
        if let Some(more @ 1..) = self.unexplained.len().checked_sub(few.len()) {
            few.push(format!("and {more} more: the attacks'"));
        }
        few
    }

    fn notes(&self, out: &mut String) {
        let Some((first, second)) = &self.requests else { return };
        for (phase, requests) in [("before", first), ("after", second)] {
            for failed in requests.requests.iter().filter(|request| !request.ok) {
                let line = format!("`{}` does not pass {phase} ({}): {}", failed.source, failed.route, failed.answer);
                let _ = writeln!(out, "note: {}", escape_terminal(&line));
            }
        }
        if first.requests.is_empty() {
            out.push_str(
                "note: the app has no `events/*.json` and no OpenAPI examples: no request shows that it still works\n",
            );
        }
        let of_attacks = self.attacks.iter().flat_map(|attacks| &attacks.notes);
        for note in first.notes.iter().chain(of_attacks).collect::<BTreeSet<_>>() {
            let _ = writeln!(out, "note: {}", escape_terminal(note));
        }
    }

    fn table(&self, out: &mut String) {
        let _ = writeln!(out, "{:44}{:>12}{:>12}", "", "BEFORE", "AFTER");
        if let Some(attacks) = &self.attacks {
            let ((ok, of), (later, of_later)) = self.ok();
            row(out, "normal requests that pass", format!("{ok} of {of}"), format!("{later} of {of_later}"));
            let (through, after, of) = (attacks.through.0, attacks.through.1, attacks.of);
            row(out, "attacks that get through", format!("{through} of {of}"), format!("{after} of {of}"));
            for (attacker, (through, after)) in &attacks.by_attacker {
                row(out, &format!("  {attacker}"), through, after);
            }
        }
        row(out, "findings", self.findings_before, self.findings_after);
        row(out, "operations that functions may do on stores", self.operations.0, self.operations.1);
        if let Some((first, second)) = self.audit {
            let words = |records: Option<u64>| records.map_or("BROKEN".to_owned(), |records| format!("{records}"));
            row(out, "records in the verified audit log", words(first), words(second));
        }
        self.below(out);
    }

    fn below(&self, out: &mut String) {
        out.push('\n');
        if let Some(attacks) = &self.attacks {
            let layers: Vec<String> = attacks.layers.iter().map(|(layer, count)| format!("{layer} {count}")).collect();
            let _ = writeln!(out, "stopped after by: {}", layers.join(", "));
            let _ = writeln!(
                out,
                "apart from those, {} attacks that the platform stops for every app alike",
                attacks.platform
            );
            list(out, "STILL THROUGH", &attacks.still);
        }
        if let Some(why) = &self.skipped {
            let _ = writeln!(
                out,
                "SKIPPED: running and attacking the app, since `up` could not run here:\n{}",
                escape_lines(why)
            );
        }
        let _ = writeln!(out, "{:.0} s", self.took.as_secs_f64());
    }
}

impl Compared {
    fn of(first: &Report, second: &Report) -> Self {
        let index = |report: &'_ Report| -> BTreeMap<String, Attack> {
            report.attacks.iter().map(|attack| (attack.id.clone(), attack.clone())).collect()
        };
        let (before, after) = (index(first), index(second));
        let ids: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let mut compared =
            Self { notes: first.notes.iter().chain(&second.notes).cloned().collect(), ..Self::default() };
        let mut by_attacker: BTreeMap<Attacker, Pair> = BTreeMap::new();
        for id in ids {
            let (was, is) = (before.get(id), after.get(id));
            // What could no longer be tried, such as stolen keys where nothing can be stolen, is stopped as well.
            let by_platform = |attack: Option<&Attack>| attack.is_none_or(Attack::is_platform_stop);
            if by_platform(was) && by_platform(is) {
                compared.platform += 1;
                continue;
            }
            compared.of += 1;
            let Some(attack) = is.or(was) else { continue };
            let through = |attack: Option<&Attack>| usize::from(attack.is_some_and(|attack| attack.through));
            let pair = (through(was), through(is));
            let sum = by_attacker.entry(attack.attacker).or_default();
            *sum = (sum.0 + pair.0, sum.1 + pair.1);
            compared.through = (compared.through.0 + pair.0, compared.through.1 + pair.1);
            match is {
                Some(is) if is.through => {
                    let line = format!("{} {}: {} -> {}", is.target, is.id, is.tried, is.came_back);
                    compared.still.push(escape_terminal(&line));
                }
                // A throttle that was not reached was not overcome either.
                Some(is) if is.stopped_by == StoppedBy::None => {
                    *compared.layers.entry("limit not reached").or_default() += 1;
                }
                Some(is) => *compared.layers.entry(is.stopped_by.name()).or_default() += 1,
                None => *compared.layers.entry("nothing left to try it with").or_default() += 1,
            }
        }
        compared.by_attacker = by_attacker.into_iter().map(|(attacker, pair)| (words(attacker), pair)).collect();
        compared
    }
}

fn words(attacker: Attacker) -> &'static str {
    match attacker {
        Attacker::Outsider => "by an outsider, with nothing",
        Attacker::Customer => "by a customer, with a valid token",
        Attacker::AssumedBreach => "from inside a function",
    }
}

fn row(out: &mut String, what: &str, before: impl std::fmt::Display, after: impl std::fmt::Display) {
    let _ = writeln!(out, "{what:44}{:>12}{:>12}", before.to_string(), after.to_string());
}

fn list(out: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "{title}");
    for line in lines {
        let _ = writeln!(out, "  {}", escape_lines(line).replace('\n', "\n    "));
    }
    out.push('\n');
}

fn escape_lines(text: &str) -> String {
    text.lines().map(escape_terminal).collect::<Vec<_>>().join("\n")
}
