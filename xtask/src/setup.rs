//! Everything the tests need beyond Rust, made on a fresh machine.

use std::path::{Path, PathBuf};

use crate::run::{say, step, succeeds};
use crate::target;

/// A program that must be there, how its presence is seen, and the Debian package that brings it.
const PREREQUISITES: [(&str, &[&str], &str); 5] = [
    ("python3", &["-c", "import venv, ensurepip"], "python3 python3-venv"),
    ("cc", &["--version"], "build-essential"),
    ("make", &["--version"], "build-essential"),
    ("perl", &["-MFindBin", "-MIPC::Cmd", "-e", "1"], "perl"),
    ("git", &["--version"], "git"),
];

/// The tools that were set up.
#[derive(Debug)]
pub(crate) struct Tools {
    /// A Python with the SDKs that the tests call us with.
    pub(crate) python: PathBuf,
    /// cargo-deny.
    pub(crate) deny: PathBuf,
}

/// Makes the Python environment and finds or installs cargo-deny.
pub(crate) fn run(root: &Path) -> Result<Tools, String> {
    prerequisites()?;
    let venv = target(root).join("test-venv");
    let python = venv.join("bin/python");
    let wanted = std::fs::read_to_string(root.join("tests/requirements.txt")).map_err(|e| e.to_string())?;
    let stamp = venv.join("requirements.installed");
    if std::fs::read_to_string(&stamp).ok().as_deref() != Some(wanted.as_str()) {
        say("setting up the Python environment of the tests");
        let venv_text = venv.to_string_lossy();
        step(root, "python3", &["-m", "venv", "--clear", &venv_text])?;
        let requirements = root.join("tests/requirements.txt");
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", "-r"];
        let mut args: Vec<&str> = pip.to_vec();
        let requirements = requirements.to_string_lossy();
        args.push(&requirements);
        step(root, &python.to_string_lossy(), &args)?;
        std::fs::write(&stamp, wanted).map_err(|error| format!("`{}`: {error}", stamp.display()))?;
    }
    let deny = venv.join("bin/cargo-deny");
    Ok(Tools { python, deny })
}

fn prerequisites() -> Result<(), String> {
    let missing: Vec<_> = PREREQUISITES
        .iter()
        .filter(|(program, args, _)| !succeeds(program, args))
        .map(|(p, _, pkg)| (*p, *pkg))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let programs: Vec<_> = missing.iter().map(|(program, _)| *program).collect();
    let mut packages: Vec<_> = missing.iter().map(|(_, package)| *package).collect();
    packages.dedup();
    Err(format!("missing: {}\n  hint: sudo apt-get install {}", programs.join(", "), packages.join(" ")))
}
