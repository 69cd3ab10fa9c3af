//! What a file imports at its top, and where another import would stand.

use tree_sitter::Node;

use super::{field, parts};
use crate::facts::Imports;

/// The imports of a file.
pub(super) fn of(root: Node<'_>, text: &str) -> Imports {
    let mut modules = Vec::new();
    let (mut after_import, mut after_docs, mut first) = (None, None, true);
    for node in parts(root) {
        match node.kind() {
            "import_statement" => {
                for name in parts(node) {
                    let text = text.get(name.byte_range()).unwrap_or_default();
                    if field(name, "alias").is_none() && !modules.iter().any(|m| m == text) {
                        modules.push(text.to_owned());
                    }
                }
                after_import = next_line(node, text).or(after_import);
            }
            "import_from_statement" | "future_import_statement" => {
                after_import = next_line(node, text).or(after_import);
            }
            "expression_statement" if first && parts(node).first().is_some_and(|e| e.kind() == "string") => {
                after_docs = next_line(node, text);
            }
            // Another import must not stand below code that may need it.
            _ if after_import.is_some() => break,
            _ => {}
        }
        first = false;
    }
    let at = after_import.or(after_docs).unwrap_or_else(|| header_end(text));
    Imports { modules, insert_at: u32::try_from(at).unwrap_or(0) }
}

/// The byte after the end of the statement's line, if nothing else stands on it.
fn next_line(node: Node<'_>, text: &str) -> Option<usize> {
    let rest = text.get(node.end_byte()..)?;
    let line = rest.split_inclusive('\n').next().unwrap_or_default();
    let alone = line.trim_start().is_empty() || line.trim_start().starts_with('#');
    (alone && line.ends_with('\n')).then(|| node.end_byte() + line.len())
}

/// The byte after `#!` and comments of the first two lines, which tools read there.
fn header_end(text: &str) -> usize {
    text.split_inclusive('\n').take(2).take_while(|line| line.starts_with('#')).map(str::len).sum()
}
