//! What Burgward says to people and programs about a file: spans, findings and their renderers.

mod finding;
mod fix;
mod render;
mod source;

pub use finding::{Finding, FindingSite, Severity};
pub use fix::{Disposition, Fix, TextEdit};
pub use render::{escape_terminal, render_human};
pub use source::{Position, SourceFile, Span};
