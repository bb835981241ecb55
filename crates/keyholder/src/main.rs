//! `sanctuary-keyholder --config FILE`, and `status` beside it.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use rustix::process::{Resource, Rlimit, setrlimit};
use sanctuary_health::{start_log, stopped};
use sanctuary_keyholder::{Config, run, status};

/// The key holder daemon: answers agencies' blinded batches with its share of the key.
#[derive(Parser)]
#[command(
    name = "sanctuary-keyholder",
    version,
    after_help = "Examples:\n  sanctuary-keyholder --config /etc/sanctuary/keyholder.toml\n  sanctuary-keyholder status --config /etc/sanctuary/keyholder.toml"
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
    /// Show how the running key holder is
    #[command(
        after_help = "Example:\n  sanctuary-keyholder status --config keyholder.toml --json\n\nExit code 0: nothing needs a person; 1: something does, or the key holder does not run; 2: bad usage."
    )]
    Status {
        /// Write JSON to a file, or to standard output when none is named
        #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
        json: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let Some(path) = arguments.config else {
        return fail(
            &anyhow::anyhow!("name the configuration file with --config FILE"),
            2,
        );
    };
    let config = match Config::load(&path) {
        Ok(config) => config,
        Err(error) => return fail(&error.into(), 2),
    };
    if let Some(Command::Status { json }) = arguments.command {
        return match status(&config, json.as_deref()) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::from(1),
            Err(error) => fail(&error, 1),
        };
    }
    start_log(config.log, "info");
    match serve(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error, 1),
    }
}

fn serve(config: Config) -> anyhow::Result<()> {
    forbid_core_dumps()?;
    let listener = std::net::TcpListener::bind(config.listen).map_err(|error| {
        anyhow::anyhow!(
            "cannot listen on {}: {error}; stop what uses the address or change `listen`",
            config.listen
        )
    })?;
    tokio::runtime::Runtime::new()?.block_on(async { run(config, listener, stopped()?).await })
}

/// A core dump would hold the key shares in the clear.
fn forbid_core_dumps() -> anyhow::Result<()> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none).map_err(|error| {
        anyhow::anyhow!("cannot forbid core dumps: {error}; start the daemon with LimitCORE=0")
    })
}

fn fail(error: &anyhow::Error, code: u8) -> ExitCode {
    eprintln!("sanctuary-keyholder: {error:#}");
    ExitCode::from(code)
}
