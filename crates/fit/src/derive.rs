//! One function: from its calls to the statements that it needs.

use std::collections::{BTreeMap, BTreeSet};

use burgward_code::{Code, Place};
use burgward_template::model::Function;
use serde_json::Value;

use crate::glob::{covers, is_pattern};
use crate::merge::{Part, merged};
use crate::need::{Listing, Need, Reader, Target, join};
use crate::ops::Kind;
use crate::remarks;
use crate::seen::{Observed, id};
use crate::source::{Source, names_in};
use crate::stores::{self, Store};
use crate::today::{Allowed, Today, texts};
use crate::value::{Hole, Resolver};
use crate::{Denied, Evidence, From, FunctionCode, Input, Resource, Statement, Unexplained};

/// What a fit knows of the app.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) input: &'a Input<'a>,
    pub(crate) source: Source,
    pub(crate) stores: Vec<Store>,
}

/// What a function needs.
#[derive(Debug, Default)]
pub(crate) struct Derived {
    pub(crate) statements: Vec<Statement>,
    pub(crate) denied: Vec<Denied>,
    pub(crate) dropped: Vec<String>,
    pub(crate) notes: Vec<String>,
    pub(crate) unexplained: Vec<Unexplained>,
}

/// An action on a resource that the code asks for.
#[derive(Debug, Default)]
struct Ask {
    places: BTreeSet<String>,
    remarks: BTreeSet<String>,
    listings: Vec<Listing>,
    /// The sender of the event chooses the resource.
    chosen: bool,
    /// The code does not tell which resource of this kind.
    open: Option<Kind>,
}

type Asks = BTreeMap<(String, Resource), Ask>;

/// Derives a function's statements; the error says why it cannot be fitted.
pub(crate) fn derive(scene: &Scene<'_>, function: &Function, today: &Today) -> Result<Derived, String> {
    let code = scene.input.code.iter().find(|c| c.function == function.logical_id);
    let code = code.ok_or("its code was not read")?;
    readable(code)?;
    carriable(today)?;
    let work = Work { scene, function, today, observed: Observed::of(scene.input, function), code };
    let derived = work.run();
    match circle(scene, function, &derived.statements) {
        Some(why) => Err(why),
        None => Ok(derived),
    }
}

/// A resource that itself waits for the function cannot be named by the function's role.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html> (circular dependencies)
fn circle(scene: &Scene<'_>, function: &Function, statements: &[Statement]) -> Option<String> {
    let resources = statements.iter().flat_map(|s| &s.resources);
    let mut named = resources.flat_map(|r| names_in(&r.written));
    let shared = scene.input.app.functions.iter().filter(|f| f.role == function.role).count() > 1;
    let waits = |name: &&str| {
        let on_role = !shared && scene.source.depends(name, &function.role);
        on_role || scene.source.depends(name, &function.logical_id)
    };
    let name = named.find(waits)?;
    Some(format!("`{name}` depends on the function, so that a role which names it would be a circular dependency"))
}

/// Code that is not understood, and calls that only running it would show, leave today's permissions as they are.
fn readable(code: &FunctionCode<'_>) -> Result<(), String> {
    if let Some(fault) = code.code.unparsed.first() {
        let at = fault.place.map(|p| format!("{}: ", place(code, p))).unwrap_or_default();
        return Err(format!("{at}{}", fault.why));
    }
    let undecided: Vec<_> =
        code.code.undecided.iter().map(|u| format!("{}: {}", place(code, u.place), u.why)).collect();
    if undecided.is_empty() { Ok(()) } else { Err(undecided.join("; ")) }
}

/// Statements whose meaning would change when they are carried into another document.
fn carriable(today: &Today) -> Result<(), String> {
    let variable = |value: Option<&Value>| value.is_some_and(|v| v.to_string().contains("${"));
    for statement in today.allows.iter().filter(|w| !w.kept) {
        if variable(statement.value.get("Resource")) || variable(statement.value.get("NotResource")) {
            let place = statement.span.place();
            return Err(format!("{place}: the statement names resources by a policy variable, which is not fitted"));
        }
    }
    let old = |w: &&crate::today::Written| !w.variables && variable(Some(&w.value));
    match today.allows.iter().chain(&today.denies).find(old) {
        Some(statement) => Err(format!(
            "{}: the statement has `${{`, and would mean something else in a document of version 2012-10-17",
            statement.span.place()
        )),
        None => Ok(()),
    }
}

/// `file:line` of a place in a function's code.
pub(crate) fn place(code: &FunctionCode<'_>, place: Place) -> String {
    let file = code.files.get(place.file as usize);
    file.map_or_else(|| "(unknown file)".to_owned(), |f| format!("{}:{}", f.name(), f.position(place.start).line))
}

struct Work<'a> {
    scene: &'a Scene<'a>,
    function: &'a Function,
    today: &'a Today,
    observed: Observed<'a>,
    code: &'a FunctionCode<'a>,
}

impl Work<'_> {
    fn run(&self) -> Derived {
        let needs = self.needs(self.code.code, true);
        let mut asks = self.asks(&needs);
        let mut derived = Derived::default();
        self.drop_unobserved(&mut asks, &mut derived);
        let mut parts = Vec::new();
        for ((action, resource), ask) in &asks {
            self.grant(action, resource, ask, &mut parts, &mut derived);
        }
        self.unexplained(&needs, &asks, &mut parts, &mut derived);
        derived.statements = merged(parts);
        remarks::of_listing(&mut derived.statements);
        derived.notes.extend(self.beside(&derived.statements));
        derived
    }

    /// The calls in code that the handler does not reach, unless what they ask for is granted for others.
    fn beside(&self, statements: &[Statement]) -> Option<String> {
        let granted = |action: &str, arn: &str| {
            let mut fit = statements.iter().filter(|s| s.actions.iter().any(|a| a == action));
            fit.any(|s| s.resources.iter().any(|r| covers(&r.arn, arn)))
        };
        let mut calls: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for ((action, resource), ask) in self.asks(&self.needs(self.code.code, false)) {
            if !granted(&action, &resource.arn) {
                calls.entry(action).or_default().extend(ask.places);
            }
        }
        remarks::beside(&calls)
    }

    /// The needs of calls that the handler reaches, or of the others.
    fn needs(&self, code: &Code, reached: bool) -> Vec<Need> {
        let scene = self.scene;
        let resolver = Resolver { app: scene.input.app, source: &scene.source, function: self.function };
        let reader = Reader { resolver, stores: &scene.stores };
        code.calls
            .iter()
            .filter(|call| call.reached == reached)
            .flat_map(|call| reader.needs(call, &place(self.code, call.place)))
            .collect()
    }

    /// Needs by action and resource, those on open resources resolved.
    fn asks(&self, needs: &[Need]) -> Asks {
        let mut asks = Asks::new();
        for need in needs {
            for target in &need.targets {
                let open = if let Target::Open { kind, hole, .. } = target { Some((*kind, *hole)) } else { None };
                let (resources, remark) = self.resources(&need.action, target);
                for resource in resources {
                    let ask = asks.entry((need.action.clone(), resource)).or_default();
                    ask.places.insert(need.place.clone());
                    ask.remarks.extend(need.remarks.iter().cloned().chain(remark.clone()));
                    ask.listings.extend(need.listing.clone());
                    ask.chosen |= open.is_some_and(|(_, hole)| hole == Hole::Event);
                    ask.open = ask.open.or(open.map(|(kind, _)| kind));
                }
            }
        }
        asks
    }

    /// The resources that a target means, and what is not exact about them.
    fn resources(&self, action: &str, target: &Target) -> (Vec<Resource>, Option<String>) {
        match target {
            Target::Known(resource) => (vec![resource.clone()], None),
            Target::Anything | Target::Unlisted => (self.as_today(action), None),
            Target::Open { kind, name, tail, hole } => self.opened(action, *kind, name, tail, *hole),
        }
    }

    /// `*` if today's role allows it so; else the resources that it allows the action on.
    fn as_today(&self, action: &str) -> Vec<Resource> {
        let any = Resource { arn: "*".to_owned(), written: "*".to_owned() };
        if self.today.allows(action, "*") != Allowed::No {
            return vec![any];
        }
        let within: Vec<_> = self.today.within(action, "*").iter().map(|arn| self.by_text(arn)).collect();
        if within.is_empty() { vec![any] } else { within }
    }

    fn by_text(&self, arn: &str) -> Resource {
        let written = stores::written(self.scene.input.app, &self.scene.stores, arn);
        Resource { arn: arn.to_owned(), written }
    }

    /// The resources that an argument may mean which the code does not tell: those of the kind that the template declares
    /// or that today's policy names. Observation makes the set smaller, unless the sender of the event chooses.
    fn opened(
        &self,
        action: &str,
        kind: Kind,
        name: &str,
        tail: &Resource,
        hole: Hole,
    ) -> (Vec<Resource>, Option<String>) {
        let fits = |s: &&Store| s.kind == kind && (covers(name, &s.name) || covers(name, &s.resource.arn));
        let mut bases: Vec<_> = self.scene.stores.iter().filter(fits).map(|s| s.resource.clone()).collect();
        bases.extend(self.named_today(kind).iter().map(|arn| self.by_text(arn)));
        bases.retain(|base| {
            let all = join(base, tail);
            self.today.allows(action, &all.arn) != Allowed::No || !self.today.within(action, &all.arn).is_empty()
        });
        bases.sort();
        bases.dedup();
        if bases.is_empty() {
            let remark = "which resource is not known: not narrowed, as today's role has it".to_owned();
            return (self.as_today(action), Some(remark));
        }
        let all = |bases: &[Resource]| bases.iter().map(|base| join(base, tail)).collect::<Vec<_>>();
        let seen = |base: &Resource| self.observed.with(action).any(|s| inside(kind, &base.arn, &s.resource));
        let observed: Vec<_> = bases.iter().filter(|base| seen(base)).cloned().collect();
        if hole == Hole::Event {
            let remark =
                "the sender of the request chooses which resource: not narrowed, and observation is not believed";
            return (all(&bases), Some(remark.to_owned()));
        }
        if self.scene.input.from == From::Static || observed.is_empty() {
            let remark = (bases.len() > 1).then(|| "which resource is not known: not narrowed".to_owned());
            return (all(&bases), remark);
        }
        let remark = (observed.len() < bases.len()).then(|| remarks::left_out(&self.scene.stores, &bases, &observed));
        (all(&observed), remark)
    }

    /// Resources of a kind that today's statements name without a wildcard and that are not the template's.
    fn named_today(&self, kind: Kind) -> Vec<String> {
        let own = self.today.allows.iter().filter(|w| !w.kept).flat_map(|w| texts(&w.value, "Resource"));
        let named = own.filter_map(|arn| stores::container(kind, arn));
        let mut all: Vec<_> =
            named.filter(|arn| !is_pattern(arn) && stores::holding(&self.scene.stores, arn).is_none()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// `From::Observed`: what was not observed goes, with a warning.
    fn drop_unobserved(&self, asks: &mut Asks, derived: &mut Derived) {
        if self.scene.input.from != From::Observed {
            return;
        }
        // Where the sender chooses, which resource was seen says nothing; that the action was, does.
        let chosen: Vec<_> = asks.iter().filter(|(_, ask)| ask.chosen).map(|(key, _)| key.clone()).collect();
        let any = |action: &str| {
            let mut same = chosen.iter().filter(|(other, _)| other == action);
            same.any(|(_, resource)| self.observed.count(action, &resource.arn) > 0)
        };
        asks.retain(|(action, resource), ask| {
            let kept = self.observed.count(action, &resource.arn) > 0 || (ask.chosen && any(action));
            if !kept {
                let places = ask.places.iter().cloned().collect::<Vec<_>>().join(", ");
                derived.dropped.push(format!("{action} on {} ({places})", resource.arn));
            }
            kept
        });
        if !derived.dropped.is_empty() {
            let text = "ways through the code that were not observed will be denied: see what was dropped";
            derived.notes.push(text.to_owned());
        }
    }

    /// What today's role grants of an ask, with today's conditions.
    fn grant(&self, action: &str, resource: &Resource, ask: &Ask, parts: &mut Vec<Part>, derived: &mut Derived) {
        let listings: Vec<_> = ask.listings.iter().collect();
        let listing = Listing::condition(&listings);
        let part = |resource: Resource, condition: Option<Value>, remark: Option<&str>| {
            let observed = self.observed.count(action, &resource.arn);
            let remarks = ask.remarks.iter().cloned().chain(remark.map(str::to_owned)).collect();
            let places = ask.places.iter().cloned().collect();
            Part { resource, condition, evidence: Evidence { action: action.to_owned(), places, observed, remarks } }
        };
        match self.today.allows(action, &resource.arn) {
            Allowed::Freely => parts.push(part(resource.clone(), listing, None)),
            Allowed::If(conditions) => {
                parts.extend(conditions.into_iter().map(|c| part(resource.clone(), Some(c), None)));
            }
            Allowed::No => {
                let within =
                    if is_pattern(&resource.arn) { self.today.within(action, &resource.arn) } else { Vec::new() };
                if within.is_empty() {
                    let places = ask.places.iter().cloned().collect();
                    let any = ask.open.filter(|_| resource.arn == "*").map(remarks::any);
                    let resource = any.unwrap_or_else(|| resource.arn.clone());
                    derived.denied.push(Denied { action: action.to_owned(), resource, places });
                }
                for arn in within {
                    let remark = Some("no more of it than today's role allows");
                    match self.today.allows(action, &arn) {
                        Allowed::Freely => parts.push(part(self.by_text(&arn), listing.clone(), remark)),
                        Allowed::If(conditions) => {
                            parts.extend(conditions.into_iter().map(|c| part(self.by_text(&arn), Some(c), remark)));
                        }
                        Allowed::No => {}
                    }
                }
            }
        }
    }

    /// Observed calls that no ask covers. One that is accepted is granted on exactly its resource.
    fn unexplained(&self, needs: &[Need], asks: &Asks, parts: &mut Vec<Part>, derived: &mut Derived) {
        let explained = |action: &str, resource: &str| {
            asks.iter().any(|((a, r), _)| a.eq_ignore_ascii_case(action) && covers(&r.arn, resource))
        };
        let mut found: BTreeMap<(String, String), u64> = BTreeMap::new();
        for seen in self.observed.all().filter(|s| !explained(&s.action, &s.resource)) {
            *found.entry((seen.action.clone(), seen.resource.clone())).or_default() += seen.count;
        }
        let function = &self.function.logical_id;
        let ids: Vec<_> = found.keys().map(|(action, resource)| id(function, action, resource)).collect();
        for (((action, resource), count), id) in found.iter().zip(&ids) {
            let unique = ids.iter().filter(|other| *other == id).count() == 1;
            let named = unique && self.scene.input.accepted.contains(id);
            let allowed = !is_pattern(resource) && !resource.contains("${");
            let conditions = match self.today.allows(action, resource) {
                Allowed::Freely => vec![None],
                Allowed::If(conditions) => conditions.into_iter().map(Some).collect(),
                Allowed::No => Vec::new(),
            };
            let accepted = named && allowed && !conditions.is_empty();
            if accepted {
                let remarks = vec![format!("observed without code behind it, accepted as {id}")];
                for condition in conditions {
                    let evidence = Evidence {
                        action: action.clone(),
                        places: Vec::new(),
                        observed: *count,
                        remarks: remarks.clone(),
                    };
                    parts.push(Part { resource: self.by_text(resource), condition, evidence });
                }
            }
            derived.unexplained.push(Unexplained {
                id: id.clone(),
                function: function.clone(),
                action: action.clone(),
                resource: resource.clone(),
                count: *count,
                accepted,
                remark: self.hint(needs, action, resource, named && !accepted),
            });
        }
    }

    /// What an unexplained call may be.
    fn hint(&self, needs: &[Need], action: &str, resource: &str, refused: bool) -> String {
        if refused {
            return "it cannot be granted: today's role does not allow it, or its resource has a wildcard".to_owned();
        }
        let reads = |n: &Need| n.action == "s3:GetObject" && n.targets.iter().any(|t| on_bucket(t, resource));
        if action.eq_ignore_ascii_case("s3:ListBucket") && needs.iter().any(reads) {
            return "S3 asks for it when a key that is read does not exist: 404 with it, 403 without".to_owned();
        }
        let beside = self.needs(self.code.code, false);
        if beside.iter().any(|n| n.action.eq_ignore_ascii_case(action)) {
            return "code beside it asks for this action, but the handler does not seem to reach that code".to_owned();
        }
        if needs.iter().any(|n| n.action.eq_ignore_ascii_case(action)) {
            return "the code has this action, but not on this resource".to_owned();
        }
        String::new()
    }
}

fn on_bucket(target: &Target, bucket: &str) -> bool {
    match target {
        Target::Known(resource) => resource.arn.split_once('/').is_some_and(|(own, _)| own == bucket),
        Target::Open { kind, .. } => *kind == Kind::Bucket,
        Target::Anything | Target::Unlisted => false,
    }
}

/// Whether an ARN is a resource or lies inside of it.
fn inside(kind: Kind, base: &str, arn: &str) -> bool {
    arn == base || stores::container(kind, arn).is_some_and(|container| container == base)
}
