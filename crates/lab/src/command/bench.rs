use std::path::PathBuf;

use anyhow::Context as _;
use sanctuary_lab::bench::{self, Options};

use super::Failure;

/// Measures the OPRF against the physical limit and the hub with sled and mutual TLS at several
/// sizes, in one run.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  cargo lab bench --json bench.json")]
pub struct Args {
    /// Write the figures here as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Stored records at which the hub is measured, ascending; a million needs about 4 GB of disk
    #[arg(long, value_delimiter = ',', default_values_t = [10_000, 100_000, 1_000_000])]
    at_records: Vec<u64>,
}

impl Args {
    /// Measures, prints and writes.
    pub fn run(self) -> Result<(), Failure> {
        if self.at_records.is_empty() || !self.at_records.is_sorted() {
            return Err(Failure::BadInput(anyhow::anyhow!(
                "--at-records must be ascending numbers"
            )));
        }
        let options = Options {
            at_records: self.at_records,
        };
        let report = bench::run(&options, &|step| eprintln!("{step}")).map_err(Failure::Failed)?;
        let text =
            serde_json::to_string_pretty(&report).map_err(|e| Failure::Failed(e.into()))? + "\n";
        print!("{text}");
        match self.json {
            Some(path) => std::fs::write(&path, text)
                .with_context(|| format!("could not write {}", path.display()))
                .map_err(Failure::Failed),
            None => Ok(()),
        }
    }
}

/// The hub of a bench in a process of its own; started by `bench`.
#[derive(clap::Args)]
#[command(hide = true)]
pub struct HubProcessArgs {
    #[arg(long)]
    dir: PathBuf,
    #[arg(long)]
    port: u16,
    #[arg(long)]
    round_interval_ms: u64,
}

impl HubProcessArgs {
    /// Serves until killed.
    pub fn run(self) -> Result<(), Failure> {
        bench::serve_hub(&self.dir, self.port, self.round_interval_ms).map_err(Failure::Failed)
    }
}
