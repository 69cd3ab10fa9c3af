//! Files and functions stay small enough to be read at once.

use std::path::{Path, PathBuf};

/// The most lines a source file may have.
const FILE_LINES: usize = 800;
/// The most lines a function may span, braces and comments included.
const FUNCTION_LINES: usize = 100;
/// Folders whose files are tests, benches or fixtures.
const TEST_FOLDERS: [&str; 6] = ["tests", "benches", "fixtures", "examples", "fuzz", "generated"];

/// The faults of all Rust sources.
pub(super) fn check(root: &Path, files: &[PathBuf]) -> Vec<String> {
    let mut faults = Vec::new();
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "rs")) {
        if file.iter().any(|part| TEST_FOLDERS.iter().any(|name| part == *name)) {
            continue;
        }
        let text = std::fs::read_to_string(root.join(file)).unwrap_or_default();
        let lines = text.lines().count();
        if lines > FILE_LINES {
            faults.push(format!("{}: {lines} lines; the most is {FILE_LINES}", file.display()));
        }
        for (start, length) in functions(&text).into_iter().filter(|(_, length)| *length > FUNCTION_LINES) {
            faults.push(format!(
                "{}:{start}: a function of {length} lines; the most is {FUNCTION_LINES}",
                file.display()
            ));
        }
    }
    faults
}

/// First line and length of each function, by indentation: the sources are formatted, so a function ends at the first
/// line that holds only a closing brace at the indentation of its `fn`.
fn functions(text: &str) -> Vec<(usize, usize)> {
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        if starts_function(trimmed) {
            open.push((at + 1, indent));
        }
        let ends = open.last().is_some_and(|(_, at_indent)| *at_indent == indent && trimmed == "}");
        if let (true, Some((start, _))) = (ends, open.last().copied()) {
            found.push((start, at + 2 - start));
            open.pop();
        }
        if starts_function(trimmed) && (trimmed.ends_with('}') || trimmed.ends_with(';')) {
            open.pop();
        }
    }
    found
}

fn starts_function(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words.by_ref().take(6).any(|word| word == "fn") && !line.starts_with("//") && !line.starts_with('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_measured() {
        let text = "impl A {\n    pub fn one(&self) {\n        two();\n    }\n    fn short() {}\n}\nfn last() {\n}\n";
        assert_eq!(functions(text), [(2, 3), (7, 2)]);
    }
}
