//! The `burgward` command.

mod args;
mod commands;
mod example;
mod out;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Cli, Command};
use crate::commands::Failure;

fn main() -> ExitCode {
    // The spawner is this very binary executed afresh: it must come before anything that starts a thread.
    if std::env::args_os().nth(1).is_some_and(|arg| arg == burgward_sandbox::SPAWNER_ARG) {
        return burgward_sandbox::spawner_main();
    }
    // So is what parses foreign code: it confines itself before it reads a byte.
    if std::env::args_os().nth(1).is_some_and(|arg| arg == burgward_app::ANALYSER_ARG) {
        return burgward_app::analyser_main();
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // `--help` and `--version` come this way as well; clap knows which stream and status each one takes.
            let status = error.exit_code();
            out::ignore(error.print());
            return ExitCode::from(u8::try_from(status).unwrap_or(2));
        }
    };
    let result = match cli.command {
        Command::Check(args) => commands::check::run(&args),
        Command::Fit(args) => commands::fit::run(&args),
        Command::Explain(args) => commands::explain::run(&args),
        Command::Demo(args) => commands::demo::run(&args),
        Command::Plan(args) => commands::plan::run(&args),
        Command::Up(args) => commands::up::run(&args),
        Command::Attack(args) => commands::attack::run(&args),
        Command::Credentials(args) => commands::credentials::run(&args),
        Command::Audit(args) => commands::audit::run(&args),
        Command::Selftest(args) => Ok(commands::selftest::run(&args)),
        Command::Iam(args) => commands::iam::run(&args),
    };
    match result {
        Ok(code) => code,
        Err(Failure { message, status }) => {
            out::tell(&format!("error: {message}"));
            ExitCode::from(status)
        }
    }
}
