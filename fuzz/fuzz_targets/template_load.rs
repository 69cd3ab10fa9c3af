//! Any text is a template that is read or refused; never a panic, in bounded time.
#![no_main]

use burgward_template::{FileError, Files, Parameters, load};
use libfuzzer_sys::fuzz_target;

struct One<'a>(&'a str);

impl Files for One<'_> {
    fn read(&self, relative: &str) -> Result<String, FileError> {
        if relative == "template.yaml" { Ok(self.0.to_owned()) } else { Err(FileError::NotFound(relative.to_owned())) }
    }

    fn exists_dir(&self, _: &str) -> bool {
        true
    }
}

fuzz_target!(|text: &str| {
    let _ = load("template.yaml", &One(text), &Parameters::default());
});
