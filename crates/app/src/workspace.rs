//! An app's files with changes in memory: what `check --fix` and `fit --write` work on before anything is written.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use burgward_diag::TextEdit;
use burgward_template::model::App;
use burgward_template::patch::{PatchError, apply, splice};
use burgward_template::{FileError, Files, Loaded, Parameters};

use crate::analysis::{Analysed, Written, analyse};
use crate::load::{DirFiles, find_template, parameters};
use crate::{AppError, Config, Source};

/// An app's folder, its settings, and the texts that were changed.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The template's path.
    pub template: PathBuf,
    /// `burgward.toml`.
    pub config: Config,
    /// What the template is loaded with.
    pub parameters: Parameters,
    folder: PathBuf,
    files: DirFiles,
    written: Written,
}

impl Workspace {
    /// The app that a source means, unchanged.
    pub fn open(source: &Source) -> Result<Self, AppError> {
        let template = find_template(&source.path)?;
        let folder = template.parent().unwrap_or(Path::new(".")).to_owned();
        let config = Config::read(&folder)?;
        let parameters = parameters(&folder, &config, source);
        let files = DirFiles::new(&folder)?;
        Ok(Self { template, config, parameters, folder, files, written: BTreeMap::new() })
    }

    /// The template's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The model of the template as it is now.
    #[must_use]
    pub fn load(&self) -> Loaded {
        burgward_template::load(&self.template_name(), self, &self.parameters)
    }

    /// The code of the app's functions as it is now.
    pub fn analyse(&self, app: &App) -> Result<BTreeMap<String, Analysed>, AppError> {
        analyse(app, &self.folder, &self.written)
    }

    /// Changes files. A template is read again to verify the result; of several files either all change or none.
    pub fn edit(&mut self, edits: &[TextEdit]) -> Result<(), PatchError> {
        let mut by_file: BTreeMap<&str, Vec<TextEdit>> = BTreeMap::new();
        for edit in edits {
            by_file.entry(edit.span.file.name()).or_default().push(edit.clone());
        }
        let mut changed = Vec::with_capacity(by_file.len());
        for (name, edits) in by_file {
            let Some(file) = edits.first().map(|edit| &edit.span.file) else { continue };
            let after = if name == self.template_name() { apply(file, &edits)? } else { splice(file.text(), &edits)? };
            changed.push((name.to_owned(), after));
        }
        self.written.extend(changed);
        Ok(())
    }

    /// Puts another text in a file's place.
    pub fn set(&mut self, name: &str, text: String) {
        self.written.insert(name.to_owned(), text);
    }

    /// The template's name, as places carry it.
    #[must_use]
    pub fn template_name(&self) -> String {
        self.template.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// What differs from the files on disk: names, texts before and texts now.
    #[must_use]
    pub fn changes(&self) -> Vec<(String, String, String)> {
        let changed = self.written.iter().filter_map(|(name, now)| {
            let before = self.files.read(name).unwrap_or_default();
            (before != *now).then(|| (name.clone(), before, now.clone()))
        });
        changed.collect()
    }

    /// Writes what differs. Each file is replaced in one step and keeps its mode.
    pub fn write(&self) -> Result<(), AppError> {
        for (name, _, now) in self.changes() {
            let path = self.folder.join(&name);
            let hint = "the app's files must be writable";
            // A link stays a link: what it leads to is replaced.
            let real = path.canonicalize().map_err(AppError::io(&path, hint))?;
            let mode = real.metadata().map_err(AppError::io(&path, hint))?.permissions().mode();
            burgward_vault::write_atomically(&real, now.as_bytes()).map_err(AppError::io(&path, hint))?;
            let mode = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(&real, mode).map_err(AppError::io(&path, hint))?;
        }
        Ok(())
    }
}

impl Files for Workspace {
    fn read(&self, relative: &str) -> Result<String, FileError> {
        self.written.get(relative).cloned().map_or_else(|| self.files.read(relative), Ok)
    }

    fn exists_dir(&self, relative: &str) -> bool {
        self.files.exists_dir(relative)
    }
}
