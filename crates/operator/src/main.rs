//! `sanctuary-operator --config FILE`, and `operators add` beside it.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use sanctuary_health::{start_log, stopped};
use sanctuary_operator::{Config, add_first, run};

/// The console of the hub's operators: how the hub is, and which agencies have gone silent. No personal data.
#[derive(Parser)]
#[command(
    name = "sanctuary-operator",
    version,
    after_help = "Examples:\n  sanctuary-operator operators add op1 --name \"Ola Price\" --config operator.toml\n  sanctuary-operator --config operator.toml"
)]
struct Arguments {
    /// The configuration file (TOML)
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// The operators' accounts
    #[command(subcommand)]
    Operators(Operators),
}

#[derive(Subcommand)]
enum Operators {
    /// Add the first operator, while there is none, and show the start code; the others are added in the console
    #[command(
        after_help = "Example:\n  sanctuary-operator operators add op1 --name \"Ola Price\" --config operator.toml"
    )]
    Add {
        /// Staff number
        person: String,
        /// Name for colleagues
        #[arg(long)]
        name: String,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let Some(path) = arguments.config else {
        return fail("name the configuration file with --config FILE", 2);
    };
    let config = match Config::load(&path) {
        Ok(config) => config,
        Err(error) => return fail(&error.to_string(), 2),
    };
    start_log(config.log, "info");
    let done = match arguments.command {
        Some(Command::Operators(Operators::Add { person, name })) => {
            add_first(&config, &person, &name).map(|code| {
                println!("Start code of {person}, good once and for three days: {code}\nChoose a password with it at {}/choose-password", config.public_url);
            })
        }
        None => serve(config),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("{error:#}"), 1),
    }
}

fn serve(config: Config) -> anyhow::Result<()> {
    let listener = std::net::TcpListener::bind(config.listen).map_err(|error| {
        anyhow::anyhow!(
            "cannot listen on {}: {error}; stop what uses the address or change `listen`",
            config.listen
        )
    })?;
    tokio::runtime::Runtime::new()?.block_on(async { run(config, listener, stopped()?).await })
}

fn fail(problem: &str, code: u8) -> ExitCode {
    eprintln!("sanctuary-operator: {problem}");
    ExitCode::from(code)
}
