use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use crate::{
    folder::copy_folder,
    ports::free_ports,
    process::{Process, Said},
};

/// The key holders of a town; two of them must answer.
pub const HOLDERS: [&str; 3] = ["alder", "birch", "cedar"];
/// Longest wait for anything; only a hang takes so long.
const PATIENCE: Duration = Duration::from_secs(600);
const POLL: Duration = Duration::from_millis(100);

/// What a town is founded with.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// Names.
    pub agencies: &'a [&'a str],
    /// Full evaluations per agency, class and day.
    pub quota_per_day: u64,
    /// Records expected in all.
    pub universe_records: u64,
    /// Between two match rounds of the hub.
    pub round_interval_ms: u64,
    /// Between two pushes of a node.
    pub push_interval_ms: u64,
}

impl Default for Plan<'_> {
    fn default() -> Self {
        Self {
            agencies: &["police", "council"],
            quota_per_day: 10_000_000,
            universe_records: 20_000,
            round_interval_ms: 300,
            push_interval_ms: 200,
        }
    }
}

/// A partnership of real processes on this machine: a hub, three key holders, the given agencies.
pub struct Town {
    // Before the folder: processes end before their files go.
    processes: BTreeMap<String, Process>,
    dir: tempfile::TempDir,
    agencies: Vec<String>,
}

impl Town {
    /// Makes its keys and configurations; no key ceremony, no daemon.
    ///
    /// # Errors
    /// When a program is not built or a step fails.
    pub fn plan(plan: &Plan<'_>) -> anyhow::Result<Self> {
        let town = Self {
            processes: BTreeMap::new(),
            dir: tempfile::tempdir()?,
            agencies: plan.agencies.iter().map(|a| (*a).to_owned()).collect(),
        };
        let place = town.place();
        town.sanctuary(&[
            "init",
            "partnership",
            "--dir",
            &place,
            "--holders",
            &HOLDERS.join(","),
            "--agencies",
            &plan.agencies.join(","),
            "--port",
            &free_ports()?.to_string(),
            "--quota-per-day",
            &plan.quota_per_day.to_string(),
            "--universe-records",
            &plan.universe_records.to_string(),
        ])?;
        town.configure(
            "hub",
            &format!("round_interval_ms = {}\n", plan.round_interval_ms),
        )?;
        for agency in plan.agencies {
            let slot = format!("push_interval_ms = {}\n", plan.push_interval_ms);
            town.configure(agency, &slot)?;
        }
        Ok(town)
    }

    /// Plans it, holds both key ceremonies and starts every daemon.
    ///
    /// # Errors
    /// When a program is not built or a step fails.
    pub fn found(plan: &Plan<'_>) -> anyhow::Result<Self> {
        let mut town = Self::plan(plan)?;
        let place = town.place();
        for holder in HOLDERS {
            town.start(holder)?;
        }
        for class in ["person", "identifier"] {
            town.ceremony(class, 1)?;
        }
        town.start("hub")?;
        for agency in plan.agencies {
            town.start(agency)?;
        }
        town.until_up()?;
        // Until they have taken up the new manifests, key holders refuse to evaluate.
        let args = ["status", "--dir", &place, "--as", plan.agencies[0]];
        town.until("the hub and every key holder to answer", |t| {
            t.sanctuary(&args).is_ok()
        })?;
        Ok(town)
    }

    /// Holds a key ceremony; tries again until the key holders are up.
    ///
    /// # Errors
    /// With what the command said last.
    pub fn ceremony(&self, class: &str, epoch: u32) -> anyhow::Result<()> {
        let (place, epoch) = (self.place(), epoch.to_string());
        let args = [
            "keys", "ceremony", "--dir", &place, "--class", class, "--epoch", &epoch,
        ];
        self.until("the key ceremony", |t| t.sanctuary(&args).is_ok())
    }

    /// A path in the town's own folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The folder of one party.
    #[must_use]
    pub fn party(&self, party: &str) -> PathBuf {
        self.path("town").join(party)
    }

    /// The configuration file of one party.
    #[must_use]
    pub fn config(&self, party: &str) -> PathBuf {
        self.party(party).join(match self.program(party) {
            "sanctuary-hub" => "hub.toml",
            "sanctuary-keyholder" => "keyholder.toml",
            _ => "node.toml",
        })
    }

    /// The agencies, in order.
    #[must_use]
    pub fn agencies(&self) -> &[String] {
        &self.agencies
    }

    /// Adds lines to a party's configuration; they count from its next start.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn configure(&self, party: &str, lines: &str) -> anyhow::Result<()> {
        let path = self.config(party);
        let text = std::fs::read_to_string(&path)?;
        std::fs::write(&path, format!("{text}{lines}"))?;
        Ok(())
    }

    /// Replaces a line of a party's configuration, by its beginning; it counts from the next start.
    ///
    /// # Errors
    /// When there is no such line or the file cannot be written.
    pub fn reconfigure(&self, party: &str, begins: &str, line: &str) -> anyhow::Result<()> {
        let path = self.config(party);
        let text = std::fs::read_to_string(&path)?;
        let old = text.lines().find(|known| known.starts_with(begins));
        let old = old.with_context(|| format!("no line of {party} begins with {begins}"))?;
        std::fs::write(&path, text.replace(old, line))?;
        Ok(())
    }

    /// The process of one party.
    ///
    /// # Errors
    /// When there is none.
    pub fn process(&mut self, party: &str) -> anyhow::Result<&mut Process> {
        self.processes
            .get_mut(party)
            .with_context(|| format!("no process of {party}"))
    }

    /// Everything a party's daemon has said.
    #[must_use]
    pub fn log(&self, party: &str) -> String {
        self.processes
            .get(party)
            .map(Process::log)
            .unwrap_or_default()
    }

    /// Starts a party's daemon.
    ///
    /// # Errors
    /// When it has not been built.
    pub fn start(&mut self, party: &str) -> anyhow::Result<()> {
        let log = self.path(&format!("{party}.log"));
        let process = Process::start(self.program(party), &self.config(party), &log)?;
        self.processes.insert(party.to_owned(), process);
        Ok(())
    }

    /// Waits until every daemon that was started is at work. Until then a command could take a
    /// node's data folder before its daemon does.
    ///
    /// # Errors
    /// When one ended instead.
    pub fn until_up(&mut self) -> anyhow::Result<()> {
        let started = Instant::now();
        for (party, process) in &mut self.processes {
            while !process.is_up()? {
                ensure!(started.elapsed() < PATIENCE, "{party} does not start");
                std::thread::sleep(POLL);
            }
        }
        Ok(())
    }

    /// Ends a party's daemon cleanly and starts it again, with its configuration as it is now.
    ///
    /// # Errors
    /// When it does not end or does not start.
    pub fn restart(&mut self, party: &str) -> anyhow::Result<()> {
        self.process(party)?.stop()?;
        self.start(party)?;
        self.until_up()
    }

    /// Starts every daemon and waits until all are at work.
    ///
    /// # Errors
    /// As [`Town::start`].
    pub fn start_all(&mut self) -> anyhow::Result<()> {
        let agencies = self.agencies.clone();
        let parties = HOLDERS.into_iter().chain(["hub"]);
        for party in parties.chain(agencies.iter().map(String::as_str)) {
            self.start(party)?;
        }
        self.until_up()
    }

    /// Ends every daemon cleanly.
    ///
    /// # Errors
    /// When one does not end, or ended before with an error.
    pub fn stop_all(&mut self) -> anyhow::Result<()> {
        for process in self.processes.values_mut() {
            process.stop()?;
        }
        self.processes.clear();
        Ok(())
    }

    /// Keeps a copy of everything the parties have on disk; no daemon may run.
    ///
    /// # Errors
    /// When files cannot be copied.
    pub fn keep(&self) -> anyhow::Result<()> {
        ensure!(self.processes.is_empty(), "stop the daemons first");
        copy_folder(&self.path("town"), &self.path("kept"))
    }

    /// Puts the kept copy back in place of what is there; no daemon may run.
    ///
    /// # Errors
    /// When files cannot be copied.
    pub fn put_back(&self) -> anyhow::Result<()> {
        ensure!(self.processes.is_empty(), "stop the daemons first");
        std::fs::remove_dir_all(self.path("town"))?;
        copy_folder(&self.path("kept"), &self.path("town"))
    }

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

    /// The partnership's folder as an argument.
    #[must_use]
    pub fn place(&self) -> String {
        self.path("town").display().to_string()
    }

    fn program(&self, party: &str) -> &'static str {
        if party == "hub" {
            "sanctuary-hub"
        } else if HOLDERS.contains(&party) {
            "sanctuary-keyholder"
        } else {
            "sanctuary-node"
        }
    }
}
