use std::path::{Path, PathBuf};

use sanctuary_lab::synth::{self, Profile};

use crate::Town;

/// Agencies' files of made-up people, on disk.
pub struct Files {
    dir: PathBuf,
    /// Name and number of rows of each agency's file.
    pub agencies: Vec<(String, usize)>,
    made: synth::Partnership,
}

impl Files {
    /// Makes up as many people as give about `rows` rows in all, never fewer.
    ///
    /// # Errors
    /// When they cannot be written to `dir`.
    pub fn make(dir: &Path, rows: usize, agencies: usize, seed: u64) -> anyhow::Result<Self> {
        let mut people = rows / 2;
        loop {
            let made = synth::generate(&synth::Options {
                people,
                agencies,
                seed,
                profile: Profile::default(),
            })?;
            let found: usize = made.agencies.iter().map(|a| a.truth.len()).sum();
            if found >= rows {
                made.write(dir)?;
                let counted = made.agencies.iter();
                return Ok(Self {
                    dir: dir.to_owned(),
                    agencies: counted.map(|a| (a.name.clone(), a.truth.len())).collect(),
                    made,
                });
            }
            people = people * rows / found.max(1) + 20;
        }
    }

    /// The agencies' names.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.agencies.iter().map(|(name, _)| &**name).collect()
    }

    /// Rows of all files.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.agencies.iter().map(|(_, rows)| rows).sum()
    }

    /// The people and their records.
    #[must_use]
    pub const fn made(&self) -> &synth::Partnership {
        &self.made
    }

    /// An agency's mapping file.
    #[must_use]
    pub fn mapping(&self, agency: &str) -> PathBuf {
        self.dir.join(format!("{agency}.toml"))
    }

    /// An agency's file.
    #[must_use]
    pub fn csv(&self, agency: &str) -> PathBuf {
        self.dir.join(format!("{agency}.csv"))
    }

    /// Imports every agency's file; gives the number of records that take part.
    ///
    /// # Errors
    /// With what the program said.
    pub fn import(&self, town: &Town) -> anyhow::Result<u64> {
        let mut accepted = 0;
        for (agency, _) in &self.agencies {
            let summary = town.import(agency, &self.mapping(agency), &self.csv(agency))?;
            accepted += summary["accepted"].as_u64().unwrap_or(0);
        }
        Ok(accepted)
    }
}
