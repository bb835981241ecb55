mod ask;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};

use crate::{folder::copy_folder, ports::free_ports, process::Process};

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
    /// Whether nodes compare records. Which pairs that were depends on when what was pushed, so runs
    /// that shall end alike go without.
    pub second_step: bool,
}

impl Default for Plan<'_> {
    fn default() -> Self {
        Self {
            agencies: &["police", "council"],
            quota_per_day: 10_000_000,
            universe_records: 20_000,
            round_interval_ms: 300,
            push_interval_ms: 200,
            second_step: false,
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
        let (ports, quota) = (free_ports()?.to_string(), plan.quota_per_day.to_string());
        let (agencies, universe) = (plan.agencies.join(","), plan.universe_records.to_string());
        let holders = HOLDERS.join(",");
        let mut args = vec![
            "init",
            "partnership",
            "--dir",
            &place,
            "--holders",
            &holders,
            "--agencies",
            &agencies,
            "--port",
            &ports,
            "--quota-per-day",
            &quota,
            "--universe-records",
            &universe,
        ];
        args.extend((!plan.second_step).then_some("--no-second-step"));
        town.sanctuary(&args)?;
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
        Self::found_with(plan, |town| town.start("hub"))
    }

    /// As [`Town::found`], with a hub that `start_hub` runs in its own way.
    ///
    /// # Errors
    /// As [`Town::found`].
    pub fn found_with(
        plan: &Plan<'_>,
        start_hub: impl FnOnce(&mut Self) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let mut town = Self::plan(plan)?;
        let place = town.place();
        for holder in HOLDERS {
            town.start(holder)?;
        }
        for class in ["person", "identifier"] {
            town.ceremony(class, 1)?;
        }
        start_hub(&mut town)?;
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

    /// Puts lines before all others of a party's configuration, where no table has begun yet; they count from
    /// its next start.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn prepend(&self, party: &str, lines: &str) -> anyhow::Result<()> {
        let path = self.config(party);
        let text = std::fs::read_to_string(&path)?;
        std::fs::write(&path, format!("{lines}{text}"))?;
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
