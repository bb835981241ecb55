use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::{Context, Result, anyhow, bail};
use sanctuary_lab::evaluate::{AgencyInput, Breakdown, Fault, Options, Source, evaluate};
use sanctuary_types::{PartyId, Timestamp};

use super::Failure;

/// Links files of several agencies through the real pipeline and reports quality against a truth
/// that the pipeline does not see.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  cargo lab evaluate --mapping febrl.toml --agency police=a.csv --agency council=b.csv --truth-column ent\n  cargo lab evaluate --mapping febrl.toml --agency all=c.csv --truth-column ent --within --json out.json\n  cargo lab evaluate --agency police=out/police.csv --per-agency-mapping police=out/police.toml \\\n      --agency council=out/council.csv --per-agency-mapping council=out/council.toml \\\n      --truth-file out/truth.csv --by culture --by-file out/people.csv"
)]
pub struct Args {
    /// Mapping file of every agency that has none of its own.
    #[arg(long)]
    mapping: Option<PathBuf>,
    /// An agency and its file; give it once for each agency.
    #[arg(long = "agency", value_name = "NAME=FILE", required = true)]
    agencies: Vec<String>,
    /// Mapping file of one agency.
    #[arg(long, value_name = "NAME=FILE")]
    per_agency_mapping: Vec<String>,
    /// Column of the files in which equal values are one person.
    #[arg(long, group = "truth")]
    truth_column: Option<String>,
    /// File with the columns id_l and id_r: the true pairs.
    #[arg(long, group = "truth", value_name = "FILE")]
    truth_pairs: Option<PathBuf>,
    /// File with the columns agency, record_id and person_id, as `cargo lab synth` writes it.
    #[arg(long, group = "truth", value_name = "FILE")]
    truth_file: Option<PathBuf>,
    /// Compare one file with itself, each record as an agency of its own.
    #[arg(long)]
    within: bool,
    /// Leave the field national_id out of every mapping.
    #[arg(long)]
    no_national_id: bool,
    /// Put a plain hash in place of the key holders: the same scores in a fraction of the time, for
    /// experiments with files that may be shown to anybody.
    #[arg(long)]
    no_key_holders: bool,
    /// Let the nodes compare the candidates that tokens leave in doubt.
    #[arg(long, value_name = "on|off", default_value = "on", value_parser = on_or_off, action = clap::ArgAction::Set)]
    second_step: bool,
    /// Probability from which on a pair counts.
    #[arg(long, default_value_t = 0.5)]
    threshold: f64,
    /// Print recall and precision by the values of this column.
    #[arg(long, value_name = "COLUMN")]
    by: Option<String>,
    /// File that has the column of --by, with person ids in its first column.
    #[arg(long, value_name = "FILE", requires = "by")]
    by_file: Option<PathBuf>,
    /// Write the result here as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Args {
    /// Evaluates, prints the table and writes the JSON.
    pub fn run(self) -> Result<(), Failure> {
        let json = self.json.clone();
        let options = self.options().map_err(Failure::BadInput)?;
        let report = evaluate(&options).map_err(|fault| match fault {
            Fault::Input(error) => Failure::BadInput(error),
            Fault::Failed(error) => Failure::Failed(error),
        })?;
        println!("{report}");
        let Some(path) = json else { return Ok(()) };
        let text = serde_json::to_string_pretty(&report).map_err(|e| Failure::Failed(e.into()))?;
        fs::write(&path, text + "\n")
            .with_context(|| format!("could not write {}", path.display()))
            .map_err(Failure::Failed)
    }

    fn options(self) -> Result<Options> {
        let own = self.per_agency_mapping.iter().map(|text| named(text));
        let own = own.collect::<Result<Vec<_>>>()?;
        let files = self.agencies.iter().map(|text| named(text));
        let files = files.collect::<Result<Vec<_>>>()?;
        if let Some((name, _)) = own
            .iter()
            .find(|(name, _)| files.iter().all(|(other, _)| other != name))
        {
            bail!("--per-agency-mapping names \"{name}\", which is no --agency");
        }
        let mut agencies: Vec<AgencyInput> = Vec::new();
        for (name, path) in files {
            if agencies.iter().any(|agency| agency.name == name) {
                bail!("--agency names \"{name}\" twice");
            }
            let mapping = own
                .iter()
                .find(|(other, _)| *other == name)
                .map(|(_, path)| path);
            let mapping = mapping.or(self.mapping.as_ref());
            let mapping = mapping.with_context(|| {
                format!("no mapping for {name}: give --mapping or --per-agency-mapping {name}=FILE")
            })?;
            agencies.push(AgencyInput {
                mapping: text_of(mapping)?,
                name,
                path,
            });
        }
        if !(0.0..=1.0).contains(&self.threshold) {
            bail!("--threshold is a probability, 0 to 1");
        }
        let truth = match (self.truth_column, self.truth_pairs, self.truth_file) {
            (Some(column), ..) => Source::Column(column),
            (_, Some(path), _) => Source::Pairs(path),
            (.., Some(path)) => Source::People(path),
            _ => bail!("say where the truth is: --truth-column, --truth-pairs or --truth-file"),
        };
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        Ok(Options {
            agencies,
            truth,
            within: self.within,
            no_national_id: self.no_national_id,
            threshold: self.threshold,
            no_key_holders: self.no_key_holders,
            second_step: self.second_step,
            by: self.by.map(|column| Breakdown {
                column,
                file: self.by_file,
            }),
            now: Timestamp(u64::try_from(since.as_millis())?),
        })
    }
}

pub(super) fn on_or_off(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("say on or off".to_owned()),
    }
}

pub(super) fn named(text: &str) -> Result<(PartyId, PathBuf)> {
    let (name, path) = text
        .split_once('=')
        .ok_or_else(|| anyhow!("\"{text}\" is not written NAME=FILE"))?;
    let name = name
        .parse()
        .with_context(|| format!("the agency in \"{text}\""))?;
    Ok((name, path.into()))
}

pub(super) fn text_of(path: &Path) -> Result<String> {
    fs::read_to_string(path)
        .with_context(|| format!("could not read the mapping {}", path.display()))
}
