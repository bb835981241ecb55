use std::{
    fs,
    io::{self, Write as _},
    path::PathBuf,
};

use anyhow::{Context as _, anyhow};
use sanctuary_lab::prevalence::{Fault, Options, estimate};
use sanctuary_prevalence::{Circumstances, Linkage};

use super::Failure;

/// Nature and scale from an overlap table: how many potential victims no agency knows, as a range
/// with its warnings, or why there is no such figure. docs/prevalence.md says what it means.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  cargo lab prevalence --table overlaps.csv\n  cargo lab prevalence --table overlaps.csv --json result.json --seed 7 --resamples 4000\n  cargo lab prevalence --table overlaps.csv --merge police+agency --linkage-recall 0.93 --linkage-precision 0.99\n\nThe table has a column of 0 and 1 for each list and a column of counts:\n  police,council,charity,count\n  1,0,0,90\n  1,1,0,14"
)]
pub struct Args {
    /// The overlap table.
    #[arg(long, value_name = "FILE")]
    table: PathBuf,
    /// Name of the column of counts, if it cannot be told.
    #[arg(long, value_name = "NAME")]
    count_column: Option<String>,
    /// Take lists as one, for example where one is fed by the other's referrals.
    #[arg(long, value_name = "LIST+LIST")]
    merge: Vec<String>,
    /// Leave a list out, after any merging.
    #[arg(long, value_name = "LIST")]
    without: Vec<String>,
    /// Same seed, same resamples.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Resamples of the interval; where they do not suffice, four times as many are taken too.
    #[arg(long, default_value_t = 1_000)]
    resamples: u32,
    /// Share of the true links between records that were found, 0 to 1, if measured.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    linkage_recall: Option<f64>,
    /// Share of the links found that are true, 0 to 1.
    #[arg(long, value_name = "SHARE", value_parser = share, requires = "linkage_recall", default_value_t = 1.0)]
    linkage_precision: f64,
    /// One list is fed by another agency's referrals.
    #[arg(long)]
    referrals: bool,
    /// Months in which the people were counted.
    #[arg(long, value_name = "MONTHS")]
    window_months: Option<u32>,
    /// The agencies' periods, ages or areas differ.
    #[arg(long)]
    scopes_differ: bool,
    /// Some lists cannot meet by design.
    #[arg(long)]
    lists_apart: bool,
    /// The counts were rounded or suppressed.
    #[arg(long)]
    rounded: bool,
    /// Judge every model of pairs, for the JSON (up to five lists).
    #[arg(long, requires = "json")]
    models: bool,
    /// Write the result here as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Args {
    /// Estimates, prints and writes the JSON.
    pub fn run(self) -> Result<(), Failure> {
        let json = self.json.clone();
        let report = estimate(&self.options()).map_err(|fault| match fault {
            Fault::Input(error) => Failure::BadInput(error),
            Fault::Failed(error) => Failure::Failed(error),
        })?;
        // A reader that has seen enough, such as `head`, is no fault.
        match writeln!(io::stdout(), "{report}") {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                return Err(Failure::Failed(error.into()));
            }
            _ => {}
        }
        let Some(path) = json else { return Ok(()) };
        let text = serde_json::to_string_pretty(&report).map_err(|e| Failure::Failed(e.into()))?;
        fs::write(&path, text + "\n")
            .with_context(|| format!("could not write {}", path.display()))
            .map_err(Failure::Failed)
    }

    fn options(self) -> Options {
        let precision = self.linkage_precision;
        let measured = |recall| Linkage::Measured { recall, precision };
        let names = |group: &String| {
            group
                .split('+')
                .map(|name| name.trim().to_owned())
                .collect()
        };
        Options {
            path: self.table,
            count_column: self.count_column,
            merge: self.merge.iter().map(names).collect(),
            without: self.without,
            circumstances: Circumstances {
                linkage: self.linkage_recall.map_or(Linkage::AsGiven, measured),
                exact_counts: !self.rounded,
                referral_path: self.referrals,
                window_months: self.window_months,
                scopes_differ: self.scopes_differ,
                lists_apart: self.lists_apart,
            },
            seed: self.seed,
            resamples: self.resamples,
            models: self.models,
        }
    }
}

fn share(text: &str) -> anyhow::Result<f64> {
    let share: f64 = text.parse()?;
    if (0.0..=1.0).contains(&share) {
        Ok(share)
    } else {
        Err(anyhow!("a share is 0 to 1"))
    }
}
