use anyhow::ensure;
use sanctuary_tests::{Audit, Files, Plan, Town};
use tempfile::TempDir;

/// A town at work and files to import.
pub struct Scene {
    pub town: Town,
    pub files: Files,
    _folder: TempDir,
}

impl Scene {
    pub fn set(rows: usize) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let files = Files::make(folder.path(), rows, 2, 7)?;
        let town = Town::found(&Plan {
            agencies: &files.names(),
            ..Plan::default()
        })?;
        Ok(Self {
            town,
            files,
            _folder: folder,
        })
    }

    pub fn import(&self, agency: &str) -> anyhow::Result<()> {
        let (mapping, csv) = (self.files.mapping(agency), self.files.csv(agency));
        let summary = self.town.import(agency, &mapping, &csv)?;
        println!(
            "{agency} imported: {} records take part",
            summary["accepted"]
        );
        Ok(())
    }

    pub fn agency(&self, place: usize) -> String {
        self.files.agencies[place].0.clone()
    }

    /// Everything that was accepted is with the hub, once, and matched.
    pub fn nothing_is_lost(&mut self) -> anyhow::Result<()> {
        self.town.until_pushed()?;
        self.town.until_quiet()?;
        self.town.stop_all()?;
        let audit = Audit::of(&self.town)?;
        audit.nothing_lost()?;
        ensure!(
            !audit.tokens.is_empty() && !audit.alerts.is_empty(),
            "nothing was published, so nothing could be lost"
        );
        println!(
            "{} records published, {} alerts, nothing lost",
            audit.tokens.len(),
            audit.alerts.len()
        );
        Ok(())
    }
}
