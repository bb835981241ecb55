use std::{path::Path, time::Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use super::{PATIENCE, POLL, Town};
use crate::process::Said;

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

    /// What an agency's node says of itself: `status` or `alerts`.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub fn node_json(&self, agency: &str, command: &str) -> anyhow::Result<Value> {
        let said = self.node(agency, command, &["--json"])?;
        ensure!(said.code == Some(0), "{command} at {agency}: {}", said.err);
        Ok(serde_json::from_str(&said.out)?)
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
        let mut problem = String::new();
        self.until(&format!("{agency} to say \"{words}\""), |t| {
            problem = t.problem(agency);
            problem.contains(words)
        })?;
        println!("{agency}: {problem}");
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

    /// Waits until the hub has nothing new to tell and every node has heard what it told: the
    /// counts stay the same over several rounds.
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
        })
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
