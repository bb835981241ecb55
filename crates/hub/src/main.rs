//! `sanctuary-hub --config FILE`

use std::{io::IsTerminal, path::PathBuf, process::ExitCode};

use clap::Parser;
use sanctuary_hub::{Config, LogFormat, run};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// The hub daemon: stores sealed postings, opens what two agencies share, raises possible matches.
#[derive(Parser)]
#[command(
    name = "sanctuary-hub",
    version,
    after_help = "Example:\n  sanctuary-hub --config /etc/sanctuary/hub.toml"
)]
struct Arguments {
    /// The configuration file (TOML)
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let config = match Config::load(&arguments.config) {
        Ok(config) => config,
        Err(error) => return fail(&error.into(), 2),
    };
    start_log(config.log);
    match serve(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error, 1),
    }
}

fn serve(config: Config) -> anyhow::Result<()> {
    let listener = std::net::TcpListener::bind(config.listen).map_err(|error| {
        anyhow::anyhow!(
            "cannot listen on {}: {error}; stop what uses the address or change `listen`",
            config.listen
        )
    })?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let shutdown = async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        };
        run(config, listener, shutdown).await
    })
}

fn start_log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // Else a log that nobody reads any more (a broken pipe) ends the daemon in a panic.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Plain => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
}

fn fail(error: &anyhow::Error, code: u8) -> ExitCode {
    eprintln!("sanctuary-hub: {error:#}");
    ExitCode::from(code)
}
