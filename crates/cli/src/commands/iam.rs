//! `burgward iam`.

use std::fs::File;
use std::io::{BufRead, BufReader, stdin};
use std::process::ExitCode;

use super::{Done, Failure};
use crate::args::{IamArgs, IamCommand};
use crate::out;

pub(crate) fn run(args: &IamArgs) -> Done {
    let IamCommand::Eval { cases } = &args.command;
    if cases.as_os_str() == "-" {
        return eval(stdin().lock());
    }
    let file = File::open(cases);
    let file = file.map_err(|error| {
        Failure::unusable(format!("`{}`: {error}\n  hint: give a file of cases, or `-`", cases.display()))
    })?;
    eval(BufReader::new(file))
}

/// One case in, one decision out; a line that cannot be read is answered as such, and the run goes on.
fn eval(mut input: impl BufRead) -> Done {
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(Failure::unusable)? == 0 {
            return Ok(ExitCode::SUCCESS);
        }
        let text = String::from_utf8_lossy(&line);
        if !text.trim().is_empty() {
            out::data(&(burgward_iam::cases::eval_case(text.trim()) + "\n"));
        }
    }
}
