//! ARN patterns, matched segment by segment.
//!
//! Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN>

use crate::Context;
use crate::glob::{Match, Pattern, Reading};

/// An ARN's six parts: a wildcard in one of the first five never reaches over a colon; the sixth keeps its colons.
#[derive(Debug)]
pub(crate) enum ArnPattern {
    /// `*`.
    Any,
    /// The first five parts hold no wildcard: one comparison, colons included.
    Head { head: Box<str>, tail: Pattern },
    /// Part by part.
    Parts(Box<[Pattern; 6]>),
    /// Fewer parts, the last of which ends with `*`: it "can expand to match beyond the colon boundaries".
    Whole(Pattern),
}

/// Which ARNs may hold variables where.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// In `Resource`: variables only after the fifth colon.
    Resource,
    /// In a condition: anywhere.
    Condition,
}

impl ArnPattern {
    pub(crate) fn compile(text: &str, variables: bool, usage: Use) -> Result<Self, String> {
        let reading = Reading { wildcards: true, variables };
        if text == "*" {
            return Ok(Self::Any);
        }
        let parts = split(text, variables);
        let Some((tail, head)) = parts.split_last().filter(|_| parts.len() == 6) else {
            return Self::short(text, &parts, reading, usage);
        };
        if !["arn", "*"].contains(&parts.first().copied().unwrap_or("")) {
            return Err(format!("`{text}` is not an ARN"));
        }
        let special = |part: &&str| part.contains(['*', '?']) || variables && part.contains("${");
        if usage == Use::Resource && variables && head.iter().any(|part| part.contains("${")) {
            return Err(format!("`{text}` has a policy variable before the fifth colon, where AWS replaces none"));
        }
        if !head.iter().any(special) {
            let head = format!("{}:", head.join(":"));
            return Ok(Self::Head { head: head.into(), tail: Pattern::compile(tail, reading)? });
        }
        let mut compiled = [const { Pattern::Any }; 6];
        for (slot, part) in compiled.iter_mut().zip(&parts) {
            *slot = Pattern::compile(part, reading)?;
        }
        Ok(Self::Parts(Box::new(compiled)))
    }

    fn short(text: &str, parts: &[&str], reading: Reading, usage: Use) -> Result<Self, String> {
        let open = parts.first().is_some_and(|first| *first == "arn") && text.ends_with('*') && !text.ends_with("${*}");
        let variable = usage == Use::Condition && reading.variables && text.contains("${");
        if open || variable {
            Pattern::compile(text, reading).map(Self::Whole)
        } else {
            Err(format!("`{text}` is not an ARN"))
        }
    }

    pub(crate) fn matches(&self, text: &str, context: &Context) -> Match {
        match self {
            Self::Any => Match::Yes,
            // Most patterns of a policy share their heads, so that a plain tail tells them apart sooner.
            Self::Head { head, tail: Pattern::Exact(exact) } => {
                (text.len() == head.len() + exact.len() && text.ends_with(&**exact) && text.starts_with(&**head)).into()
            }
            Self::Head { head, tail: Pattern::Prefix(prefix) } => {
                let last = text.as_bytes().get((head.len() + prefix.len()).saturating_sub(1));
                let near = prefix.is_empty() || last == prefix.as_bytes().last();
                (near && text.strip_prefix(&**head).is_some_and(|rest| rest.starts_with(&**prefix))).into()
            }
            Self::Head { head, tail } => match text.strip_prefix(&**head) {
                Some(rest) => tail.matches(rest, context),
                None => Match::No,
            },
            Self::Whole(pattern) => pattern.matches(text, context),
            Self::Parts(patterns) => {
                let mut parts = text.splitn(6, ':');
                let mut outcome = Match::Yes;
                for pattern in patterns.iter() {
                    let Some(part) = parts.next() else { return Match::No };
                    match pattern.matches(part, context) {
                        Match::Yes => {}
                        Match::No => return Match::No,
                        Match::Null => outcome = Match::Null,
                    }
                }
                outcome
            }
        }
    }
}

/// Splits at the first five colons that stand outside `${...}`.
fn split(text: &str, variables: bool) -> Vec<&str> {
    let (mut parts, mut from, mut inside, mut before) = (Vec::new(), 0, false, '\0');
    for (at, c) in text.char_indices() {
        match c {
            '{' if before == '$' && variables => inside = true,
            '}' => inside = false,
            ':' if !inside && parts.len() < 5 => {
                parts.extend(text.get(from..at));
                from = at + 1;
            }
            _ => {}
        }
        before = c;
    }
    parts.extend(text.get(from..));
    parts
}
