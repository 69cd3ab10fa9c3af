//! Any text is code that is analysed or said to be unreadable; never a panic, in bounded time; edits fit the text.
#![no_main]

use burgward_code::{CodeFile, FunctionSource, analyse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let file = CodeFile { path: "app.py".to_owned(), text: text.to_owned() };
    let source = FunctionSource { runtime: "python3.12".to_owned(), handler: "app.handler".to_owned(), files: vec![file] };
    for edit in analyse(&source).flaws.iter().flat_map(|flaw| &flaw.fix) {
        assert!(text.get(edit.place.start as usize..edit.place.end as usize).is_some());
    }
});
