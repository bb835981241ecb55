use std::{collections::BTreeMap, path::Path, time::Instant};

use anyhow::{Context as _, bail, ensure};
use sanctuary_trust::files::Layout;
use serde_json::Value;

use super::{PATIENCE, POLL, Town};
use crate::{caller::Caller, process::Said};

/// Asking the parties, and waiting for what they say.
impl Town {
    /// Runs `sanctuary` to its end; fails when it does.
    ///
    /// # Errors
    /// With what it said.
    pub fn sanctuary(&self, args: &[&str]) -> anyhow::Result<String> {
        let said = Said::by("sanctuary", args)?;
        ensure!(
            said.code == Some(0),
            "sanctuary {}: {}",
            args.join(" "),
            said.err
        );
        Ok(said.out)
    }

    /// Runs a command of a party's node, whatever its end.
    ///
    /// # Errors
    /// When the program is not built.
    pub fn node(&self, agency: &str, command: &str, args: &[&str]) -> anyhow::Result<Said> {
        let config = self.config(agency).display().to_string();
        Said::by(
            "sanctuary-node",
            &[&[command, "--config", &config], args].concat(),
        )
    }

    /// Imports a file at one agency; gives the summary.
    ///
    /// # Errors
    /// With what the program said.
    pub fn import(&self, agency: &str, mapping: &Path, file: &Path) -> anyhow::Result<Value> {
        let [mapping, file] = [mapping, file].map(|p| p.display().to_string());
        let summary = self.path("summary.json").display().to_string();
        let said = self.node(
            agency,
            "import",
            &["--mapping", &mapping, &file, "--json", &summary],
        )?;
        ensure!(said.code == Some(0), "import at {agency}: {}", said.err);
        let summaries: Value = serde_json::from_str(&std::fs::read_to_string(summary)?)?;
        Ok(summaries[0].clone())
    }

    /// What an agency's node says of itself: `status`, which ends with 1 when something needs a person, or
    /// `alerts`.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub fn node_json(&self, agency: &str, command: &str) -> anyhow::Result<Value> {
        let said = self.node(agency, command, &["--json"])?;
        let told = said.code == Some(0) || command == "status" && said.code == Some(1);
        ensure!(told, "{command} at {agency}: {}", said.err);
        serde_json::from_str(&said.out)
            .with_context(|| format!("{command} at {agency}: {}", said.err))
    }

    /// What an agency's daemon last failed at; empty when all is well, or when it does not answer.
    #[must_use]
    pub fn problem(&self, agency: &str) -> String {
        let status = self.node_json(agency, "status").unwrap_or_default();
        status["last_problem"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Waits until an agency's daemon has a problem that is told in these words.
    ///
    /// # Errors
    /// When it takes longer than anything should.
    pub fn until_problem(&self, agency: &str, words: &str) -> anyhow::Result<String> {
        self.until_problem_of_any(&[agency], words)
    }

    /// As [`Town::until_problem`], of whichever of `agencies` meets it first.
    ///
    /// # Errors
    /// When it takes longer than anything should.
    pub fn until_problem_of_any(&self, agencies: &[&str], words: &str) -> anyhow::Result<String> {
        let mut problem = String::new();
        self.until(&format!("one of {agencies:?} to say \"{words}\""), |t| {
            let told = agencies.iter().map(|agency| t.problem(agency));
            problem = told
                .into_iter()
                .find(|p| p.contains(words))
                .unwrap_or_default();
            !problem.is_empty()
        })?;
        println!("{problem}");
        Ok(problem)
    }

    /// What the hub tells an agency of itself.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn hub_json(&self, agency: &str) -> anyhow::Result<Value> {
        let place = self.place();
        let args = ["status", "--dir", &place, "--as", agency, "--json", "-"];
        // Ends with 1 when a key holder is down, and still tells of the hub.
        let said = Said::by("sanctuary", &args)?;
        let status: Value = serde_json::from_str(&said.out).context(said.err)?;
        ensure!(
            status["hub"].is_object(),
            "the hub does not answer: {status}"
        );
        Ok(status["hub"].clone())
    }

    /// Waits until `done`, asking again and again.
    ///
    /// # Errors
    /// When it takes longer than anything should.
    pub fn until(&self, what: &str, mut done: impl FnMut(&Self) -> bool) -> anyhow::Result<()> {
        let started = Instant::now();
        while !done(self) {
            if started.elapsed() > PATIENCE {
                bail!("waited too long for {what}");
            }
            std::thread::sleep(POLL);
        }
        Ok(())
    }

    /// Waits until every agency's records are tokenised and with the hub.
    ///
    /// # Errors
    /// When it takes longer than anything should.
    pub fn until_pushed(&self) -> anyhow::Result<()> {
        for agency in &self.agencies {
            self.until(&format!("{agency} to have pushed everything"), |t| {
                t.node_json(agency, "status")
                    .is_ok_and(|s| s["pending"] == 0 && s["outbox"] == 0)
            })?;
        }
        Ok(())
    }

    /// Waits until the hub has nothing new to tell, its counts staying the same over several rounds,
    /// and until every node has what it told.
    ///
    /// # Errors
    /// When it takes longer than anything should.
    pub fn until_quiet(&self) -> anyhow::Result<()> {
        const ROUNDS: u32 = 4;
        let (mut before, mut round, mut quiet) = (Value::Null, Value::Null, 0);
        self.until("the hub to have told everything", |t| {
            let Ok((now, last_round)) = t.picture() else {
                quiet = 0;
                return false;
            };
            if last_round == round {
                return false;
            }
            quiet = if now == before { quiet + 1 } else { 0 };
            (before, round) = (now, last_round);
            quiet >= ROUNDS
        })?;
        let runtime = tokio::runtime::Runtime::new()?;
        let layout = Layout(self.path("town"));
        for agency in &self.agencies {
            let told = runtime.block_on(Caller::of(&layout, agency)?.alert_versions())?;
            self.until(&format!("{agency} to have heard everything"), |t| {
                t.alert_versions(agency).is_ok_and(|heard| heard == told)
            })?;
        }
        Ok(())
    }

    /// By id, the version of each alert that an agency's node has.
    fn alert_versions(&self, agency: &str) -> anyhow::Result<BTreeMap<String, u64>> {
        let alerts = self.node_json(agency, "alerts")?;
        let alerts = alerts.as_array().context("a list of alerts")?.iter();
        let version = |alert: &Value| {
            let id = alert["alert_id"].as_str()?;
            Some((id.to_owned(), alert["version"].as_u64()?))
        };
        alerts.map(|a| version(a).context("an alert")).collect()
    }

    /// Open alerts at the hub and alerts at the node of each agency; and the hub's last round.
    fn picture(&self) -> anyhow::Result<(Value, Value)> {
        let mut counts = Vec::new();
        let mut last_round = Value::Null;
        for agency in &self.agencies {
            let hub = self.hub_json(agency)?;
            let node = self.node_json(agency, "status")?;
            counts.push(hub["open_alerts"].clone());
            counts.push(node["alerts"].clone());
            last_round = hub["last_round_ms"].clone();
        }
        Ok((counts.into(), last_round))
    }
}
