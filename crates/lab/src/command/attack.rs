use std::{fs, path::PathBuf, time::SystemTime};

use anyhow::{Context, Result, anyhow, bail};
use sanctuary_lab::{
    attack::{Given, Report, attack_given, attack_made},
    evaluate::AgencyInput,
};
use sanctuary_types::{Epoch, Timestamp};

use super::{
    Failure,
    evaluate::{named, text_of},
};

/// Attacks a hub with the complete plaintext of its people in hand, once as the thief of a disk or
/// backup and once as somebody who has taken it over: by frequency, by structure, by what came
/// together, by dictionary. Prints how much is named, beside the same attacks on other designs.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  cargo lab attack --records 30000 --seed 1\n  cargo lab attack --hub demo/hub \\\n      --key-shares demo/alder --key-shares demo/birch \\\n      --population police=police.csv --mapping police.toml --json attack.json"
)]
pub struct Args {
    /// Make up a partnership of about so many records, and attack its hub.
    #[arg(
        long,
        value_name = "N",
        conflicts_with = "hub",
        required_unless_present = "hub"
    )]
    records: Option<usize>,
    /// Data directory of a hub that does not run, or the folder that has it as "data".
    #[arg(long, value_name = "DIR", requires_all = ["population", "key_shares"])]
    hub: Option<PathBuf>,
    /// Its root key; "root.key" beside the data directory if not given. The attacks on the disk alone
    /// do without it; it tells what of them is right.
    #[arg(long, value_name = "FILE")]
    root_key: Option<PathBuf>,
    /// The epoch attacked.
    #[arg(long, default_value_t = 1)]
    epoch: u32,
    /// The attacker's plaintext of an agency's people; give it once for each file.
    #[arg(long, value_name = "AGENCY=FILE")]
    population: Vec<String>,
    /// Mapping file of every file that has none of its own.
    #[arg(long)]
    mapping: Option<PathBuf>,
    /// Mapping file of one agency's file.
    #[arg(long, value_name = "AGENCY=FILE")]
    per_agency_mapping: Vec<String>,
    /// Folder of a key holder; give exactly as many as an evaluation needs. They are used for the
    /// dictionary attack with t shares and to score the other attacks, not in them.
    #[arg(long, value_name = "DIR")]
    key_shares: Vec<PathBuf>,
    /// Records in the partnership, as the key manifest states them.
    #[arg(long, value_name = "N")]
    universe_records: Option<u64>,
    /// Same seed, same people and same guesses.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the result here as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Fewer records than this have no frequencies to speak of.
const RECORDS_MIN: usize = 200;
const RECORDS_MAX: usize = 200_000;

impl Args {
    /// Attacks, prints the table and writes the JSON.
    pub fn run(self) -> Result<(), Failure> {
        let json = self.json.clone();
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let since = since.map_err(|e| Failure::Failed(e.into()))?;
        let now = Timestamp(since.as_millis() as u64);
        let report = self.attack(now)?;
        println!("{report}");
        let Some(path) = json else { return Ok(()) };
        let text = serde_json::to_string_pretty(&report).map_err(|e| Failure::Failed(e.into()))?;
        fs::write(&path, text + "\n")
            .with_context(|| format!("could not write {}", path.display()))
            .map_err(Failure::Failed)
    }

    fn attack(self, now: Timestamp) -> Result<Report, Failure> {
        match self.records {
            Some(records) if (RECORDS_MIN..=RECORDS_MAX).contains(&records) => {
                attack_made(records, self.seed, now).map_err(Failure::Failed)
            }
            Some(_) => Err(Failure::BadInput(anyhow!(
                "--records must be {RECORDS_MIN} to {RECORDS_MAX}"
            ))),
            None => {
                let given = self.given(now).map_err(Failure::BadInput)?;
                attack_given(&given).map_err(Failure::BadInput)
            }
        }
    }

    fn given(self, now: Timestamp) -> Result<Given> {
        let hub = self.hub.context("give --records or --hub")?;
        let hub = match hub.join("data") {
            data if data.is_dir() => data,
            _ => hub,
        };
        let beside = || Some(hub.parent()?.join("root.key"));
        let root_key = self.root_key.or_else(beside).context("give --root-key")?;
        let own = self.per_agency_mapping.iter().map(|text| named(text));
        let own = own.collect::<Result<Vec<_>>>()?;
        let mut population: Vec<AgencyInput> = Vec::new();
        for text in &self.population {
            let (name, path) = named(text)?;
            if population.iter().any(|file| file.name == name) {
                bail!("--population names \"{name}\" twice");
            }
            let mapping = own
                .iter()
                .find(|(other, _)| *other == name)
                .map(|(_, path)| path);
            let mapping = mapping.or(self.mapping.as_ref()).with_context(|| {
                format!("no mapping for {name}: give --mapping or --per-agency-mapping {name}=FILE")
            })?;
            population.push(AgencyInput {
                mapping: text_of(mapping)?,
                name,
                path,
            });
        }
        Ok(Given {
            hub,
            root_key,
            epoch: Epoch(self.epoch),
            population,
            key_shares: self.key_shares,
            universe_records: self.universe_records,
            seed: self.seed,
            now,
        })
    }
}
