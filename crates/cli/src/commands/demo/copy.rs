//! The copy that a demo works on: nothing of the user's own is changed.

use std::path::{Path, PathBuf};

use burgward_app::find_template;

use super::super::Failure;
use crate::example;

/// What is no part of an app.
const LEFT_OUT: [&str; 6] = [".git", ".aws-sam", "node_modules", "__pycache__", ".venv", "venv"];
/// The most bytes that are copied.
const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// Copies an app, or writes the example, into a folder; gives the path that means the copy.
pub(super) fn copied(path: Option<&Path>, scratch: &Path) -> Result<PathBuf, Failure> {
    let Some(path) = path else { return written(scratch) };
    let template = find_template(path)?;
    let folder = template.parent().unwrap_or(Path::new("."));
    let name = folder.file_name().map_or_else(|| "app".into(), ToOwned::to_owned);
    let to = scratch.join(name);
    tree(folder, &to)?;
    Ok(template.file_name().map_or_else(|| to.clone(), |file| to.join(file)))
}

fn written(scratch: &Path) -> Result<PathBuf, Failure> {
    let folder = scratch.join(example::NAME);
    for (name, text) in example::FILES {
        let file = folder.join(name);
        let made = file.parent().map_or(Ok(()), std::fs::create_dir_all);
        made.and_then(|()| std::fs::write(&file, text)).map_err(|error| at(&file, &error))?;
    }
    Ok(folder)
}

/// Copies a folder. Links are copied as what they lead to, as long as that lies inside the folder.
pub(super) fn tree(from: &Path, to: &Path) -> Result<(), Failure> {
    let base = from.canonicalize().map_err(|error| at(from, &error))?;
    let mut open = vec![(base.clone(), to.to_owned())];
    let mut bytes = 0;
    while let Some((from, to)) = open.pop() {
        std::fs::create_dir_all(&to).map_err(|error| at(&to, &error))?;
        for entry in std::fs::read_dir(&from).map_err(|error| at(&from, &error))?.filter_map(Result::ok) {
            let (path, name) = (entry.path(), entry.file_name());
            let Ok(real) = path.canonicalize() else { continue };
            if LEFT_OUT.iter().any(|left| name == *left) || !real.starts_with(&base) {
                continue;
            }
            let Ok(meta) = real.metadata() else { continue };
            if meta.is_dir() && real == path {
                open.push((path, to.join(name)));
            } else if meta.is_file() {
                bytes += meta.len();
                std::fs::copy(&real, to.join(name)).map_err(|error| at(&path, &error))?;
            }
        }
        if bytes > MOST_BYTES {
            return Err(Failure::unusable(format!(
                "`{}` holds more than {MOST_BYTES} bytes\n  hint: give the app's own folder",
                base.display()
            )));
        }
    }
    Ok(())
}

fn at(path: &Path, error: &std::io::Error) -> Failure {
    Failure::unusable(format!("`{}`: {error}", path.display()))
}
