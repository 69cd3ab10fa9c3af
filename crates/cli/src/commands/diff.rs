//! Changes of files as a unified diff, which `git apply` takes.

use burgward_diag::escape_terminal;
use similar::TextDiff;

/// The diff of files: names, texts before and texts now.
pub(super) fn unified(changes: &[(String, String, String)]) -> String {
    let of_file = |(name, before, now): &(String, String, String)| {
        let diff = TextDiff::from_lines(before.as_str(), now.as_str());
        diff.unified_diff().header(&format!("a/{name}"), &format!("b/{name}")).to_string()
    };
    changes.iter().map(of_file).collect()
}

/// The same for a terminal: what a file holds is data, and never a control sequence.
pub(super) fn shown(changes: &[(String, String, String)]) -> String {
    let diff = unified(changes);
    let lines = diff.lines().map(|line| escape_terminal(&line.replace('\t', "    ")));
    lines.map(|line| line + "\n").collect()
}
