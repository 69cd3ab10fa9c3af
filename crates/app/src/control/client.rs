//! The asking side: one JSON line there, one JSON line back.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;

use super::Ask;
use crate::{AppError, Paths};

/// Why an answer did not come.
#[derive(Debug, Error)]
pub enum ControlError {
    /// The connection broke.
    #[error("the running app did not answer: {0}\n  hint: is `burgward up` still running?")]
    Broken(#[from] std::io::Error),
    /// The answer is not understood.
    #[error("the running app answered what is not understood: {0}\n  hint: both programs must be of the same version")]
    Malformed(#[from] serde_json::Error),
    /// It was refused.
    #[error("{0}")]
    Refused(String),
}

/// A way to a running `up`.
#[derive(Clone, Debug)]
pub struct Client {
    paths: Paths,
}

impl Client {
    /// The app that uses these paths, if it runs.
    pub fn connect(paths: &Paths) -> Result<Self, AppError> {
        match UnixStream::connect(&paths.control) {
            Ok(_) => Ok(Self { paths: paths.clone() }),
            Err(_) => Err(AppError::NotRunning(paths.data.clone())),
        }
    }

    /// Asks and waits for the answer.
    pub fn ask<T: DeserializeOwned>(&self, ask: &Ask) -> Result<T, ControlError> {
        let mut stream = UnixStream::connect(&self.paths.control)?;
        stream.set_read_timeout(Some(Duration::from_mins(16)))?;
        let mut line = serde_json::to_string(ask)?;
        line.push('\n');
        stream.write_all(line.as_bytes())?;
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer)?;
        let answer: Value = serde_json::from_str(&answer)?;
        if let Some(error) = answer.get("error").and_then(Value::as_str) {
            return Err(ControlError::Refused(error.to_owned()));
        }
        Ok(serde_json::from_value(answer.get("ok").cloned().unwrap_or_default())?)
    }
}
