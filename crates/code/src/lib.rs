//! Function source to facts: what code asks AWS for, what it reads from the environment, and what an attacker would use.
//!
//! Pure: text in, facts out, no I/O. Facts point into files by number and byte, so that they can cross from the confined
//! process in which foreign code is parsed (see `crates/app`) to the one that knows the files.

mod facts;

pub use facts::{
    AwsCall, Code, CodeFile, EnvRead, Flaw, FlawKind, FunctionSource, Imports, Place, PlacedEdit, Undecided, Unparsed,
    Value,
};

/// What the code of one function does. Never panics; what cannot be read is in [`Code::unparsed`].
#[must_use]
pub fn analyse(source: &FunctionSource) -> Code {
    let _ = source;
    Code::default()
}
