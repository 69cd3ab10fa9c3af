//! What a requirements file may ask for.
//!
//! A requirements file comes with the app and is as trusted as the app: it must not choose where packages come from,
//! read files of the machine, or run a build.

use std::path::Path;

use super::PackageError;

/// Options that change nothing but which of the index's files are taken.
const HARMLESS: [&str; 4] = ["--require-hashes", "--only-binary", "--prefer-binary", "--pre"];

/// True if the file names at least one package.
pub(super) fn check(path: &Path, text: &str) -> Result<bool, PackageError> {
    let mut any = false;
    let mut continued = false;
    for (at, raw) in text.lines().enumerate() {
        let line = raw.split(" #").next().unwrap_or("").trim();
        let was_continued = std::mem::replace(&mut continued, line.ends_with('\\'));
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(reason) = refusal(line, was_continued) {
            return Err(PackageError::Requirement {
                path: path.to_owned(),
                line: at + 1,
                text: line.to_owned(),
                reason,
            });
        }
        any |= !line.starts_with('-');
    }
    Ok(any)
}

fn refusal(line: &str, continued: bool) -> Option<&'static str> {
    if continued {
        return (!line.starts_with("--hash=")).then_some("only hashes may follow on a further line");
    }
    if line.starts_with('-') {
        let option = line.split([' ', '=']).next().unwrap_or(line);
        return (!HARMLESS.contains(&option)).then_some("options that choose a source or a file are not taken");
    }
    let name = line.split([';', '\\']).next().unwrap_or(line);
    if name.contains("://") || name.contains('@') {
        return Some("packages come from the index, not from an address");
    }
    if name.starts_with(['.', '/', '~']) || name.contains(['/', '$']) {
        return Some("packages come from the index, not from a path");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_other_than_the_index_are_refused() {
        let check = |text: &str| check(Path::new("requirements.txt"), text);
        assert!(check("requests==2.32.3 \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\n# note\n").unwrap());
        assert!(!check("# nothing\n\n").unwrap());
        for text in [
            "-r /etc/passwd",
            "--extra-index-url=https://x",
            "-e .",
            "x @ file:///etc",
            "git+https://x/y",
            "./local",
            "a \\\n -r x",
        ] {
            assert!(check(text).is_err(), "{text}");
        }
    }
}
