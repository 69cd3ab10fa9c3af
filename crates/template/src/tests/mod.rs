//! Tests through [`load`](crate::load): exact output on small templates, and real templates in bulk.

mod apis;
mod closed;
mod corpora;
mod edits;
mod hostile;
mod oracle;
mod parameters;
mod summary;
mod templates;
mod undecided;
mod unenforced;

use crate::{FileError, Files, Loaded, Parameters, load};

/// One template in memory.
struct Only<'a>(&'a str);

impl Files for Only<'_> {
    fn read(&self, _: &str) -> Result<String, FileError> {
        Ok(self.0.to_owned())
    }

    fn exists_dir(&self, _: &str) -> bool {
        true
    }
}

fn load_text(text: &str) -> Loaded {
    load("template.yaml", &Only(text), &Parameters { stack_name: "shop".to_owned(), ..Parameters::default() })
}

/// All errors and remarks, one a line.
fn remarks(loaded: &Loaded) -> String {
    let refused = loaded.refused.iter().map(|d| format!("refused {d}"));
    refused.chain(loaded.listed.iter().map(|d| format!("listed {d}"))).collect::<Vec<_>>().join("\n")
}
