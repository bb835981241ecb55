//! One module a subcommand: arguments in, a call into the library, words out.

mod attack;
mod bench;
mod demo;
mod evaluate;
mod prevalence;
mod synth;

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, Subcommand};

/// Try, measure and show Sanctuary on one machine.
#[derive(Parser)]
#[command(name = "sanctuary-lab", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Attack(attack::Args),
    Demo(demo::Args),
    Synth(synth::Args),
    Evaluate(evaluate::Args),
    Prevalence(prevalence::Args),
    Bench(bench::Args),
    HubProcess(bench::HubProcessArgs),
}

/// Why a command did not do its work: exit code 1, or 2 when what was asked for or given is wrong.
pub(crate) enum Failure {
    Failed(anyhow::Error),
    BadInput(anyhow::Error),
}

/// Reads the command line, does what it says, and gives the exit code.
pub fn run() -> ExitCode {
    let done = match Cli::parse_from(without_separator(std::env::args_os())).command {
        Command::Attack(args) => args.run(),
        Command::Demo(args) => args.run(),
        Command::Bench(args) => args.run(),
        Command::HubProcess(args) => args.run(),
        Command::Synth(args) => args.run(),
        Command::Evaluate(args) => args.run(),
        Command::Prevalence(args) => args.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Failed(error)) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
        Err(Failure::BadInput(error)) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// `cargo demo -- --exit` arrives as `demo -- --exit`, since the alias has its own separator.
fn without_separator(args: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    const AFTER_COMMAND: usize = 2;
    args.enumerate()
        .filter(|(place, word)| *place != AFTER_COMMAND || word != "--")
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_may_follow_cargos_separator() {
        for line in [
            "sanctuary-lab demo -- --exit --json out.json",
            "sanctuary-lab demo --exit --json out.json",
        ] {
            let words = line.split(' ').map(OsString::from);
            assert!(
                Cli::try_parse_from(without_separator(words)).is_ok(),
                "{line}"
            );
        }
    }
}
