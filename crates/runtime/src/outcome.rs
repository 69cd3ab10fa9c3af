//! How an invocation's failure looks to its caller: Lambda's error objects and words.
//!
//! The error types are those of the runtime interface emulator.

use std::time::Duration;

use burgward_sandbox::Exit;
use bytes::Bytes;
use serde_json::json;

/// What a caller of `Invoke` may send and a function may answer: 6 MiB and 100 bytes.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub(crate) const PAYLOAD_LIMIT: usize = 6 * 1024 * 1024 + 100;

/// An error object and its type for logs and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) payload: Bytes,
    pub(crate) error_type: String,
}

impl Failure {
    /// `{"errorType": .., "errorMessage": ..}`.
    pub(crate) fn new(error_type: &str, message: &str) -> Self {
        let payload = json!({ "errorType": error_type, "errorMessage": message }).to_string().into();
        Self { payload, error_type: error_type.to_owned() }
    }

    /// The function took longer than its timeout.
    pub(crate) fn timed_out(request_id: &str, timeout: Duration) -> Self {
        Self::new("Sandbox.Timedout", &format!("RequestId: {request_id} Error: {}", timed_out_words(timeout)))
    }

    /// The function's process ended before it answered.
    pub(crate) fn exited(request_id: &str, exit: Exit) -> Self {
        Self::new("Runtime.ExitError", &format!("RequestId: {request_id} Error: {}", exit_words(exit)))
    }

    /// The answer was larger than the limit.
    pub(crate) fn response_too_large() -> Self {
        let message = format!("Response payload size exceeded maximum allowed payload size ({PAYLOAD_LIMIT} bytes).");
        Self::new("Function.ResponseSizeTooLarge", &message)
    }
}

/// `Task timed out after 3.00 seconds`.
pub(crate) fn timed_out_words(timeout: Duration) -> String {
    format!("Task timed out after {:.2} seconds", timeout.as_secs_f64())
}

/// `Runtime exited with error: signal: killed` and its kin, in the emulator's words.
pub(crate) fn exit_words(exit: Exit) -> String {
    if exit.oom {
        return "Runtime exited with error: signal: killed".to_owned();
    }
    match (exit.signal, exit.code) {
        (Some(signal), _) => format!("Runtime exited with error: signal: {}", signal_name(signal)),
        (None, Some(0)) => "Runtime exited without providing a reason".to_owned(),
        (None, Some(code)) => format!("Runtime exited with error: exit status {code}"),
        (None, None) => "Runtime exited".to_owned(),
    }
}

/// The names that Go's `syscall.Signal` prints, which are the ones seen in Lambda's messages.
fn signal_name(signal: i32) -> String {
    match signal {
        2 => "interrupt".to_owned(),
        4 => "illegal instruction".to_owned(),
        6 => "aborted".to_owned(),
        7 => "bus error".to_owned(),
        8 => "floating point exception".to_owned(),
        9 => "killed".to_owned(),
        11 => "segmentation fault".to_owned(),
        13 => "broken pipe".to_owned(),
        15 => "terminated".to_owned(),
        31 => "bad system call".to_owned(),
        other => format!("signal {other}"),
    }
}

/// The header `Lambda-Runtime-Function-Error-Type`, if it has the shape of an error type: a function must not write
/// free text into logs and metrics by it.
pub(crate) fn error_type(header: Option<&str>, fallback: &str) -> String {
    let shaped = |text: &&str| {
        let name = text.strip_prefix("Runtime.").or_else(|| text.strip_prefix("Function."));
        let word = |name: &str| name.len() <= 60 && name.bytes().all(|b| b.is_ascii_alphanumeric());
        name.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_uppercase()) && word(name))
    };
    header.filter(shaped).unwrap_or(fallback).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_an_exit() {
        let exit = |code, signal, oom| exit_words(Exit { code, signal, oom });
        assert_eq!(exit(Some(0), None, false), "Runtime exited without providing a reason");
        assert_eq!(exit(Some(3), None, false), "Runtime exited with error: exit status 3");
        assert_eq!(exit(None, Some(11), false), "Runtime exited with error: signal: segmentation fault");
        assert_eq!(exit(None, Some(9), true), "Runtime exited with error: signal: killed");
    }

    #[test]
    fn an_error_type_is_a_name_and_nothing_else() {
        let kept = |text| error_type(Some(text), "Function.Unknown");
        assert_eq!(kept("Runtime.ImportModuleError"), "Runtime.ImportModuleError");
        assert_eq!(kept("Runtime.x\u{1b}[31m"), "Function.Unknown");
        assert_eq!(kept("Sandbox.Timedout"), "Function.Unknown");
        assert_eq!(error_type(None, "Function.Unknown"), "Function.Unknown");
    }

    #[test]
    fn a_timeout_reads_as_lambda_writes_it() {
        assert_eq!(
            Failure::timed_out("abc", Duration::from_secs(3)).payload,
            r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: abc Error: Task timed out after 3.00 seconds"}"#
        );
    }
}
