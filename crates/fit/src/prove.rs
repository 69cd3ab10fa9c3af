//! The proof: decisions of the edited template's roles.

use burgward_template::model::App;

use crate::glob::covers;
use crate::ops::{Inside, Kind, actions_on};
use crate::stores::{self, Store};
use crate::today::{Allowed, Today};
use crate::{Fit, Fitted, Proof, Statement};

/// Kinds of stores whose every operation is tried.
const STORES: [Kind; 4] = [Kind::Table, Kind::Bucket, Kind::Parameter, Kind::Secret];

/// An operation on a store.
pub(crate) struct Try {
    pub(crate) action: String,
    pub(crate) resource: String,
}

/// Every operation of the tables on every store of the app.
pub(crate) fn tries(stores: &[Store]) -> Vec<Try> {
    let mut all = Vec::new();
    for kind in STORES {
        let actions = actions_on(kind);
        for store in stores.iter().filter(|s| s.kind == kind) {
            let arn = &store.resource.arn;
            let one = |(action, inside): &(String, Inside)| {
                let tail = match inside {
                    Inside::Itself => "",
                    Inside::Stream => "/stream/2026-01-01T00:00:00.000",
                    Inside::Object => "/proof/of an object",
                    Inside::LogStream => ":log-stream:proof",
                };
                Try { action: action.clone(), resource: format!("{arn}{tail}") }
            };
            all.extend(actions.iter().map(one));
            if kind == Kind::Table {
                let index = |action: &str| Try { action: action.to_owned(), resource: format!("{arn}/index/proof") };
                all.extend(["dynamodb:Query", "dynamodb:Scan"].map(index));
            }
        }
    }
    all
}

/// Proves a fit against the app that its edits make: every needed and every confirmed call is allowed, and every other
/// operation on the template's stores is denied. Conditions are taken as met: what is denied here is denied always.
#[must_use]
pub fn prove(fit: &Fit, patched: &App) -> Proof {
    let tries = tries(&stores::of(patched));
    let mut proof = Proof::default();
    for fitted in fit.functions.iter().filter(|f| f.left.is_none()) {
        if let Err(why) = of_function(fitted, patched, &tries, &mut proof) {
            proof.failures.push(format!("{}: {why}", fitted.function));
        }
    }
    proof
}

fn of_function(fitted: &Fitted, patched: &App, tries: &[Try], proof: &mut Proof) -> Result<(), String> {
    let function = patched.function(&fitted.function).ok_or("it is gone")?;
    let role = patched.role(&function.role).ok_or("it has no role")?;
    let today = Today::of(role, patched)?;
    if let Some(other) =
        patched.functions.iter().find(|f| f.role == function.role && f.logical_id != function.logical_id)
    {
        return Err(format!("its role still serves `{}`", other.logical_id));
    }
    for (statement, action, resource) in fitted.statements.iter().flat_map(single) {
        proof.checked += 1;
        let wanted = if statement.condition.is_none() { Allowed::Freely } else { Allowed::No };
        let got = today.allows(action, resource);
        if got == Allowed::No || (wanted == Allowed::Freely && got != Allowed::Freely) {
            proof.failures.push(format!("{}: {action} on {resource} is needed and not allowed", fitted.function));
        }
    }
    for Try { action, resource } in tries {
        proof.checked += 1;
        if today.may(action, resource) && !is_wanted(&fitted.statements, action, resource) {
            proof.failures.push(format!("{}: {action} on {resource} is not needed and allowed", fitted.function));
        }
    }
    Ok(())
}

fn single(statement: &Statement) -> impl Iterator<Item = (&Statement, &str, &str)> {
    let pairs = statement.actions.iter().flat_map(|a| statement.resources.iter().map(move |r| (a, r)));
    pairs.map(move |(action, resource)| (statement, action.as_str(), resource.arn.as_str()))
}

fn is_wanted(statements: &[Statement], action: &str, resource: &str) -> bool {
    let fits = |(_, a, r): (&Statement, &str, &str)| a.eq_ignore_ascii_case(action) && covers(r, resource);
    statements.iter().flat_map(single).any(fits)
}
