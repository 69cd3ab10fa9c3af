//! Action patterns. Actions are compared without case, and almost every comparison fails: the first sixteen bytes decide
//! most of them in one instruction.

use crate::Request;
use crate::glob::{Match, Pattern, Reading};

const HEAD: usize = 16;
/// A one in every byte.
const LOW: u128 = u128::MAX / 0xff;

/// The first bytes of an action in lower case, padded with zeros.
fn head_of(action: &[u8]) -> u128 {
    let bytes = action.first_chunk().copied().unwrap_or_else(|| {
        let mut padded = [0_u8; HEAD];
        padded.iter_mut().zip(action).for_each(|(slot, byte)| *slot = *byte);
        padded
    });
    let head = u128::from_le_bytes(bytes);
    // Sixteen letters at once: in each byte without its high bit, one sum carries from `A` on, the other beyond `Z`.
    let low = head & (LOW * 0x7f);
    let (from_a, beyond_z) = (low.wrapping_add(LOW * (0x80 - 0x41)), low.wrapping_add(LOW * (0x7f - 0x5a)));
    head | ((from_a ^ beyond_z) & !head & (LOW << 7)) >> 2
}

/// Covers the first bytes of a head.
fn mask(bytes: usize) -> u128 {
    match bytes {
        0 => 0,
        1..HEAD => (1 << (8 * bytes)) - 1,
        _ => u128::MAX,
    }
}

/// What an action is looked up by: its service with the colon, and that with the first letter of its name. A service too
/// long for the head is known by the head alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Keys {
    pub(crate) service: u128,
    pub(crate) name: Option<u128>,
}

impl Keys {
    fn of(head: u128) -> Self {
        // The lowest zero byte of `colons` is the first colon: the trick of finding a zero byte in a word.
        let colons = head ^ (LOW * 0x3a);
        let found = colons.wrapping_sub(LOW) & !colons & (LOW << 7);
        let length = found.trailing_zeros() as usize / 8 + 1;
        if length > HEAD {
            return Self { service: head, name: None };
        }
        let name = (length < HEAD).then(|| head & mask(length + 1));
        Self { service: head & mask(length), name }
    }
}

/// Where an index finds a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nowhere in particular: it may match actions of any service.
    Wild,
    /// Among those that share its beginning.
    Under(Keys),
}

impl Place {
    pub(crate) fn keys(self) -> Option<Keys> {
        match self {
            Self::Wild => None,
            Self::Under(keys) => Some(keys),
        }
    }
}

/// A request with what every statement would compute again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) request: &'a Request<'a>,
    pub(crate) keys: Keys,
    head: u128,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(request: &'a Request<'a>) -> Self {
        let head = head_of(request.action.as_bytes());
        Self { request, keys: Keys::of(head), head }
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
        let mask = mask(compared);
        let complete = match pattern {
            Pattern::Any => true,
            Pattern::Exact(_) => literal.len() < HEAD,
            Pattern::Prefix(_) => literal.len() <= HEAD,
            Pattern::Tokens { .. } => false,
        };
        Ok(Self { head: head_of(literal) & mask, mask, complete, pattern })
    }

    /// Where an index finds the pattern: by as much of [`Keys`] as all actions that it matches share.
    pub(crate) fn place(&self) -> Place {
        let certain = self.mask.count_ones() as usize / 8;
        let keys = Keys::of(self.head);
        let colon = self.head.to_le_bytes().iter().position(|byte| *byte == b':');
        match colon {
            Some(colon) if certain >= colon + 2 => Place::Under(keys),
            Some(_) => Place::Under(Keys { name: None, ..keys }),
            None if certain == HEAD => Place::Under(keys),
            None => Place::Wild,
        }
    }

    pub(crate) fn matches(&self, asked: &Asked<'_>) -> bool {
        asked.head & self.mask == self.head
            && (self.complete || self.pattern.matches_fold(asked.request.action, asked.request.context) == Match::Yes)
    }
}
