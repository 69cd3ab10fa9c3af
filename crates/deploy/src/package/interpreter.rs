//! The interpreter that stands for a Lambda runtime on this machine.

use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;

use super::PackageError;

/// What an interpreter says of itself; `-I` keeps the user's environment out of it.
const ASK: &str = "import json, os, sys; print(json.dumps({'executable': os.path.realpath(sys.executable), \
                   'base_prefix': sys.base_prefix, 'version': '%d.%d.%d' % sys.version_info[:3]}))";

/// A Python interpreter on this machine.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Interpreter {
    /// The program, with links resolved.
    pub executable: PathBuf,
    /// The folder that holds the interpreter's libraries.
    pub base_prefix: PathBuf,
    /// `major.minor.patch`.
    pub version: String,
}

impl Interpreter {
    /// Finds the interpreter of a runtime such as `python3.11`.
    pub fn find(runtime: &str) -> Result<Self, PackageError> {
        let minor = runtime.strip_prefix("python3.").and_then(|minor| minor.parse::<u8>().ok());
        if !minor.is_some_and(|minor| (8..=13).contains(&minor)) {
            return Err(PackageError::UnknownRuntime(runtime.to_owned()));
        }
        let missing = || PackageError::NoInterpreter { runtime: runtime.to_owned(), program: runtime.to_owned() };
        let output = Command::new(runtime).args(["-I", "-c", ASK]).output().map_err(|_| missing())?;
        serde_json::from_slice(&output.stdout).map_err(|_| missing())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_runtimes_are_named() {
        let error = Interpreter::find("cobol85").unwrap_err().to_string();
        assert_eq!(
            error,
            "runtime `cobol85` is not supported\n  hint: python3.8 to python3.13 run; others are refused"
        );
        assert!(matches!(Interpreter::find("python3.8; true"), Err(PackageError::UnknownRuntime(_))));
    }
}
