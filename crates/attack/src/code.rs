//! What a function's code says, as far as tries need it: text is searched, nothing is executed.

use std::path::{Path, PathBuf};

use burgward_template::model::Function;

/// Files of a function that are read.
const MOST_FILES: usize = 200;
/// A longer file is data or generated.
const MOST_BYTES: u64 = 512 * 1024;

/// A function's own source files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Code {
    /// Path relative to the app's folder, and text.
    files: Vec<(String, String)>,
    /// Where inline code starts in the template.
    inline_place: Option<String>,
}

impl Code {
    /// Reads the code of a function. What cannot be read is left out: an attacker may not have it either.
    pub(crate) fn read(folder: &Path, function: &Function) -> Self {
        if let Some(inline) = &function.inline_code {
            let files = vec![("index.py".to_owned(), inline.value.clone())];
            return Self { files, inline_place: Some(inline.span.place()) };
        }
        let root = folder.join(&function.code_uri.value);
        let mut files = Vec::new();
        collect(&root, &mut files);
        files.sort();
        let named = |path: PathBuf| {
            let text = std::fs::read_to_string(&path).ok()?;
            Some((path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace("/./", "/"), text))
        };
        Self { files: files.into_iter().filter_map(named).collect(), inline_place: None }
    }

    #[cfg(test)]
    pub(crate) fn of_text(name: &str, text: &str) -> Self {
        Self { files: vec![(name.to_owned(), text.to_owned())], inline_place: None }
    }

    /// True if the text occurs anywhere.
    pub(crate) fn mentions(&self, text: &str) -> bool {
        self.files.iter().any(|(_, code)| code.contains(text))
    }

    /// The first line that holds one of the texts, as `file:line`.
    pub(crate) fn place_of(&self, texts: &[&str]) -> Option<String> {
        let found = self.lines().find(|(_, _, line)| texts.iter().any(|text| line.contains(text)))?;
        Some(self.inline_place.clone().unwrap_or_else(|| format!("{}:{}", found.0, found.1)))
    }

    /// Lines long enough to be recognised when they come back: who answers with one has read the code.
    pub(crate) fn telling_lines(&self) -> Vec<String> {
        let telling = |line: &str| line.len() > 24 && !line.contains(['"', '\\']);
        self.lines().map(|(_, _, line)| line.trim()).filter(|line| telling(line)).map(ToOwned::to_owned).collect()
    }

    /// The names of files directly in the package's folder.
    pub(crate) fn top_files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().filter_map(|(name, _)| name.rsplit('/').next())
    }

    /// The fields of a JSON body that the code reads: keys of what `json.loads` gave.
    pub(crate) fn body_fields(&self) -> Vec<String> {
        let mut holders = Vec::new();
        for (_, _, line) in self.lines().filter(|(_, _, line)| line.contains("json.loads(")) {
            if let Some((left, _)) = line.split_once('=') {
                holders.push(left.trim().to_owned());
            }
        }
        let mut fields = Vec::new();
        for (_, _, line) in self.lines() {
            for holder in &holders {
                keys_after(line, holder, &mut fields);
            }
        }
        fields
    }

    /// The names of query parameters that the code reads.
    pub(crate) fn query_fields(&self) -> Vec<String> {
        let mut fields = Vec::new();
        let mut holders = Vec::new();
        for (_, _, line) in self.lines().filter(|(_, _, line)| line.contains("queryStringParameters")) {
            let (left, right) = line.split_once("queryStringParameters").unwrap_or_default();
            let right = right.trim_start_matches(['"', '\'', ']', ')', ' ']).trim_start_matches("or {})");
            keys_after(&format!("query{right}"), "query", &mut fields);
            holders.extend(left.split_once('=').map(|(name, _)| name.trim().to_owned()));
        }
        for (_, _, line) in self.lines() {
            for holder in &holders {
                keys_after(line, holder, &mut fields);
            }
        }
        fields
    }

    fn lines(&self) -> impl Iterator<Item = (&str, usize, &str)> {
        self.files
            .iter()
            .flat_map(|(name, text)| text.lines().enumerate().map(move |(at, line)| (name.as_str(), at + 1, line)))
    }
}

/// `holder["key"]` and `holder.get("key"`.
fn keys_after(line: &str, holder: &str, into: &mut Vec<String>) {
    let plain = !holder.is_empty() && holder.chars().all(|c| c.is_alphanumeric() || c == '_');
    for (at, _) in line.match_indices(holder).filter(|_| plain) {
        let whole = !line.get(..at).is_some_and(|before| before.ends_with(|c: char| c.is_alphanumeric() || c == '_'));
        let rest = line.get(at + holder.len()..).unwrap_or_default();
        let rest = rest.strip_prefix('[').or_else(|| rest.strip_prefix(".get("));
        let Some(quote) = rest.and_then(|rest| rest.chars().next()).filter(|c| whole && ['"', '\''].contains(c)) else {
            continue;
        };
        let key = rest.and_then(|rest| rest.get(1..)?.split(quote).next()).unwrap_or_default().to_owned();
        if !key.is_empty() && !into.contains(&key) {
            into.push(key);
        }
    }
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.filter_map(Result::ok) {
        let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
        let small = || entry.metadata().is_ok_and(|data| data.len() <= MOST_BYTES);
        if into.len() >= MOST_FILES {
            return;
        }
        if kind.is_dir() {
            collect(&path, into);
        } else if kind.is_file() && path.extension().is_some_and(|ending| ending == "py") && small() {
            into.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_where_they_are_read() {
        let code = Code::of_text(
            "app.py",
            "wish = json.loads(event['body'])\nname = wish[\"name\"]\nsize = wish.get('size', 1)\nrewish[\"no\"]\n\
             page = (event.get(\"queryStringParameters\") or {}).get(\"page\", \"1\")\n",
        );
        assert_eq!(code.body_fields(), ["name", "size"]);
        assert_eq!(code.query_fields(), ["page"]);
        assert_eq!(code.place_of(&["size"]).as_deref(), Some("app.py:3"));
    }
}
