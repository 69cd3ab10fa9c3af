//! Action patterns. Actions are compared without case, and almost every comparison fails: the first sixteen bytes decide
//! most of them in one instruction.

use crate::Request;
use crate::glob::{Match, Pattern, Reading};

const HEAD: usize = 16;

/// The first bytes of an action in lower case, padded with zeros.
fn head_of(action: &[u8]) -> u128 {
    let mut head = [0_u8; HEAD];
    for (slot, byte) in head.iter_mut().zip(action) {
        *slot = byte.to_ascii_lowercase();
    }
    u128::from_le_bytes(head)
}

/// A request with what every statement would compute again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) request: &'a Request<'a>,
    head: u128,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(request: &'a Request<'a>) -> Self {
        Self { request, head: head_of(request.action.as_bytes()) }
    }
}

/// A compiled entry of `Action` or `NotAction`.
#[derive(Debug)]
pub(crate) struct ActionPattern {
    head: u128,
    mask: u128,
    /// Head and mask say all: an exact pattern or a prefix that is short enough.
    complete: bool,
    pattern: Pattern,
}

impl ActionPattern {
    pub(crate) fn compile(text: &str) -> Result<Self, String> {
        let text = text.to_ascii_lowercase();
        let pattern = Pattern::compile(&text, Reading { wildcards: true, variables: false })?;
        let literal = text.split(['*', '?']).next().unwrap_or("").as_bytes();
        // An exact pattern shorter than the head also compares the padding, so that longer actions differ.
        let exact = matches!(pattern, Pattern::Exact(_));
        let compared = if exact { HEAD } else { literal.len().min(HEAD) };
        let mask = (0..compared).fold(0, |mask: u128, at| mask | 0xff << (8 * at));
        let complete = match pattern {
            Pattern::Any => true,
            Pattern::Exact(_) => literal.len() < HEAD,
            Pattern::Prefix(_) => literal.len() <= HEAD,
            Pattern::Tokens { .. } => false,
        };
        Ok(Self { head: head_of(literal) & mask, mask, complete, pattern })
    }

    pub(crate) fn matches(&self, asked: &Asked<'_>) -> bool {
        asked.head & self.mask == self.head
            && (self.complete || self.pattern.matches_fold(asked.request.action, asked.request.context) == Match::Yes)
    }
}
