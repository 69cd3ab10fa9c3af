//! Which statements may be about an action: found by the action's service and the first letter of its name, so that a
//! decision looks at few statements of a long policy.
//!
//! An index only narrows: every candidate is still matched in full, and candidates come in the policy's order.

use crate::action::{ActionPattern, Keys, Place};
use crate::policy::Statement;

/// The statements of one effect, by what their actions begin with.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// All of them, in the policy's order.
    all: Vec<u32>,
    /// Those whose actions may be of any service: `*`, `s*:Get`, `NotAction`.
    wild: Vec<u32>,
    /// A hash table of the others by service, or by service and first letter, with whatever is wider mixed in: one list
    /// holds all candidates. Its length is zero or a power of two, and at least one slot is free.
    slots: Vec<Option<(u128, Box<[u32]>)>>,
}

impl Index {
    /// The index of the denying or of the allowing statements.
    pub(crate) fn of(statements: &[Statement], deny: bool) -> Self {
        let (mut all, mut wild, mut placed) = (Vec::new(), Vec::new(), Vec::new());
        for (i, statement) in statements.iter().enumerate().filter(|(_, s)| s.deny == deny) {
            let i = u32::try_from(i).unwrap_or(u32::MAX);
            all.push(i);
            let found = statement.actions.patterns.iter().map(ActionPattern::place);
            if statement.actions.negated || found.clone().any(|place| place == Place::Wild) {
                wild.push(i);
            } else {
                placed.extend(found.filter_map(Place::keys).map(|keys| (keys, i)));
            }
        }
        placed.sort_unstable();
        placed.dedup();
        let Some(lists) = lists(&placed, &wild, all.len()) else {
            return Self { wild: all.clone(), all, slots: Vec::new() };
        };
        let mut slots = vec![None; if lists.is_empty() { 0 } else { (lists.len() * 2).next_power_of_two() }];
        for (key, list) in lists {
            let free = probe(slots.len(), key).find(|at| slots.get(*at).is_some_and(Option::is_none));
            if let Some(slot) = free.and_then(|at| slots.get_mut(at)) {
                *slot = Some((key, list));
            }
        }
        Self { all, wild, slots }
    }

    /// All statements of the effect.
    pub(crate) fn all(&self) -> &[u32] {
        &self.all
    }

    /// The statements that may be about an action, in the policy's order.
    pub(crate) fn candidates(&self, keys: Keys) -> &[u32] {
        if self.slots.is_empty() {
            return &self.wild;
        }
        keys.name.and_then(|key| self.list(key)).or_else(|| self.list(keys.service)).unwrap_or(&self.wild)
    }

    fn list(&self, key: u128) -> Option<&[u32]> {
        for at in probe(self.slots.len(), key) {
            match self.slots.get(at) {
                Some(Some((own, list))) if *own == key => return Some(list),
                Some(Some(_)) => {}
                Some(None) | None => return None,
            }
        }
        None
    }
}

/// The slots a key may be in, in order.
fn probe(slots: usize, key: u128) -> impl Iterator<Item = usize> {
    let folded = (key ^ (key >> 64)) & u128::from(u64::MAX);
    let hash = u64::try_from(folded).unwrap_or_default().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let start = usize::try_from(hash >> 40).unwrap_or_default();
    (0..slots).map(move |step| start.wrapping_add(step) & slots.wrapping_sub(1))
}

/// A list of candidates for every key; `None` if mixing them would take far more room than the policy does.
fn lists(placed: &[(Keys, u32)], wild: &[u32], statements: usize) -> Option<Vec<(u128, Box<[u32]>)>> {
    let mut room = statements.saturating_mul(16).saturating_add(4096);
    let mut lists = Vec::new();
    for of_service in placed.chunk_by(|(a, _), (b, _)| a.service == b.service) {
        // Keys without a name sort before those with one.
        let wide = of_service.iter().take_while(|(keys, _)| keys.name.is_none());
        let wide: Vec<u32> = wide.map(|(_, i)| *i).chain(wild.iter().copied()).collect();
        for same in of_service.chunk_by(|(a, _), (b, _)| a == b) {
            let Some((keys, _)) = same.first() else { continue };
            let mut list = wide.clone();
            if keys.name.is_some() {
                list.extend(same.iter().map(|(_, i)| *i));
            }
            list.sort_unstable();
            list.dedup();
            room = room.checked_sub(list.len())?;
            lists.push((keys.name.unwrap_or(keys.service), list.into()));
        }
    }
    Some(lists)
}
