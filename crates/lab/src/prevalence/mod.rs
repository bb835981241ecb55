//! Nature and scale from an overlap table in a file: what the service would say of it, and the whole
//! calculation behind, which the service shows nobody.

mod marks;
mod report;
mod show;
mod table_file;

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use rand::SeedableRng as _;
use rand_chacha::ChaCha20Rng;
use sanctuary_prevalence::{Circumstances, PrevalenceError, Table, assess};
use sha2::{Digest as _, Sha256};

use crate::progress::Progress;

pub use report::Report;
pub use table_file::read_table;

/// Bytes of a table's file.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// What to estimate, and what is known about the table beside its counts.
#[derive(Debug, Clone)]
pub struct Options {
    /// The file.
    pub path: PathBuf,
    /// Name of the column of counts, where it cannot be told.
    pub count_column: Option<String>,
    /// Groups of lists to take as one, by name.
    pub merge: Vec<Vec<String>>,
    /// Lists to leave out, by name.
    pub without: Vec<String>,
    /// What the table does not say.
    pub circumstances: Circumstances,
    /// Same seed, same resamples.
    pub seed: u64,
    /// Resamples of the interval.
    pub resamples: u32,
    /// Whether to judge every model of pairs and say so in the report.
    pub models: bool,
}

/// What went wrong: what was given, or the calculation.
#[derive(Debug)]
pub enum Fault {
    /// The file or an option.
    Input(anyhow::Error),
    /// The calculation.
    Failed(anyhow::Error),
}

/// Reads the table and judges it.
///
/// # Errors
/// [`Fault::Input`] for a file or option that makes no sense, [`Fault::Failed`] where the calculation
/// does not come to an end.
pub fn estimate(options: &Options) -> Result<Report, Fault> {
    let (table, sha256) = given(options).map_err(Fault::Input)?;
    let mut rng = ChaCha20Rng::seed_from_u64(options.seed);
    let mut shown: Option<(u32, u32, Progress)> = None;
    let mut progress = |(done, of): (u32, u32)| {
        let (before, bar) = match shown.take() {
            Some((before, same, bar)) if same == of => (before, bar),
            last => {
                let before = last.map_or(0, |(before, ..)| before);
                (
                    before,
                    Progress::begin("resampling", u64::from(of - before)),
                )
            }
        };
        bar.advance(u64::from(done - before));
        shown = Some((done, of, bar));
    };
    let study = sanctuary_prevalence::Options {
        resamples: options.resamples,
    };
    let assessment = assess(
        &table,
        &options.circumstances,
        study,
        &mut rng,
        &mut progress,
    );
    drop(shown);
    let assessment = assessment.map_err(|error| match error {
        PrevalenceError::Resamples(_) => Fault::Input(error.into()),
        _ => Fault::Failed(error.into()),
    })?;
    Report::new(options, &table, sha256, assessment).map_err(|error| Fault::Failed(error.into()))
}

/// The table as asked for, and the hash of the file's bytes.
fn given(options: &Options) -> Result<(Table, String)> {
    let shown = options.path.display();
    let size =
        std::fs::metadata(&options.path).with_context(|| format!("could not read {shown}"))?;
    if size.len() > FILE_BYTES_MAX {
        bail!(
            "{shown} is larger than {FILE_BYTES_MAX} bytes, which no overlap table is; give the table of counts"
        );
    }
    let bytes = std::fs::read(&options.path).with_context(|| format!("could not read {shown}"))?;
    let table =
        read_table(&bytes, options.count_column.as_deref()).with_context(|| shown.to_string())?;
    Ok((
        arranged(table, options)?,
        hex::encode(Sha256::digest(&bytes)),
    ))
}

/// Merged and without the lists to leave out. Merged lists carry their names joined.
fn arranged(mut table: Table, options: &Options) -> Result<Table> {
    for group in &options.merge {
        let together: Result<Vec<usize>> = group.iter().map(|name| list_of(&table, name)).collect();
        table = table.merging(&together?);
    }
    for name in &options.without {
        table = table.without(list_of(&table, name)?);
    }
    Ok(table)
}

fn list_of(table: &Table, name: &str) -> Result<usize> {
    let place = table.lists().iter().position(|list| list == name);
    place.with_context(|| {
        format!(
            "there is no list called \"{name}\"; the lists are {}",
            table.lists().join(", ")
        )
    })
}

#[cfg(test)]
mod tests;
