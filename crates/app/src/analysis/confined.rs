//! Foreign code is parsed in a process of its own, which can read its input, write its answer and nothing else.

use std::io::{Read as _, Write as _};
use std::process::{Command, ExitCode, Stdio};

use burgward_code::{Code, FunctionSource, Unparsed};

use super::ANALYSER_ARG;
use crate::AppError;

/// Analyses sources in a confined copy of this program, in their order.
pub(super) fn analyse(sources: &[&FunctionSource]) -> Result<Vec<Code>, AppError> {
    if sources.iter().all(|source| source.files.is_empty()) {
        // Nothing to parse: no language that is understood, or no files.
        return Ok(sources.iter().map(|source| burgward_code::analyse(source)).collect());
    }
    let asked = serde_json::to_vec(sources).map_err(AppError::part("code analysis"))?;
    let answered = in_child(&asked).map_err(AppError::part("code analysis"))?;
    let codes: Option<Vec<Code>> = serde_json::from_slice(&answered).ok();
    match codes {
        Some(codes) if codes.len() == sources.len() => Ok(codes),
        // It was ended by a limit, or by its filter: the functions are looked at one by one, so that one cannot hide others.
        _ if sources.len() > 1 => {
            let one_by_one = sources.iter().map(|source| analyse(&[source]));
            Ok(one_by_one.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
        }
        _ => Ok(sources.iter().map(|_| given_up()).collect()),
    }
}

fn given_up() -> Code {
    let why = "the analysis was ended: the code is too large or too deeply nested".to_owned();
    Code { unparsed: vec![Unparsed { why, place: None }], ..Code::default() }
}

fn in_child(asked: &[u8]) -> std::io::Result<Vec<u8>> {
    let program = std::env::current_exe()?;
    let mut command = Command::new(program);
    command.arg(ANALYSER_ARG).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let answered = std::thread::scope(|scope| {
        let writer = scope.spawn(move || input.map_or(Ok(()), |mut input| input.write_all(asked)));
        let mut answer = Vec::new();
        let read = output.map_or(Ok(0), |mut output| output.read_to_end(&mut answer));
        // A child that was ended does not take its input: what it answered tells that as well.
        drop(writer.join());
        read.map(|_| answer)
    });
    // Its limit of processor time ends it: it cannot wait for anything but us.
    child.wait()?;
    answered
}

/// What the program does when it is started as the analyser.
#[must_use]
pub fn analyser_main() -> ExitCode {
    match answer() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn answer() -> Result<(), Box<dyn std::error::Error>> {
    #[cfg(target_os = "linux")]
    burgward_sandbox::confine_to_stdio()?;
    let mut asked = Vec::new();
    std::io::stdin().lock().read_to_end(&mut asked)?;
    let sources: Vec<FunctionSource> = serde_json::from_slice(&asked)?;
    let codes: Vec<Code> = sources.iter().map(burgward_code::analyse).collect();
    let answer = serde_json::to_vec(&codes)?;
    let mut out = std::io::stdout().lock();
    out.write_all(&answer)?;
    Ok(out.flush()?)
}
