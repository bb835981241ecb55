//! The command line of officers and agencies: founds a partnership, holds key ceremonies, enrols
//! and removes members, lists possible matches, shows where things stand.
//!
//! Owns: what people type and read. Must never: link normalisation or any core, or see an
//! identifier; what joins possible matches to an agency's own records is `sanctuary-node`, which
//! `sanctuary import` and `sanctuary alerts joined` only start.
//!
//! Exit codes: 0 done, 1 failed, 2 bad usage or bad input. Errors are one sentence on stderr.

mod agreement;
mod alerts;
pub mod audit;
mod beside;
pub mod ceremony;
mod daemon_configs;
mod enrol;
mod failure;
mod init;
mod keys;
mod output;
mod report;
mod roster;
mod status;
mod terms;
mod whoami;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

pub use daemon_configs::{DaemonConfig, daemon_configs};
pub use failure::Failure;
pub use init::InitPartnership;
pub use terms::Terms;

#[derive(Parser)]
#[command(
    name = "sanctuary",
    version,
    about = "Operates a Sanctuary partnership",
    after_help = "Example:\n  sanctuary init partnership --dir pilot --hub hub --holders alder,birch,cedar --threshold 2 --agencies police,council"
)]
struct Cli {
    /// Write the result as JSON to this file ("-" for standard output)
    #[arg(long, global = true, value_name = "FILE")]
    json: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Found a partnership
    #[command(subcommand)]
    Init(init::Init),
    /// Make and sign OPRF keys
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Take in a new member, step by step
    #[command(subcommand)]
    Enrol(enrol::Enrol),
    /// Show, sign or change the list of members
    #[command(subcommand)]
    Roster(roster::RosterCommand),
    /// Check, sign, hand in or show the sharing agreement
    #[command(subcommand)]
    Agreement(agreement::AgreementCommand),
    /// Import an agency's file (starts `sanctuary-node import` with the same words)
    #[command(
        after_help = "Example:\n  sanctuary import --config node.toml --mapping columns.toml people.csv"
    )]
    Import(beside::Passed),
    /// Encrypted comparisons with other agencies (starts `sanctuary-node comparisons`)
    #[command(after_help = "Example:\n  sanctuary comparisons --config node.toml")]
    Comparisons(beside::Passed),
    /// Possible matches of the own agency
    #[command(subcommand)]
    Alerts(alerts::Alerts),
    /// Check the partnership's log: verify, prove, watch
    #[command(subcommand)]
    Audit(audit::Audit),
    /// The board pack: preview, release, show, verify
    #[command(subcommand)]
    Report(report::ReportCommand),
    /// Where the hub and the key holders stand
    Status(status::StatusArgs),
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("sanctuary: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    let output = output::Output::new(cli.json);
    match cli.command {
        Command::Init(command) => init::run(command, &output),
        Command::Keys(command) => keys::run(command, &output),
        Command::Enrol(command) => enrol::run(command, &output),
        Command::Roster(command) => roster::run(command, &output),
        Command::Agreement(command) => agreement::run(command, &output),
        Command::Import(passed) => beside::start_node("import", &passed),
        Command::Comparisons(passed) => beside::start_node("comparisons", &passed),
        Command::Alerts(command) => alerts::run(command, &output),
        Command::Audit(command) => audit::run(command, &output),
        Command::Report(command) => report::run(command, &output),
        Command::Status(args) => status::run(&args, &output),
    }
}

/// Runs an asynchronous command; Ctrl-C ends it cleanly.
fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|_| Failure::failed("the system gives this program no resources; try again"))?;
    runtime.block_on(async {
        tokio::select! {
            result = work => result,
            _ = tokio::signal::ctrl_c() => Err(Failure::failed("stopped; nothing was changed half-way")),
        }
    })
}
