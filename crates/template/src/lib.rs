//! Templates read as AWS reads them: text in, one resolved and spanned [`model::App`] out.
//!
//! Pure: no I/O, no clock, no randomness. Files come through [`Files`]; account, region, stack name and parameter
//! values come through [`Parameters`]. [`load`] never panics and stops at no first error.

mod build;
mod diagnostic;
mod eval;
mod load;
pub mod model;
mod names;
pub mod patch;
mod report;
mod rules;
mod sam_globals;
mod sam_implicit;
mod template;
pub mod tree;

pub use diagnostic::{Diagnostic, RefusedKind};
pub use load::{FileError, Files, Loaded, Parameters, PlanItem, Verdict, load};

#[cfg(test)]
mod tests;
