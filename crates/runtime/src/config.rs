//! What a function is, as far as running it goes, and which functions are refused before they run.

use std::path::PathBuf;
use std::time::Duration;

use burgward_sandbox::Bind;
use thiserror::Error;

/// How long a sandbox lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Isolation {
    /// Reused by later invocations of the same function, as Lambda does.
    #[default]
    Function,
    /// A fresh sandbox for every invocation.
    Invocation,
}

/// A managed Python runtime, by the name that templates use.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PythonRuntime {
    name: &'static str,
}

/// The names this crate runs.
const PYTHON_RUNTIMES: &[&str] = &["python3.8", "python3.9", "python3.10", "python3.11", "python3.12", "python3.13"];

impl PythonRuntime {
    /// Reads a template's `Runtime`.
    pub fn parse(name: &str) -> Result<Self, ConfigError> {
        let known = PYTHON_RUNTIMES.iter().find(|known| **known == name);
        known.map(|name| Self { name }).ok_or_else(|| ConfigError::Runtime(name.chars().take(100).collect()))
    }

    /// The name, such as `python3.12`; also the name of the directory below `/opt/python/lib`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }
}

/// A function as it is to be run.
#[derive(Clone, Debug)]
pub struct FunctionConfig {
    /// The function's physical name.
    pub name: String,
    /// Its ARN, handed to the function as `invoked_function_arn`.
    pub arn: String,
    /// Its version; `$LATEST` for everything that is not published.
    pub version: String,
    /// `package/module.function`.
    pub handler: String,
    /// The runtime the template names.
    pub runtime: PythonRuntime,
    /// The interpreter to start, as a path inside the sandbox.
    pub interpreter: PathBuf,
    /// What the interpreter needs: its tree and the libraries it is linked with.
    pub interpreter_binds: Vec<Bind>,
    /// The unpacked code, seen as `/var/task`.
    pub code_dir: PathBuf,
    /// Unpacked layers, merged below `/opt`; a later one wins.
    pub layer_dirs: Vec<PathBuf>,
    /// The template's environment variables.
    pub env: Vec<(String, String)>,
    /// The function's memory in MiB.
    pub memory_mb: u32,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// The size of `/tmp` in MiB.
    pub tmp_mb: u32,
    /// How long a sandbox lives.
    pub isolation: Isolation,
    /// Reserved concurrency: `Some(0)` throttles every invocation, `None` shares the account's limit.
    pub max_concurrency: Option<u32>,
    /// The log group's name, such as `/aws/lambda/f`.
    pub log_group: String,
}

/// Why a function is not run.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum ConfigError {
    /// A runtime this crate has no bootstrap for.
    #[error("runtime `{0}` cannot be run\n  hint: python3.8 to python3.13 are supported")]
    Runtime(String),
    /// A variable that Lambda or Burgward sets itself.
    #[error("function `{function}`: environment variable `{variable}` is reserved\n  hint: {hint}")]
    ReservedVariable {
        /// The function.
        function: String,
        /// The variable.
        variable: String,
        /// What to do.
        hint: &'static str,
    },
    /// A name that Lambda refuses as an environment variable.
    #[error(
        "function `{function}`: `{variable}` is no name of an environment variable\n  hint: names start with a letter and \
         hold at least two letters, digits or underscores"
    )]
    VariableName {
        /// The function.
        function: String,
        /// The variable.
        variable: String,
    },
    /// More than 4 KB of variables.
    #[error(
        "function `{function}`: its environment variables take {bytes} bytes\n  hint: at most 4096 bytes are allowed"
    )]
    EnvironmentSize {
        /// The function.
        function: String,
        /// Names and values together.
        bytes: usize,
    },
    /// A value outside of Lambda's range.
    #[error("function `{function}`: `{property}` is {value}\n  hint: {range} is allowed")]
    OutOfRange {
        /// The function.
        function: String,
        /// The property's name in a template.
        property: &'static str,
        /// What it is.
        value: String,
        /// What it may be.
        range: &'static str,
    },
    /// Layers that cannot be laid over one another.
    #[error("function `{function}`: {problem}\n  hint: merge the layers into one")]
    Layers {
        /// The function.
        function: String,
        /// What is wrong.
        problem: String,
    },
    /// Two functions of one name.
    #[error("function `{0}` is defined twice\n  hint: give one of them another name")]
    Duplicate(String),
}

impl FunctionConfig {
    /// Judges the values against Lambda's quotas and reserved names.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
    pub fn check(&self) -> Result<(), ConfigError> {
        crate::environment::check(&self.name, &self.env)?;
        self.range("MemorySize", u64::from(self.memory_mb), 128, 10_240, "128 to 10240 (MB)")?;
        self.range("EphemeralStorage", u64::from(self.tmp_mb), 512, 10_240, "512 to 10240 (MB)")?;
        self.range("Timeout", self.timeout.as_secs(), 1, 900, "1 to 900 (seconds)")?;
        if self.layer_dirs.len() > 5 {
            let problem = format!("it has {} layers, more than 5", self.layer_dirs.len());
            return Err(ConfigError::Layers { function: self.name.clone(), problem });
        }
        Ok(())
    }

    fn range(
        &self,
        property: &'static str,
        value: u64,
        low: u64,
        high: u64,
        range: &'static str,
    ) -> Result<(), ConfigError> {
        if (low..=high).contains(&value) {
            return Ok(());
        }
        Err(ConfigError::OutOfRange { function: self.name.clone(), property, value: value.to_string(), range })
    }
}
