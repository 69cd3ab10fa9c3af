//! What is typed. It is resolved in `commands`.

use std::net::SocketAddr;
use std::path::PathBuf;

use burgward_checks::Persona;
use burgward_diag::Severity;
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Runs serverless apps with every control really enforced.
#[derive(Debug, Parser)]
#[command(name = "burgward", version, about, max_term_width = 110)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find what an attacker would use, in the template and in the code
    Check(CheckArgs),
    /// Derive the smallest permissions that still work
    Fit(FitArgs),
    /// Say why: a finding, a rule, a denied or allowed call
    Explain(ExplainArgs),
    /// The whole loop on a copy of an app: find, attack, mend, attack again
    Demo(DemoArgs),
    /// Show what `up` would run, forward or refuse
    Plan(PlanArgs),
    /// Run an app with every control enforced
    Up(UpArgs),
    /// Attack a running app, or one started for it, the way the literature says it will be attacked
    Attack(AttackArgs),
    /// Issue short-lived operator keys of a running app
    Credentials(CredentialsArgs),
    /// Verify or read the audit log
    Audit(AuditArgs),
    /// Try every layer of isolation and of encryption on this machine
    Selftest(SelftestArgs),
    /// Ask the IAM engine
    Iam(IamArgs),
}

/// Which app.
#[derive(Clone, Debug, Args)]
pub(crate) struct AppArgs {
    /// The app's folder, or its template
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// Where state is kept [default: a folder of its own for each app, below ~/.local/share/burgward]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

/// Values of template parameters.
#[derive(Clone, Debug, Args)]
pub(crate) struct ParameterArgs {
    /// A template parameter's value; may be given again
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) parameters: Vec<(String, String)>,
    /// A JSON file of parameters and their values, for those that nobody should see in a list of processes
    #[arg(long, value_name = "FILE")]
    pub(crate) parameter_file: Option<PathBuf>,
}

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Human,
    /// For programs; the `schema` names the version
    Json,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people
    Human,
    /// For programs; the `schema` names the version
    Json,
    /// SARIF 2.1.0
    Sarif,
    /// Workflow commands of GitHub Actions
    Github,
}

/// What `--fix` may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FixLevel {
    /// The template alone, and requests that were meant to pass still pass
    Safe,
    /// Code as well
    All,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) app: PathArgs,
    #[command(flatten)]
    pub(crate) parameters: ParameterArgs,
    /// How findings are written
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: CheckFormat,
    /// The least severity that makes the exit status 1
    #[arg(long, value_name = "SEVERITY", default_value = "low", value_parser = severity)]
    pub(crate) fail_on: Severity,
    /// Who reads the findings: regular, pedantic or auditor
    #[arg(long, value_name = "PERSONA", default_value = "regular", value_parser = persona)]
    pub(crate) persona: Persona,
    /// Mend what can be mended: `safe` touches the template, `all` the code as well
    #[arg(long, value_enum, value_name = "LEVEL", num_args = 0..=1, require_equals = true, default_missing_value = "safe")]
    pub(crate) fix: Option<FixLevel>,
    /// Show what `--fix` would change, and change nothing
    #[arg(long, requires = "fix")]
    pub(crate) dry_run: bool,
}

/// An app without state.
#[derive(Clone, Debug, Args)]
pub(crate) struct PathArgs {
    /// The app's folder, or its template
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
}

/// Where permissions come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FitFrom {
    /// The code alone
    Static,
    /// Of what the code asks for, what was observed
    Observed,
    /// All that the code asks for; observation confirms, and narrows which resources
    Both,
}

/// How a fit is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FitFormat {
    /// The change of the template
    Diff,
    /// For programs; the `schema` names the version
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct FitArgs {
    #[command(flatten)]
    pub(crate) app: AppArgs,
    #[command(flatten)]
    pub(crate) parameters: ParameterArgs,
    /// Where permissions come from
    #[arg(long, value_enum, default_value = "both")]
    pub(crate) from: FitFrom,
    /// How the result is written
    #[arg(long, value_enum, default_value = "diff")]
    pub(crate) format: FitFormat,
    /// Change the template
    #[arg(long)]
    pub(crate) write: bool,
    /// Grant an observed call that no code explains; may be given again
    #[arg(long, value_name = "ID")]
    pub(crate) accept: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A rule, a finding such as `iam-star-action@template.yaml:12`, or the request id of a call
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) app: AppArgs,
    #[command(flatten)]
    pub(crate) parameters: ParameterArgs,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// The app's folder, or its template [default: the example app, which the binary holds]
    pub(crate) path: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) parameters: ParameterArgs,
    /// Run functions of runtime A on runtime B, such as python3.12=python3.11
    #[arg(long, value_name = "A=B", value_parser = pair)]
    pub(crate) runtime_substitute: Vec<(String, String)>,
    /// Put the mended copy of the app into this folder, which must not exist yet
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
    /// How the result is written
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) app: AppArgs,
    #[command(flatten)]
    pub(crate) parameters: ParameterArgs,
    /// Run functions of runtime A on runtime B, such as python3.12=python3.11
    #[arg(long, value_name = "A=B", value_parser = pair)]
    pub(crate) runtime_substitute: Vec<(String, String)>,
    /// How the plan is written
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    #[command(flatten)]
    pub(crate) app: AppArgs,
    #[command(flatten)]
    pub(crate) parameters: ParameterArgs,
    /// Where the first API listens; further APIs and the AWS endpoint take the ports that follow; port 0 picks free ones
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8443")]
    pub(crate) listen: SocketAddr,
    /// Record what functions ask for, so that `fit` can confirm it; changes no decision
    #[arg(long)]
    pub(crate) observe: bool,
    /// Refuse to start on findings at `--fail-on` and above
    #[arg(long)]
    pub(crate) strict: bool,
    /// The least severity that `--strict` refuses
    #[arg(long, value_name = "SEVERITY", default_value = "high", value_parser = severity, requires = "strict")]
    pub(crate) fail_on: Severity,
    /// Let calls through that IAM denies, and record them; on loopback only
    #[arg(long)]
    pub(crate) permissive: bool,
    /// Go on without this layer of isolation; may be given again
    #[arg(long, value_name = "ID")]
    pub(crate) allow_unenforced: Vec<String>,
    /// Run functions of runtime A on runtime B, such as python3.12=python3.11
    #[arg(long, value_name = "A=B", value_parser = pair)]
    pub(crate) runtime_substitute: Vec<(String, String)>,
    /// Written with URLs and enforcement state once requests are served
    #[arg(long, value_name = "FILE")]
    pub(crate) ready_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct AttackArgs {
    #[command(flatten)]
    pub(crate) app: AppArgs,
    #[command(flatten)]
    pub(crate) parameters: ParameterArgs,
    /// How the report is written
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct CredentialsArgs {
    #[command(flatten)]
    pub(crate) app: AppArgs,
    /// How long the keys live, in seconds
    #[arg(long, default_value_t = 900, value_parser = clap::value_parser!(u32).range(60..=3600))]
    pub(crate) seconds: u32,
    /// How the keys are written: `env` for a shell, `json` as an AWS `credential_process` does, `file` as a shared
    /// credentials file
    #[arg(long, value_enum, default_value = "env")]
    pub(crate) format: KeyFormat,
    /// Write to this file, of mode 0600, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// How keys are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyFormat {
    /// `export` lines
    Env,
    /// What `credential_process` prints
    Json,
    /// A shared credentials file
    File,
}

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    #[command(subcommand)]
    pub(crate) command: AuditCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Check that no record was altered, removed or put in another order
    Verify {
        #[command(flatten)]
        app: AppArgs,
        /// The head that an earlier run printed; the log must still contain it
        #[arg(long, value_name = "H")]
        expect_head: Option<String>,
        /// How the result is written
        #[arg(long, value_enum, default_value = "human")]
        format: Format,
    },
    /// Print every record as a CloudTrail event, a JSON object a line
    Show {
        #[command(flatten)]
        app: AppArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SelftestArgs {
    /// How the result is written
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct IamArgs {
    #[command(subcommand)]
    pub(crate) command: IamCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IamCommand {
    /// Decide cases, one JSON object a line; `-` reads standard input
    Eval {
        /// The file of cases
        cases: PathBuf,
    },
}

fn severity(text: &str) -> Result<Severity, String> {
    Severity::parse(text).ok_or_else(|| "expected info, low, medium, high or critical".to_owned())
}

fn persona(text: &str) -> Result<Persona, String> {
    Persona::parse(text).ok_or_else(|| "expected regular, pedantic or auditor".to_owned())
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}
