//! Single permissions to statements.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::glob::covers;
use crate::{Evidence, Resource, Statement};

/// A statement of one action on one resource.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) resource: Resource,
    pub(crate) condition: Option<Value>,
    pub(crate) evidence: Evidence,
}

/// What one action is on under one condition.
type OfAction = (Option<Value>, BTreeSet<Resource>, Evidence);

/// Joins the actions that are on the same resources under the same condition.
pub(crate) fn merged(parts: Vec<Part>) -> Vec<Statement> {
    let mut by_action: BTreeMap<(String, String), OfAction> = BTreeMap::new();
    for part in parts {
        let text = part.condition.as_ref().map(Value::to_string).unwrap_or_default();
        let key = (part.evidence.action.clone(), text);
        let (_, resources, evidence) = by_action.entry(key).or_insert_with(|| {
            let blank = Evidence { action: part.evidence.action.clone(), ..Evidence::default() };
            (part.condition.clone(), BTreeSet::new(), blank)
        });
        resources.insert(part.resource);
        evidence.observed += part.evidence.observed;
        evidence.places.extend(part.evidence.places);
        evidence.remarks.extend(part.evidence.remarks);
    }
    let mut grouped: BTreeMap<(String, Vec<Resource>), Statement> = BTreeMap::new();
    for ((action, text), (condition, resources, mut evidence)) in by_action {
        let covered = |r: &Resource| resources.iter().any(|o| o.arn != r.arn && covers(&o.arn, &r.arn));
        let resources: Vec<_> = resources.iter().filter(|r| !covered(r)).cloned().collect();
        for list in [&mut evidence.places, &mut evidence.remarks] {
            list.sort_unstable();
            list.dedup();
        }
        let statement = grouped.entry((text, resources.clone())).or_insert_with(|| Statement {
            actions: Vec::new(),
            resources,
            condition,
            evidence: Vec::new(),
        });
        statement.actions.push(action);
        statement.evidence.push(evidence);
    }
    let mut all: Vec<_> = grouped.into_values().collect();
    all.sort_by(|a, b| (&a.actions, &a.resources).cmp(&(&b.actions, &b.resources)));
    all
}
