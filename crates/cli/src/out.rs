//! The two streams: data to stdout, everything else to stderr.

use std::io::Write as _;

/// Writes data.
pub(crate) fn data(text: &str) {
    ignore(std::io::stdout().lock().write_all(text.as_bytes()));
}

/// Says something to the person, a line.
pub(crate) fn tell(text: &str) {
    ignore(writeln!(std::io::stderr().lock(), "{text}"));
}

/// A reader that went away (`burgward plan | head`) is no error.
pub(crate) fn ignore(result: std::io::Result<()>) {
    drop(result);
}
