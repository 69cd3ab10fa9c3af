//! Layers laid over one another below `/opt`, by binds alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burgward_sandbox::Bind;

use crate::{ConfigError, FunctionConfig};

/// More binds than this make every cold start slow; such layers belong merged beforehand.
const MOST_BINDS: usize = 256;

/// The binds that show a function's layers as one tree: a directory that only one layer has is bound whole, one that
/// several have is merged entry by entry, and for a file the later layer wins.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html>
pub(crate) fn binds(function: &FunctionConfig) -> Result<Vec<Bind>, ConfigError> {
    let mut out = Vec::new();
    match function.layer_dirs.as_slice() {
        [] => {}
        [one] => out.push(Bind { source: one.clone(), target: "/opt".to_owned() }),
        many => merge(many, "/opt", &mut out)
            .map_err(|problem| ConfigError::Layers { function: function.name.clone(), problem })?,
    }
    Ok(out)
}

fn merge(trees: &[PathBuf], target: &str, out: &mut Vec<Bind>) -> Result<(), String> {
    let mut entries: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for tree in trees {
        for (name, path) in list(tree)? {
            entries.entry(name).or_default().push(path);
        }
    }
    for (name, mut sources) in entries {
        let target = format!("{target}/{name}");
        let all_dirs = sources.iter().all(|source| source.is_dir());
        if sources.len() > 1 && all_dirs {
            merge(&sources, &target, out)?;
        } else if let Some(last) = sources.pop() {
            out.push(Bind { source: last, target });
        }
        if out.len() > MOST_BINDS {
            return Err(format!("its layers overlap in more than {MOST_BINDS} places"));
        }
    }
    Ok(())
}

fn list(tree: &Path) -> Result<Vec<(String, PathBuf)>, String> {
    let failed = |e: std::io::Error| format!("layer `{}` cannot be read: {e}", tree.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(tree).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().into_string().map_err(|name| format!("`{}` is not UTF-8", name.display()))?;
        found.push((name, entry.path()));
    }
    Ok(found)
}
