//! The code of an app's functions, read and analysed: what `check` and `fit` know besides the template.

mod confined;
mod inline;
mod sources;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use burgward_code::{Code, FunctionSource};
use burgward_diag::SourceFile;
use burgward_template::model::{App, Function};

pub use confined::analyser_main;
pub use sources::Written;

use self::sources::Sources;
use crate::AppError;

/// The first argument with which the binary becomes the analyser.
pub const ANALYSER_ARG: &str = "__analyser";

/// One function's code and what it does.
#[derive(Clone, Debug)]
pub struct Analysed {
    /// What the code does; its places point into `files`.
    pub code: Code,
    /// The files, named as a user would, from the template's folder.
    pub files: Vec<Arc<SourceFile>>,
    /// What was left out of the analysis, and why.
    pub notes: Vec<String>,
}

/// Analyses every function of an app in a process of its own; `written` stands in for files that were edited in memory.
pub fn analyse(app: &App, folder: &Path, written: &Written) -> Result<BTreeMap<String, Analysed>, AppError> {
    let read: Vec<_> = app.functions.iter().map(|function| sources::read(app, function, folder, written)).collect();
    let asked: Vec<&FunctionSource> = read.iter().map(|sources| &sources.source).collect();
    let codes = confined::analyse(&asked)?;
    let all = app.functions.iter().zip(read).zip(codes);
    Ok(all
        .map(|((function, sources), code)| (function.logical_id.clone(), analysed(function, sources, code)))
        .collect())
}

fn analysed(function: &Function, mut sources: Sources, code: Code) -> Analysed {
    let Some(inline) = &function.inline_code else {
        return Analysed { code, files: sources.files, notes: sources.notes };
    };
    let (code, template) = inline::moved(code, &inline.value, &inline.span);
    // Layers follow, whose places stay.
    if let Some(first) = sources.files.first_mut() {
        *first = template;
    }
    Analysed { code, files: sources.files, notes: sources.notes }
}
