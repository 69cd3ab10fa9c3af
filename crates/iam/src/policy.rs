//! A compiled policy.

use burgward_types::Principal;
use serde_json::Value;

use crate::action::{ActionPattern, Asked};
use crate::arn::ArnPattern;
use crate::condition::Condition;
use crate::glob::Match;
use crate::index::Index;
use crate::json::Json;
use crate::parse;
use crate::principal::{Closeness, Named, spared};
use crate::{PolicyError, Request};

/// What a policy is attached to; this decides which elements it must and must not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKind {
    /// Identity policies, boundaries, session and service control policies: no `Principal`.
    Identity,
    /// Resource, endpoint and resource control policies: with a `Principal`.
    Resource,
    /// A role's trust policy: with a `Principal`, without a `Resource`.
    Trust,
}

/// A parsed and compiled policy document; it never changes.
#[derive(Debug)]
pub struct Policy {
    pub(crate) name: Box<str>,
    pub(crate) kind: PolicyKind,
    pub(crate) statements: Vec<Statement>,
    pub(crate) denies: Index,
    pub(crate) allows: Index,
    /// Why the document could not be read; such a policy denies everything.
    pub(crate) refused: Option<Box<str>>,
}

/// One statement.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) sid: Option<Box<str>>,
    pub(crate) place: Option<Box<str>>,
    pub(crate) deny: bool,
    pub(crate) principals: Principals,
    pub(crate) actions: Actions,
    pub(crate) resources: Resources,
    pub(crate) conditions: Vec<Condition>,
}

/// Whom a statement is about.
#[derive(Debug)]
pub(crate) enum Principals {
    /// Whoever the policy is attached to.
    Holder,
    Only(Vec<Named>),
    /// `NotPrincipal`.
    Except(Vec<Named>),
}

/// `Action` or `NotAction`.
#[derive(Debug)]
pub(crate) struct Actions {
    pub(crate) negated: bool,
    pub(crate) patterns: Vec<ActionPattern>,
}

/// `Resource` or `NotResource`; without either the statement is about the resource the policy is attached to.
#[derive(Debug)]
pub(crate) struct Resources {
    pub(crate) negated: bool,
    pub(crate) patterns: Option<Vec<ArnPattern>>,
}

impl Statement {
    /// Whether the statement applies, and how closely it names who asks.
    ///
    /// `bounded` tells whether the principal has a permissions boundary, see [`Principals::Except`].
    pub(crate) fn applies(&self, asked: &Asked<'_>, bounded: bool) -> Option<Closeness> {
        let request = asked.request;
        if !self.actions.matches(asked) || !self.resources.matches(request, self.deny) {
            return None;
        }
        let closeness = self.principals.names(request.principal, bounded)?;
        self.conditions.iter().all(|condition| condition.holds(request.context)).then_some(closeness)
    }
}

impl Actions {
    pub(crate) fn matches(&self, asked: &Asked<'_>) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(asked)) != self.negated
    }
}

impl Resources {
    /// A variable without a value is like nothing. In `NotResource` that would make an allowing statement wider, so
    /// there it must not apply: AWS calls such a statement invalid.
    pub(crate) fn matches(&self, request: &Request<'_>, deny: bool) -> bool {
        let Some(patterns) = &self.patterns else { return true };
        let mut hits = patterns.iter().map(|p| p.matches(request.resource, request.context));
        if self.negated {
            hits.all(|hit| hit == Match::No || hit == Match::Null && deny)
        } else {
            hits.any(|hit| hit == Match::Yes)
        }
    }
}

impl Principals {
    /// A denying `NotPrincipal` "will always deny any IAM principal that has a permissions boundary policy attached".
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
    pub(crate) fn names(&self, principal: &Principal, bounded: bool) -> Option<Closeness> {
        match self {
            Self::Holder => Some(Closeness::Itself),
            Self::Only(named) => named.iter().filter_map(|n| n.names(principal)).max(),
            Self::Except(listed) => (bounded || !spared(listed, principal)).then_some(Closeness::Itself),
        }
    }
}

impl Policy {
    /// Parses and compiles a document. Whatever AWS would reject, and whatever this engine cannot decide by, is an
    /// error: a statement skipped in silence may be a lost denial.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
    pub fn parse(text: &str, name: &str, kind: PolicyKind) -> Result<Self, PolicyError> {
        parse::from_text(text, name, kind)
    }

    /// The same for a document that was read already; `places[i]` tells where statement `i` stands, as `file:line`.
    pub fn from_value(v: &Value, name: &str, kind: PolicyKind, places: &[String]) -> Result<Self, PolicyError> {
        let json = Json::from_value(v, 0).map_err(|e| PolicyError {
            policy: name.to_owned(),
            place: places.first().cloned().unwrap_or_else(|| "the document".to_owned()),
            problem: e.problem,
            hint: "a policy is a flat JSON object".to_owned(),
        })?;
        parse::from_json(&json, name, kind, parse::Origin::Value(places))
    }

    /// A policy that stands in for one that could not be read: it denies everything, and says why.
    #[must_use]
    pub fn refused(name: &str, kind: PolicyKind, error: &PolicyError) -> Self {
        Self {
            name: name.into(),
            kind,
            statements: Vec::new(),
            denies: Index::default(),
            allows: Index::default(),
            refused: Some(error.to_string().into()),
        }
    }

    /// The name the caller gave.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the policy is attached to.
    #[must_use]
    pub fn kind(&self) -> PolicyKind {
        self.kind
    }

    /// Why the policy denies everything, if it stands in for one that could not be read.
    #[must_use]
    pub fn refusal(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    /// How many statements there are.
    #[must_use]
    pub fn statement_count(&self) -> usize {
        self.statements.len()
    }

    /// Where statement `i` stands: `file:line`, or `line:column` of the text.
    #[must_use]
    pub fn statement_place(&self, i: usize) -> Option<&str> {
        self.statements.get(i)?.place.as_deref()
    }

    /// The `Sid` of statement `i`.
    #[must_use]
    pub fn statement_sid(&self, i: usize) -> Option<&str> {
        self.statements.get(i)?.sid.as_deref()
    }

    /// The first statement of an index that applies.
    pub(crate) fn first(&self, index: &Index, asked: &Asked<'_>, bounded: bool) -> Option<u32> {
        let applies = |i: &u32| self.statements.get(*i as usize).is_some_and(|s| s.applies(asked, bounded).is_some());
        index.candidates(asked.keys).iter().copied().find(applies)
    }

    /// The allowing statement that names who asks most closely, the earliest of equals.
    pub(crate) fn closest_allow(&self, asked: &Asked<'_>) -> Option<(Closeness, u32)> {
        let mut best: Option<(Closeness, u32)> = None;
        for i in self.allows.candidates(asked.keys).iter().copied() {
            let closeness = self.statements.get(i as usize).and_then(|s| s.applies(asked, false));
            if let Some(closeness) = closeness.filter(|c| best.is_none_or(|(b, _)| *c > b)) {
                best = Some((closeness, i));
                if closeness == Closeness::Itself {
                    break;
                }
            }
        }
        best
    }
}
