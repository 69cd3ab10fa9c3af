//! Function source to facts: what code asks AWS for, what it reads from the environment, and what an attacker would use.
//!
//! Pure: text in, facts out, no I/O. Facts point into files by number and byte, so that they can cross from the confined
//! process in which foreign code is parsed (see `crates/app`) to the one that knows the files.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a shape, expression or node that is not named is taken for unknown, which errs on the safe side"
)]

mod engine;
mod facts;
mod flaws;
mod ir;
mod limits;
mod python;
mod sdk;
mod secret;
mod value;
mod vendors;

pub use facts::{
    AwsCall, Code, CodeFile, EnvRead, Flaw, FlawKind, FunctionSource, Imports, Place, PlacedEdit, Undecided, Unparsed,
    Value,
};
pub use secret::{quote_at, secret_at_run_time};

/// What the code of one function does. Never panics; what cannot be read is in [`Code::unparsed`].
#[must_use]
pub fn analyse(source: &FunctionSource) -> Code {
    if !source.runtime.starts_with("python") {
        let why = format!("code for `{}` is not understood, only Python is", source.runtime);
        let imports = source.files.iter().map(|_| Imports::default()).collect();
        return Code { unparsed: vec![Unparsed { why, place: None }], imports, ..Code::default() };
    }
    let mut engine = engine::Engine::new(source);
    engine.run();
    let flaws = flaws::of(source, &engine);
    Code { flaws, ..engine.into_code() }
}
