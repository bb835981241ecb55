use std::io::IsTerminal as _;
use std::path::PathBuf;

use anyhow::Context as _;
use sanctuary_lab::demo::{self, Options};

use super::Failure;

/// A whole partnership on this machine with made-up people: three key holders, a hub, four
/// agencies' nodes. Ends its loading phase with a table of what happened and what to try.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  cargo demo\n  cargo demo -- --exit --json summary.json")]
pub struct Args {
    /// End when everything has happened, instead of staying up
    #[arg(long)]
    exit: bool,
    /// Write the summary here as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Empty folder for everything the daemons write; a temporary one if not given
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// People to make up
    #[arg(long, default_value_t = 1_800)]
    people: usize,
    /// Same seed, same people
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Args {
    /// Runs the demo and shows it.
    pub fn run(self) -> Result<(), Failure> {
        start_log();
        let temporary = tempfile::tempdir().map_err(|e| Failure::Failed(e.into()))?;
        let dir = self
            .dir
            .clone()
            .unwrap_or_else(|| temporary.path().join("demo"));
        let runtime = tokio::runtime::Runtime::new().map_err(|e| Failure::Failed(e.into()))?;
        runtime.block_on(self.show(dir)).map_err(Failure::Failed)
    }

    async fn show(self, dir: PathBuf) -> anyhow::Result<()> {
        let options = Options {
            dir,
            people: self.people,
            seed: self.seed,
        };
        let interrupted = tokio::signal::ctrl_c();
        tokio::pin!(interrupted);
        let mut demo = tokio::select! {
            demo = demo::run(&options, &|step| eprintln!("{step} ...")) => demo?,
            _ = &mut interrupted => { eprintln!("stopped"); return Ok(()) }
        };
        if let Some(path) = &self.json {
            let text = serde_json::to_string_pretty(&demo.outcome)? + "\n";
            std::fs::write(path, text)
                .with_context(|| format!("could not write {}", path.display()))?;
        }
        demo::print(&demo)?;
        if !self.exit {
            demo.keep_working()?;
            demo::print_next(&demo);
            let _ = interrupted.await;
            eprintln!("stopping");
        }
        demo.stop().await
    }
}

/// Warnings only, so that the table stays readable; `RUST_LOG=info` shows the daemons at work.
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env();
    tracing_subscriber::fmt()
        .with_env_filter(filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn")))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}
