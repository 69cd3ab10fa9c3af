//! From a path to the app's model.

use std::path::{Component, Path, PathBuf};

use burgward_template::{FileError, Files, Loaded, Parameters};

use crate::{AppError, Config, Source, Workspace};

/// Names that a template has by custom, in the order in which they are tried.
const TEMPLATES: [&str; 3] = ["template.yaml", "template.yml", "template.json"];
/// Templates are text that people write; anything larger is not one.
const MOST_BYTES: u64 = 20 * 1024 * 1024;

/// The files of one app's folder, and nothing outside of it.
#[derive(Clone, Debug)]
pub struct DirFiles(PathBuf);

impl DirFiles {
    /// The files of a folder.
    pub fn new(folder: &Path) -> Result<Self, AppError> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let real = folder.canonicalize().map_err(AppError::io(folder, "give the path of an app's folder"))?;
        Ok(Self(real))
    }

    fn inside(&self, relative: &str) -> Result<PathBuf, FileError> {
        let plain = Path::new(relative).components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
        if !plain {
            return Err(FileError::Outside(relative.to_owned()));
        }
        // A link may lead out of the folder where the name does not.
        let real = self.0.join(relative).canonicalize().map_err(|_| FileError::NotFound(relative.to_owned()))?;
        if real.starts_with(&self.0) { Ok(real) } else { Err(FileError::Outside(relative.to_owned())) }
    }
}

impl Files for DirFiles {
    fn read(&self, relative: &str) -> Result<String, FileError> {
        let path = self.inside(relative)?;
        let unreadable = |reason: String| FileError::Unreadable(relative.to_owned(), reason);
        let length = path.metadata().map_err(|error| unreadable(error.to_string()))?.len();
        if length > MOST_BYTES {
            return Err(unreadable(format!("it has {length} bytes; the most is {MOST_BYTES}")));
        }
        std::fs::read_to_string(&path).map_err(|error| unreadable(error.to_string()))
    }

    fn exists_dir(&self, relative: &str) -> bool {
        self.inside(relative).is_ok_and(|path| path.is_dir())
    }
}

/// The template that a path means.
pub fn find_template(path: &Path) -> Result<PathBuf, AppError> {
    let path = std::path::absolute(path).map_err(AppError::io(path, "give a path that exists"))?;
    if path.is_file() {
        return Ok(path);
    }
    if let Some(found) = TEMPLATES.iter().map(|name| path.join(name)).find(|path| path.is_file()) {
        return Ok(found);
    }
    let serverless = ["serverless.yml", "serverless.yaml"].iter().map(|name| path.join(name)).find(|p| p.is_file());
    if let Some(path) = serverless {
        let hint = "run `serverless package` and give .serverless/cloudformation-template-update-stack.json";
        return Err(AppError::UnreadTemplate { path, reason: "serverless.yml is not understood yet", hint });
    }
    Err(AppError::NoTemplate(path))
}

/// Reads the app that a source means. The model holds its own errors; only a missing file is one here.
pub fn load(source: &Source) -> Result<(PathBuf, Config, Loaded), AppError> {
    let workspace = Workspace::open(source)?;
    let loaded = workspace.load();
    Ok((workspace.template, workspace.config, loaded))
}

/// What a template is loaded with: `burgward.toml` and the command line, then defaults.
pub(crate) fn parameters(folder: &Path, config: &Config, source: &Source) -> Parameters {
    let defaults = Parameters::default();
    let folder_name = folder.file_name().map_or_else(|| "app".to_owned(), |name| name.to_string_lossy().into_owned());
    Parameters {
        stack_name: config.stack.name.clone().unwrap_or_else(|| stack_name(&folder_name)),
        account: config.stack.account.clone().unwrap_or(defaults.account),
        region: config.stack.region.clone().unwrap_or(defaults.region),
        values: source.parameters.clone(),
    }
}

/// A stack's name has letters, digits and hyphens, and starts with a letter.
fn stack_name(folder: &str) -> String {
    let name: String = folder.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let name = name.trim_matches('-');
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name.to_owned() } else { format!("app-{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_folder_is_read() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("in.yaml"), "a: 1").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link")).unwrap();
        let files = DirFiles::new(folder.path()).unwrap();
        assert_eq!(files.read("in.yaml"), Ok("a: 1".to_owned()));
        assert_eq!(files.read("../x"), Err(FileError::Outside("../x".into())));
        assert_eq!(files.read("/etc/passwd"), Err(FileError::Outside("/etc/passwd".into())));
        assert_eq!(files.read("link"), Err(FileError::Outside("link".into())));
        assert_eq!(files.read("none"), Err(FileError::NotFound("none".into())));
    }

    #[test]
    fn a_folder_without_a_template_is_named() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(find_template(folder.path()), Err(AppError::NoTemplate(_))));
        std::fs::write(folder.path().join("serverless.yml"), "").unwrap();
        assert!(matches!(find_template(folder.path()), Err(AppError::UnreadTemplate { .. })));
        std::fs::write(folder.path().join("template.yml"), "").unwrap();
        assert!(find_template(folder.path()).unwrap().ends_with("template.yml"));
    }
}
