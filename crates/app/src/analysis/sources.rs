//! Which files make up a function's code.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use burgward_code::{CodeFile, FunctionSource};
use burgward_diag::SourceFile;
use burgward_template::model::{App, Function, LayerRef};

/// A function with more source files holds its dependencies; those are read as far as this goes.
const MOST_FILES: usize = 2_000;
/// A longer file is data or generated.
const MOST_BYTES: u64 = 1024 * 1024;
/// All files of one function.
const MOST_TOTAL: u64 = 24 * 1024 * 1024;
/// Folders that hold no code of the app.
const LEFT_OUT: [&str; 6] = [".git", ".aws-sam", "__pycache__", "node_modules", ".venv", "venv"];

/// Files that were edited in memory, by their name from the template's folder.
pub type Written = BTreeMap<String, String>;

/// What is read of one function.
pub(super) struct Sources {
    pub(super) source: FunctionSource,
    pub(super) files: Vec<Arc<SourceFile>>,
    pub(super) notes: Vec<String>,
}

/// Reads a function's files: those of its package first, then those of its layers.
pub(super) fn read(app: &App, function: &Function, folder: &Path, written: &Written) -> Sources {
    let (runtime, handler) = (function.runtime.value.clone(), function.handler.value.clone());
    let mut reader = Reader { folder, written, codes: Vec::new(), files: Vec::new(), notes: Vec::new(), bytes: 0 };
    if let Some(inline) = &function.inline_code {
        // CloudFormation writes inline code into a file of this name.
        // Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html>
        reader.codes.push(CodeFile { path: "index.py".to_owned(), text: inline.value.clone() });
        reader.files.push(SourceFile::new(inline.span.file.name(), inline.value.clone()));
    } else {
        reader.package(&function.code_uri.value, &runtime);
    }
    for layer in &function.layers {
        let LayerRef::Local(id) = &layer.value else {
            reader
                .notes
                .push(format!("a layer of `{}` is published elsewhere: its code is not read", function.logical_id));
            continue;
        };
        if let Some(layer) = app.layers.iter().find(|layer| layer.logical_id == *id) {
            // Where a layer's modules lie.
            // Source: <https://docs.aws.amazon.com/lambda/latest/dg/python-layers.html>
            reader.package(&format!("{}/python", layer.content_uri.value.trim_end_matches('/')), &runtime);
        }
    }
    let source = FunctionSource { runtime, handler, files: reader.codes };
    Sources { source, files: reader.files, notes: reader.notes }
}

struct Reader<'a> {
    folder: &'a Path,
    written: &'a Written,
    codes: Vec<CodeFile>,
    files: Vec<Arc<SourceFile>>,
    notes: Vec<String>,
    bytes: u64,
}

impl Reader<'_> {
    fn package(&mut self, uri: &str, runtime: &str) {
        let Some(ending) = ending_of(runtime) else { return };
        let Some(root) = inside(self.folder, uri) else {
            let hint = "put the template into a folder above the code";
            self.notes.push(format!("`{uri}` is no folder below the template: its code is not read; {hint}"));
            return;
        };
        let mut paths = Vec::new();
        collect(&root, ending, &root, &mut paths);
        paths.sort();
        for path in paths {
            self.file(&root, &path);
        }
    }

    fn file(&mut self, root: &Path, path: &Path) {
        let name = display(self.folder, path);
        let size = path.metadata().map_or(0, |meta| meta.len());
        self.bytes += size;
        if self.codes.len() >= MOST_FILES || size > MOST_BYTES || self.bytes > MOST_TOTAL {
            self.notes.push(format!("`{name}` is not read: it is one file too many, or too long"));
            return;
        }
        let text = match self.written.get(&name) {
            Some(text) => Ok(text.clone()),
            None => std::fs::read_to_string(path),
        };
        match text {
            Ok(text) => {
                let inner = path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
                self.codes.push(CodeFile { path: inner, text: text.clone() });
                self.files.push(SourceFile::new(name, text));
            }
            Err(error) => self.notes.push(format!("`{name}` is not read: {error}")),
        }
    }
}

/// The ending of source files of a runtime's language; none for a language that is not analysed yet.
fn ending_of(runtime: &str) -> Option<&'static str> {
    runtime.starts_with("python").then_some("py")
}

/// A folder that the template names, if it lies inside the app's own.
fn inside(folder: &Path, uri: &str) -> Option<PathBuf> {
    let base = folder.canonicalize().ok()?;
    let real = base.join(uri).canonicalize().ok()?;
    (real.starts_with(&base) && real.is_dir()).then_some(real)
}

/// The path as the template would write it.
fn display(folder: &Path, path: &Path) -> String {
    let base = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let path = path.strip_prefix(&base).unwrap_or(path);
    let parts = path.components().filter(|part| !matches!(part, Component::CurDir));
    parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Source files below a folder. Linked files count as long as they lie inside of it, as they do in a package.
fn collect(folder: &Path, ending: &str, base: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.filter_map(Result::ok) {
        let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
        if into.len() > MOST_FILES {
            return;
        }
        let is_source = path.extension().is_some_and(|found| found == ending);
        if kind.is_dir() && !LEFT_OUT.iter().any(|left| entry.file_name() == *left) {
            collect(&path, ending, base, into);
        } else if is_source && (kind.is_file() || (kind.is_symlink() && is_inside(&path, base))) {
            into.push(path);
        }
    }
}

fn is_inside(link: &Path, base: &Path) -> bool {
    link.canonicalize().is_ok_and(|real| real.is_file() && real.starts_with(base))
}
