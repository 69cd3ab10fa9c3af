//! What keeps hostile code from costing much. What a limit cuts off is reported, never silently left out.

/// The longest file that is read, in bytes.
pub(crate) const FILE_BYTES: usize = 1 << 20;
/// The deepest nesting of expressions and blocks that is followed.
pub(crate) const NESTING: u32 = 120;
/// The most steps of evaluation, over all rounds.
pub(crate) const STEPS: u64 = 8_000_000;
/// The most rounds until what flows between functions must have settled.
pub(crate) const ROUNDS: u32 = 24;
/// The round from which on what still changes is taken for unknown.
pub(crate) const WIDEN: u32 = 10;
/// The most alternatives of a value.
pub(crate) const SHAPES: usize = 24;
/// The most maps among them; more become one.
pub(crate) const MAPS: usize = 8;
/// The largest value, in nested values.
pub(crate) const SIZE: u32 = 400;
/// The longest text that is kept of a constant, in bytes.
pub(crate) const TEXT: usize = 4096;
/// The longest way into an event, in bytes.
pub(crate) const PATH: usize = 160;
/// The most progress reports of the parser for a file; each stands for a bounded amount of work.
pub(crate) const PARSE_REPORTS: u32 = 2_000_000;
