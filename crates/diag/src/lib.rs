//! What Burgward says to people and programs about a file: spans, findings and their renderers.

mod finding;
mod fix;
mod render;
mod source;

pub use finding::{Finding, FindingSite, Severity};
pub use fix::{Disposition, Fix, TextEdit};
pub use render::{RuleInfo, escape_terminal, findings_json, render_github, render_human, render_sarif};
pub use source::{Position, SourceFile, Span};
