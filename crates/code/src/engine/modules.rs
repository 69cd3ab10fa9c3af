//! Modules: which file an import means.

use std::collections::HashMap;
use std::rc::Rc;

use super::{Engine, Loaded};
use crate::facts::FunctionSource;
use crate::python;

/// Packages of the SDK itself: known here by what they do, even if they lie among the files.
const SDK: &[&str] = &["boto3", "botocore", "s3transfer", "aiobotocore", "aioboto3", "jmespath", "urllib3", "dateutil"];

/// Files by the dotted names of their modules; the first of a name wins, as on the path of imports.
pub(super) fn names(source: &FunctionSource) -> HashMap<String, u32> {
    let mut names = HashMap::new();
    for (number, file) in source.files.iter().enumerate() {
        let Some(stem) = file.path.trim_start_matches("./").strip_suffix(".py") else { continue };
        let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
        let first = stem.split('/').next().unwrap_or_default();
        if SDK.contains(&first) || crate::vendors::why(first).is_some() {
            continue;
        }
        names.entry(stem.replace('/', ".")).or_insert(u32::try_from(number).unwrap_or(u32::MAX));
    }
    names
}

impl Engine<'_> {
    /// True if the module, or a package above or below it, is among the files.
    pub(super) fn is_own(&self, dotted: &str) -> bool {
        let first = dotted.split('.').next().unwrap_or_default();
        self.names.contains_key(first) || self.names.keys().any(|name| name.split('.').next() == Some(first))
    }

    /// Reads a module, with the packages that it lies in; answers its number.
    pub(super) fn load(&mut self, dotted: &str) -> Option<usize> {
        for (at, _) in dotted.match_indices('.').take(20) {
            self.load_one(dotted.get(..at)?);
        }
        self.load_one(dotted)
    }

    fn load_one(&mut self, dotted: &str) -> Option<usize> {
        let file = *self.names.get(dotted)?;
        if let Some(known) = self.by_file.get(&file) {
            return *known;
        }
        let text = &self.source.files.get(file as usize)?.text;
        let read = match python::read(file, text) {
            Ok(read) => read,
            Err(fault) => {
                self.unparsed.push(fault);
                self.by_file.insert(file, None);
                return None;
            }
        };
        self.unparsed.extend(read.faults);
        self.imports.insert(file, read.imports);
        let number = self.loaded.len();
        let (first_function, first_class) = (self.functions.len(), self.classes.len());
        self.functions.extend((0..read.unit.functions.len()).map(|index| (number, index)));
        self.called.resize(self.functions.len(), false);
        self.classes.extend((0..read.unit.classes.len()).map(|index| (number, index)));
        self.bases.resize(self.classes.len(), Vec::new());
        self.loaded.push(Loaded { unit: Rc::new(read.unit), tree: read.tree, first_function, first_class });
        self.by_file.insert(file, Some(number));
        self.changed = true;
        Some(number)
    }

    /// The dotted name that an import within a package means.
    pub(super) fn absolute(&self, from: u32, level: u32, module: &str) -> String {
        if level == 0 {
            return module.to_owned();
        }
        let path = self.source.files.get(from as usize).map_or("", |file| file.path.as_str());
        let mut folders: Vec<&str> = path.trim_start_matches("./").split('/').collect();
        for _ in 0..level {
            folders.pop();
        }
        if !module.is_empty() {
            folders.push(module);
        }
        folders.join(".")
    }
}
